"""The tokens of another model that are nearest to a term of this one, through a rotation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from embgeo.errors import FormatError, TermError, UsageError
from embgeo.formats.map_file import SavedMap, SpaceReference, read
from embgeo.models.choice import Choice
from embgeo.models.control import control
from embgeo.models.model import Model, check_is_model
from embgeo.models.open import open_model
from embgeo.models.reference import BUNDLED
from embgeo.numerics.dtypes import F64
from embgeo.numerics.names import LAYER_PREFIX, parse_control, without_control
from embgeo.numerics.objectives import COSINE
from embgeo.numerics.procrustes import rotation
from embgeo.questions.aligned import cross_of_units, space_reference
from embgeo.questions.layer_space import layer_space
from embgeo.questions.neighbors import as_sequence
from embgeo.questions.points import Point, TermLike
from embgeo.questions.ranking import ListOptions, check_count, nearest
from embgeo.questions.rows import about, identity
from embgeo.questions.shared_words import MIN_SHARED, MatchedWords, shared_words
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.neighbors_across import NeighborsAcross
from embgeo.results.other_space import OtherSpace

if TYPE_CHECKING:
    from embgeo.questions.direction import Direction


class SpaceRotation(NamedTuple):
    """A map between two spaces.

    Attributes:
        end: the model that it leads to.
        rotation: [p, q]
        fitted: how many words it was fitted on.
        file: where it was saved; empty for one that was fitted now.
        notes: on its origin.
    """

    end: Model
    rotation: F64
    fitted: int
    file: str
    notes: tuple[str, ...]


def neighbors_across(
    model: Model, term: TermLike, options: ListOptions, *, to: Model | None, through: str | os.PathLike[str] | None,
    metric: str, without: TermLike | Direction | Sequence[TermLike | Direction], unit: bool, keep_inputs: bool,
) -> NeighborsAcross:  # fmt: skip
    """The k tokens of another model nearest to a term's vector, rotated into its space; see `EmbeddingSpace.neighbors`.

    Raises:
        TermError: the model has no vector for the term, the models share too few words, or the map has another shape.
        UsageError: the map can't be read, a negative k, a metric other than `cosine`, or an option that means nothing
            in another space.
    """
    check_count(options.k)
    if to is not None:
        check_is_model(to)
    if metric != COSINE.name or len(as_sequence(without)) or keep_inputs:
        hint = "Omit --metric, --without and --keep-inputs with --to or --through."
        raise UsageError("another space is searched by cosine", hint)
    point = read_term(model, term, multi=options.multi, unit=unit)
    point.check_direction()
    way = _saved(model, to, os.fspath(through)) if through else _fitted(model, to, point)
    vector = point.vector @ way.rotation  # [p] @ [p, q] -> [q]
    if not np.linalg.norm(vector) > 0:
        raise TermError(f"nothing of '{point.term.term}' is left in {way.end.manifest.model}")
    found = nearest(way.end, vector, [], COSINE, options)
    others = (note for note in way.end.notes if note not in model.notes)
    notes = (*others, *way.notes, *term_notes([point], options.multi))
    return NeighborsAcross(
        **about(model, "neighbors", notes), query=point.query(unit=unit), metric=COSINE.name, **found,
        to=OtherSpace(**identity(way.end)), fitted=way.fitted, through=way.file,
    )  # fmt: skip


def _fitted(model: Model, to: Model | None, point: Point) -> SpaceRotation:
    """The rotation of all shared words but the term's own, in any spelling."""
    if to is None:
        raise UsageError("no space to go to", "Name a model with --to, or a saved map with --through.")
    matched = shared_words(model, to)
    fold = model.vocabulary.table.fold
    own = np.isin(fold[matched.first], fold[point.ids])
    fit = MatchedWords(matched.first[~own], matched.second[~own], *matched[2:])
    if len(fit.first) < MIN_SHARED:
        raise TermError(f"only {len(fit.first)} words are left to fit a rotation on")
    without = f", without '{point.term.term}'" if own.any() else ""
    note = f"the rotation into {to.manifest.model} is fitted on {len(fit.first):,} shared words{without}"
    dims = max(model.weights.shape[1], to.weights.shape[1])
    few = f"fewer words than the {dims:,} dimensions: the rotation knows only what they span"
    notes = (note, few) if len(fit.first) < dims else (note,)
    return SpaceRotation(to, rotation(cross_of_units(model, to, fit)), len(fit.first), "", notes)


def _saved(model: Model, to: Model | None, through: str) -> SpaceRotation:
    """A map from a file, and the model that it leads to."""
    saved = read(Path(through.removeprefix("@")))
    end = _opened(saved.end) if to is None else to
    shape = model.weights.shape[1], end.weights.shape[1]
    if saved.rotation.shape != shape:
        sizes = "{} to {} dimensions".format(*saved.rotation.shape)
        raise TermError(f"the map in '{through}' leads from {sizes}, and these have {shape[0]} and {shape[1]}")
    return SpaceRotation(end, saved.rotation, saved.fitted, through, _origin(saved, model, end, through))


def _origin(saved: SavedMap, model: Model, end: Model, through: str) -> tuple[str, ...]:
    """A note for each end of a map that it wasn't fitted on."""
    ends = ((saved.start, space_reference(model), "from"), (saved.end, space_reference(end), "to"))
    return tuple(
        f"'{through}' leads {way} {_distinct_text(there, here)}, and is used {way} {_distinct_text(here, there)}"
        for there, here, way in ends
        if there != here
    )


def _distinct_text(space: SpaceReference, other: SpaceReference) -> str:
    """A space as a note names it: with its tensor where nothing else tells it from the other."""
    return f"{space.text} (tensor {space.tensor})" if space.text == other.text else space.text


def _opened(space: SpaceReference) -> Model:
    """The space that a file names: a matrix, or the words of a layer, as it is, transformed, or a control of it.

    A matrix that was chosen by its tensor's name is opened by that name, and any other by its side: tensors that are
    found by a side may be stored ready for use, and a named one is prepared anew.

    Raises:
        as `open_model`, `layer_space` and `control`; FormatError: an unknown control.
    """
    revision = None if space.model == BUNDLED else space.revision or None
    choice, how = Choice(space.side or "input"), without_control(space.transform)
    layer = how.removeprefix(LAYER_PREFIX)
    is_layer = layer != how and layer.isascii() and layer.isdigit()
    transform = how if how and not is_layer else None
    model = open_model(space.model, revision, choice=choice, transform=transform)
    if space.tensor and not is_layer and model.manifest.tensor != space.tensor:
        choice = Choice(tensor=space.tensor)
        model = open_model(space.model, revision, choice=choice, transform=transform)
    if is_layer:
        model = layer_space(model, int(layer))
    try:
        found = parse_control(space.transform)
    except ValueError:
        raise FormatError(f"the map leads to an unknown space, '{space.transform}'", "Save the map again.") from None
    return control(model, *found) if found else model
