"""A vector along directions, and what is left of it without them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.models.model import CANCELLED, Embedding, Point
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.subspace import orthonormal, project, reject
from embgeo.questions.direction import Direction, from_text
from embgeo.questions.neighbors import check_count, metric_named, nearest
from embgeo.results.base import Query
from embgeo.results.project import Component, NeighboursWithout, Projection

Directions = Sequence[str | Direction]


class Split(NamedTuple):
    """A point and its two parts [dims]: in the subspace that the directions span, and outside."""

    point: Point
    directions: list[Direction]
    axes: int
    inside: F64
    outside: F64
    notes: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the squared length, what lies inside."""
        return float(self.inside @ self.inside) / self.point.norm**2  # [dims] @ [dims]


def projected(space: Embedding, term: str, onto: Directions, *, multi: str = "mean") -> Projection:
    """The part of a term's vector that lies along directions, or in the subspace that several span.

    Args:
        term: a term or an expression.
        onto: each `@FILE`, an expression such as `cats - cat`, or a `Direction`.
        multi: as in `neighbours`.

    Raises:
        TermError: the model has no vector for a term, or a direction is none.
        UsageError, FormatError: no directions, or a file that holds none.
    """
    split = _split(space, term, onto, multi)
    return _answer(space, "project", split, split.inside)


def rejected(space: Embedding, term: str, without: Directions, *, multi: str = "mean") -> Projection:
    """What is left of a term's vector without its part along directions; the arguments are those of `projected`."""
    split = _split(space, term, without, multi)
    return _answer(space, "reject", split, split.outside)


def neighbours_without(
    space: Embedding, term: str, without: Directions, k: int = 10, *,
    metric: str = "cosine", raw: bool = False, words: bool = False, multi: str = "mean",
) -> NeighboursWithout:  # fmt: skip
    """The tokens nearest to what is left of a term without its part along directions.

    The query alone is changed (Bolukbasi et al. 2016 call that neutralising it); the rows stay as they are.

    Args:
        without: as `onto` in `projected`.
        k, metric, raw, words, multi: as in `neighbours`.

    Raises:
        TermError: nothing is left, and as `projected`.
    """
    objective = metric_named(metric)
    check_count(k)
    split = _split(space, term, without, multi)
    if np.linalg.norm(split.outside) <= CANCELLED * split.point.added:
        raise TermError(f"nothing is left of '{term}' without {_named(split.directions)}")
    results = nearest(space, split.outside, split.point.ids, k, objective, raw=raw, words=words)
    manifest = space.manifest
    return NeighboursWithout(
        "neighbors", manifest.model, manifest.revision, manifest.dtype, split.notes,
        Query(term, split.point.parts), metric, results,
        tuple(direction.name for direction in split.directions), shortest(split.share), transform=manifest.transform,
    )  # fmt: skip


def _split(space: Embedding, term: str, texts: Directions, multi: str) -> Split:
    if not texts:
        raise UsageError("a projection takes a direction", 'As in: embgeo project queen --onto "woman - man"')
    point = space.point(term, multi=multi)
    point.unit()
    directions = [from_text(space, text, multi=multi) if isinstance(text, str) else text for text in texts]
    basis = orthonormal(np.concatenate([direction.axes for direction in directions]))  # [axes, dims]
    notes = [*space.notes, *(note for direction in directions for note in direction.notes)]
    notes += space.split_notes([point], multi)
    inside, outside = project(point.vector, basis), reject(point.vector, basis)  # [dims] each
    return Split(point, directions, len(basis), inside, outside, tuple(dict.fromkeys(notes)))


def _answer(space: Embedding, command: str, split: Split, part: F64) -> Projection:
    manifest = space.manifest
    point = split.point
    lengths = (float(np.linalg.norm(split.inside)), float(np.linalg.norm(split.outside)))
    return Projection(
        command, manifest.model, manifest.revision, manifest.dtype, split.notes,
        Query(point.term.term, point.parts), split.axes,
        tuple(part for direction in split.directions for part in _components(point, direction)),
        shortest(point.norm), shortest(lengths[0]), shortest(lengths[1]), shortest(split.share),
        tuple(shortest(value) for value in part), transform=manifest.transform,
    )  # fmt: skip


def _components(point: Point, direction: Direction) -> list[Component]:
    dots = direction.axes @ point.vector  # [components, dims] @ [dims] -> [components]
    coordinates = dots / np.linalg.norm(direction.axes, axis=1)  # [components]
    return [
        Component(direction.name, number, shortest(dot), shortest(coordinate), shortest(coordinate / point.norm))
        for number, (dot, coordinate) in enumerate(zip(dots, coordinates, strict=True), 1)
    ]


def _named(directions: list[Direction]) -> str:
    return ", ".join(f"'{direction.name}'" for direction in directions)
