"""Axes of the space with their training pairs, and the scores of words along them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.objectives import DOT
from embgeo.numerics.search import scan
from embgeo.numerics.significance import percentiles
from embgeo.questions.points import Point
from embgeo.questions.rows import listable
from embgeo.results.direction import WordScore


@dataclass(frozen=True, slots=True)
class Axes:
    """One or more axes of the space, and their training pairs.

    Attributes:
        name: shown as its title, such as `cats - cat` or `12 pairs`.
        axes: [components, dims]; for the method `mean` the raw mean difference of the pairs, first minus second.
        shares: [components] shares of the pairs' variance, from 0 to 1 (`pca`); empty for other methods.
        pairs: the training pairs as vectors; empty for an expression, and for one learned on another model.
        method: as in `subspace.learn`; empty for a direction that was not learned.
        multi: how to read words of several tokens.
        unit: whether the terms of the pairs or the expression were scaled to length 1 first.
        notes: on the origin of the direction.
        ids: the rows of its terms, which `ends` excludes.
    """

    model: Model
    name: str
    axes: F64
    shares: F64
    pairs: tuple[tuple[Point, Point], ...] = ()
    method: str = ""
    multi: str = "mean"
    unit: bool = False
    notes: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()

    @property
    def vector(self) -> F64:
        """The first axis [dims]."""
        first: F64 = self.axes[0]
        return first

    @property
    def norm(self) -> float:
        """Length of the first axis."""
        return float(np.linalg.norm(self.vector))

    def scores_of(self, points: Sequence[Point]) -> tuple[WordScore, ...]:
        """The scores of terms along the direction, with their percentiles if the whole matrix is at hand."""
        if not points:
            return ()
        vectors = np.array([point.vector for point in points])  # [points, dims]
        dots = vectors @ self.vector  # [points, dims] @ [dims]
        places = self._percentiles(vectors) if self.model.has_all_rows else [None] * len(points)
        return tuple(
            WordScore(
                term=point.term.term, tokens=point.term.tokens, dot=shortest(dot), percentile=place,
                cosine=shortest(dot / (point.norm * self.norm) if point.norm > 0 else 0.0),
            )
            for point, dot, place in zip(points, dots.tolist(), places, strict=True)
        )  # fmt: skip

    def _percentiles(self, vectors: F64) -> list[float | None]:
        """The percentiles of vectors [points, dims] along the first axis, computed in one pass over the vocabulary."""
        question = scan(self.model.searchable(), self.vector[None, :], DOT)  # [1, dims]
        along = (vectors * self.vector).sum(axis=1)  # [points, dims] * [dims] -> [points]; added up as the scan does
        with np.errstate(over="ignore"):
            rounded = along.astype(np.float32).astype(np.float64)  # rounded as the scan rounds
        scores = np.where(np.isinf(rounded), along, rounded)  # [points]
        return [shortest(place) for place in percentiles(question, scores, listable(self.model, []))]


def sides(pairs: Sequence[Sequence[Point]]) -> tuple[F64, F64]:
    """The vectors of the first and of the second terms of pairs [pairs, dims]."""
    first, second = (np.array([pair[side].vector for pair in pairs]) for side in (0, 1))
    return first, second


def order_of(dots: list[float]) -> str:
    """Whether numbers are strictly `increasing` or `decreasing`; else, and for fewer than two, `none`."""
    steps = [after - before for before, after in itertools.pairwise(dots)]
    if steps and all(step > 0 for step in steps):
        return "increasing"
    return "decreasing" if steps and all(step < 0 for step in steps) else "none"
