"""The part of a vector inside the subspace that directions span, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.models.model import Model
from embgeo.numerics import subspace
from embgeo.numerics.dtypes import CANCELLATION, F64, shortest
from embgeo.numerics.objectives import Objective
from embgeo.numerics.subspace import orthonormal
from embgeo.questions.direction import Direction, from_text
from embgeo.questions.points import Point, TermLike
from embgeo.questions.ranking import ListOptions, nearest
from embgeo.questions.rows import about, read_only, space_of
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.neighbors_without import NeighborsWithout
from embgeo.results.project import Component, Projection

Directions = Sequence["TermLike | Direction"]


class Parts(NamedTuple):
    """A point and its two parts: inside the subspace that directions span, and outside it.

    Attributes:
        axes: dimensions of the subspace.
        inside, outside: [dims] the two parts.
    """

    point: Point
    directions: list[Direction]
    axes: int
    inside: F64
    outside: F64
    notes: tuple[str, ...]

    @property
    def share(self) -> float:
        """The part inside as a share of the squared length, from 0 to 1."""
        return float(self.inside @ self.inside) / self.point.norm**2  # [dims] @ [dims]


def project(model: Model, term: TermLike, onto: Directions, *, multi: str = "mean") -> Projection:
    """The part of a term's vector that lies along directions, or in the subspace that several span.

    Raises:
        TermError: the model has no vector for a term, or a vector has no direction.
        UsageError: no directions, or a file that can't be read.
        FormatError: a file holds no direction.
    """
    split = split_along(model, term, onto, multi)
    return projection(model, "project", split, split.inside)


def neighbors_without(
    model: Model, term: TermLike, without: Directions, objective: Objective, options: ListOptions, *,
    unit: bool, keep_inputs: bool,
) -> NeighborsWithout:  # fmt: skip
    """The tokens nearest to what is left of a term without its part along directions.

    Only the query changes (Bolukbasi et al. 2016 call it neutralizing); the rows stay as they are.

    Raises:
        TermError: nothing is left of the term, and as `project`.
    """
    split = split_along(model, term, without, options.multi, unit=unit)
    if np.linalg.norm(split.outside) <= CANCELLATION * split.point.added:
        named = ", ".join(f"'{direction.name}'" for direction in split.directions)
        raise TermError(f"nothing is left of '{split.point.term.term}' without {named}")
    found = nearest(model, split.outside, split.point.ids, objective, options, keep_inputs=keep_inputs)
    return NeighborsWithout(
        **about(model, "neighbors", split.notes), query=split.point.query(unit=unit), metric=objective.name,
        **found, without=tuple(direction.name for direction in split.directions),
        share=shortest(split.share),
    )  # fmt: skip


def split_along(model: Model, term: TermLike, texts: Directions, multi: str, *, unit: bool = False) -> Parts:
    """A term's vector, and its parts inside the subspace of directions and outside it; errors as in `project`."""
    if not texts:
        raise UsageError("project needs a direction", 'As in: embgeo project queen --onto "woman - man"')
    point = read_term(model, term, multi=multi, unit=unit)
    point.check_direction()
    directions = [text if isinstance(text, Direction) else from_text(model, text, multi=multi) for text in texts]
    basis = orthonormal(np.concatenate([direction.axes for direction in directions]))  # [axes, dims]
    notes = [note for direction in directions for note in direction.notes]
    notes += term_notes([point], multi)
    inside, outside = subspace.project(point.vector, basis), subspace.reject(point.vector, basis)  # [dims] each
    return Parts(point, directions, len(basis), inside, outside, tuple(dict.fromkeys(notes)))


def projection(model: Model, command: str, split: Parts, part: F64) -> Projection:
    """The answer of `project` or `reject`, with one of the two parts as its values."""
    point = split.point
    lengths = (float(np.linalg.norm(split.inside)), float(np.linalg.norm(split.outside)))
    return Projection(
        **about(model, command, split.notes), query=point.query(), axes=split.axes,
        components=tuple(part for direction in split.directions for part in _components(point, direction)),
        norm=shortest(point.norm), inside=shortest(lengths[0]), outside=shortest(lengths[1]),
        share=shortest(split.share), values=read_only(part), parts=point.parts, added=point.added,
        space=space_of(model),
    )  # fmt: skip


def _components(point: Point, direction: Direction) -> list[Component]:
    dots = direction.axes @ point.vector  # [components, dims] @ [dims] -> [components]
    coordinates = dots / np.linalg.norm(direction.axes, axis=1)  # [components]
    return [
        Component(
            direction=direction.name, number=number, dot=shortest(dot), coordinate=shortest(coordinate),
            cosine=shortest(coordinate / point.norm),
        )
        for number, (dot, coordinate) in enumerate(zip(dots, coordinates, strict=True), 1)
    ]  # fmt: skip
