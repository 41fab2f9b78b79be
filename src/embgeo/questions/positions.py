"""Positions: the vectors that a model adds to its tokens' vectors to encode their place in the text.

For models that learn a vector for each position (Radford et al. 2018; Devlin et al. 2019). The first layer receives the
sum of token and position; a note says what else the model applies.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from embgeo.errors import Report, TermError, UsageError, is_whole, silent
from embgeo.models.architectures import is_normalized
from embgeo.models.choice import EMBEDDING, POSITION, POSITIONS
from embgeo.models.model import Model
from embgeo.models.sides import side_of
from embgeo.numerics.dtypes import Ids, shortest
from embgeo.numerics.kernels import pieces
from embgeo.numerics.objectives import COSINE
from embgeo.numerics.parallelogram import cosine_of
from embgeo.numerics.search import scan
from embgeo.questions.axes import order_of
from embgeo.questions.points import Point, TermLike
from embgeo.questions.ranking import ListOptions, check_count, nearest
from embgeo.questions.rows import about, identity, listable, read_only
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.base import Term
from embgeo.results.positions import DistanceCosines, PositionLength, Positions, TokenAtPosition

NORMALIZED: Final = (
    "before its first layer the model also normalizes this sum, and BERT models add a segment vector: not done here"
)


def positions(model: Model, report: Report = silent) -> Positions:
    """Lengths of a model's position vectors, and their cosines by distance; see `EmbeddingSpace.positions`."""
    places, rows = position_rows(model, report)
    norms = places.weights.norms[rows]  # [positions]
    finite = np.flatnonzero(np.isfinite(norms))
    if not len(finite):
        raise TermError(f"no position of '{places.manifest.model}' has a finite vector")
    low, high = finite[norms[finite].argmin()], finite[norms[finite].argmax()]
    steps = [2**power for power in range(len(rows).bit_length()) if 2**power < len(rows)]
    apart = tuple(filter(None, (_cosines_at_distance(places, rows, step) for step in steps)))
    manifest = places.manifest
    return Positions(
        **about(places, "positions"), tensor=manifest.tensor, positions=len(rows),
        dimensions=manifest.shape[1], offset=int(rows[0]), norm=shortest(float(norms[finite].mean())),
        shortest=PositionLength(position=int(low), norm=shortest(float(norms[low]))),
        longest=PositionLength(position=int(high), norm=shortest(float(norms[high]))),
        norms=tuple(shortest(float(norm)) if np.isfinite(norm) else None for norm in norms), apart=apart,
        order=order_of([one.cosine for one in apart]),
    )  # fmt: skip


def token_at_position(
    model: Model, term: TermLike, at: int = 0, k: int = 10, *,
    raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean", report: Report = silent,
) -> TokenAtPosition:  # fmt: skip
    """A term's vector at a position, and the tokens nearest to the sum by cosine; see `EmbeddingSpace.positions`."""
    check_count(k)
    model, places = _tokens_and_positions(model, report)
    point = read_term(model, term, multi=multi)
    row = _row(places, at)
    place = places.weights.take(np.array([row]))[0]  # [dims]
    token = places.manifest.scale * point.vector  # [dims]
    total = token + place  # [dims]
    token_norm, place_norm, norm = (float(np.linalg.norm(vector)) for vector in (token, place, total))
    whole = Point(Term(f"{point.term.term} at {at}", 1.0, ()), total, norm, point.parts, point.added + place_norm)
    whole.check_direction()
    options = ListOptions(k, raw, words, multi, pieces)
    found = nearest(model, total, point.ids, COSINE, options)
    listed = [token.id for token in found["results"]]
    return TokenAtPosition(
        **identity(model), command="positions", notes=_notes(model, places, point, multi),
        query=point.query(), metric=COSINE.name, **found,
        tensor=places.manifest.tensor, position=at, row=row, scale=shortest(places.manifest.scale),
        token_norm=shortest(token_norm), position_norm=shortest(place_norm), norm=shortest(norm),
        between=shortest(cosine_of(token, place)), cosine=shortest(cosine_of(total, token)),
        kept=_in_both(listed, _alone(model, point, options), options.fold(model)),
        values=read_only(total),
    )  # fmt: skip


def position_rows(model: Model, report: Report = silent) -> tuple[Model, Ids]:
    """A model's position embedding, if it stores one, and its rows [positions] in order."""
    places = _places(model, report)
    return places, _rows(places)


def _tokens_and_positions(model: Model, report: Report) -> tuple[Model, Model]:
    places = _places(model, report)
    if model.manifest.side == POSITION:
        model = side_of(places, EMBEDDING, report)
    if model.manifest.row_transform:
        raise UsageError(
            f"{model.manifest.row_transform} has moved the rows", "Positions are added to the model's own rows."
        )
    if model.weights.shape[1] != places.weights.shape[1]:
        widths = f"{model.weights.shape[1]:,} and {places.weights.shape[1]:,}"
        raise TermError(
            f"tokens and positions of '{model.manifest.model}' have {widths} dimensions",
            "The model projects its tokens before it adds positions; embgeo does not.",
        )
    return model, places


def _places(model: Model, report: Report) -> Model:
    if model.manifest.side == POSITION:
        return dataclasses.replace(model, side_note="")
    return side_of(model, POSITIONS, report)


def _rows(places: Model) -> Ids:
    """The rows [positions] of positions, in order."""
    return np.flatnonzero(listable(places, []))


def _row(places: Model, at: int) -> int:
    if not is_whole(at, 0):
        raise UsageError(f"invalid position '{at}'", "Positions are counted from 0.")
    rows = _rows(places)
    if at >= len(rows):
        raise TermError(
            f"'{places.manifest.model}' has no position {at}", f"Its positions go from 0 to {len(rows) - 1}."
        )
    return int(rows[at])


def _cosines_at_distance(places: Model, rows: Ids, distance: int) -> DistanceCosines | None:
    """The cosines of all pairs of positions at a distance; None if no pair has directions."""
    cosines = []
    for part in pieces(len(rows) - distance, 16 * places.weights.shape[1]):
        first = places.weights.take(rows[part])  # [piece, dims]
        second = places.weights.take(rows[part.start + distance : part.stop + distance])  # [piece, dims]
        lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)  # [piece]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            cosines.append((first * second).sum(axis=1) / lengths)
    every = np.concatenate(cosines)  # [pairs]
    found = every[np.isfinite(every)]
    if not len(found):
        return None
    return DistanceCosines(
        distance=distance, pairs=len(found), cosine=shortest(float(found.mean())),
        lowest=shortest(float(found.min())), highest=shortest(float(found.max())),
    )  # fmt: skip


def _alone(model: Model, point: Point, options: ListOptions) -> list[int]:
    """The rows listed for a term without a position; none if its vector has no direction."""
    if not point.norm:
        return []
    search = scan(model.searchable(), point.vector[None, :], COSINE)  # [1, dims]
    found: list[int] = search.best(options.k, options.listable(model, point.ids), options.fold(model)).ids.tolist()
    return found


def _in_both(first: list[int], second: list[int], fold: Ids | None) -> int:
    """How many rows of one list the other has too, or a variant of them."""
    one, other = (set(rows if fold is None else fold[rows].tolist()) for rows in (first, second))
    return len(one & other)


def _notes(model: Model, places: Model, point: Point, multi: str) -> tuple[str, ...]:
    split = [part for part in point.parts if len(part.tokens) > 1]
    several = ("in a text each of these tokens has its own position",) if split else ()
    normalized = (NORMALIZED,) if is_normalized(places.manifest.tensor) else ()
    both = (*places.notes, *model.notes)
    return tuple(dict.fromkeys((*both, *term_notes([point], multi), *several, *normalized)))
