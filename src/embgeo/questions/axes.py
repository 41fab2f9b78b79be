"""Axes of the space with the pairs that they were learned from, and words along them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, shortest
from embgeo.questions.terms import Point
from embgeo.results.direction import WordScore


@dataclass(frozen=True, slots=True)
class Axes:
    """One or more axes of the space, and the pairs that they were learned from.

    Attributes:
        name: as people call it.
        axes: [components, dims]; for the method `mean` the raw mean difference of the pairs, first minus second.
        shares: [components] of the pairs' variance (`pca`), or empty.
        pairs: as vectors; empty for a direction that was given or read as it is.
        method: as in `subspace.learn`; empty for a direction that was not learned.
        multi: how words of several tokens are read.
        notes: on where it came from.
        ids: the rows that it was made of, which its ends leave out.
    """

    model: Model
    name: str
    axes: F64
    shares: F64
    pairs: tuple[tuple[Point, Point], ...] = ()
    method: str = ""
    multi: str = "mean"
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

    def score_of(self, point: Point) -> WordScore:
        """One term along the direction."""
        dot = float(point.vector @ self.vector)  # [dims] @ [dims]
        cosine = dot / (point.norm * self.norm) if point.norm > 0 else 0.0
        return WordScore(term=point.term.term, tokens=point.term.tokens, dot=shortest(dot), cosine=shortest(cosine))


def order_of(dots: list[float]) -> str:
    """How numbers run: `increasing`, `decreasing`, or `none` (also for fewer than two)."""
    steps = [after - before for before, after in itertools.pairwise(dots)]
    if steps and all(step > 0 for step in steps):
        return "increasing"
    return "decreasing" if steps and all(step < 0 for step in steps) else "none"
