"""Points between two terms, and the tokens near each."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from embgeo.errors import TermError, UsageError, is_whole
from embgeo.models.model import Model
from embgeo.numerics.analogies import sum_queries
from embgeo.numerics.dtypes import CANCELLATION, F64, shortest
from embgeo.numerics.interpolation import SMALL_ANGLE, angle_between, spherical, straight
from embgeo.numerics.objectives import COSINE
from embgeo.numerics.subspace import unit
from embgeo.questions.batch_lists import best_hits, excluded_inputs, input_scores, listed_rows
from embgeo.questions.points import Point, TermLike, rows_of
from embgeo.questions.ranking import BestTokens, ListOptions, check_count, nearest, ranked
from embgeo.questions.rows import about
from embgeo.questions.terms import read_terms, term_notes
from embgeo.results.between import Between, BetweenPoint

MAX_POINTS: Final = 1000  # points


def between(
    model: Model, a: TermLike, b: TermLike, steps: int = 3, k: int = 3, *, straight_line: bool = False,
    raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
) -> Between:  # fmt: skip
    """The tokens nearest to points on the way from a to b, found in one pass; see `EmbeddingSpace.between`."""
    if not is_whole(steps, 1, MAX_POINTS):
        raise UsageError(f"can't take {steps} steps", f"--steps takes a whole number from 1 to {MAX_POINTS:,}.")
    check_count(k)
    points = read_terms(model, (a, b), multi=multi)
    angle = _angle(*points)
    shares = np.arange(1, steps + 1) / (steps + 1)  # [steps]
    path = straight if straight_line else spherical
    vectors = path(points[0].vector, points[1].vector, shares)  # [steps, dims]
    if not (np.linalg.norm(vectors, axis=1) > CANCELLATION * sum(point.added for point in points)).all():
        raise TermError(f"the straight line from {_named(points)} goes through zero", "Leave out --straight.")
    ends = unit(np.stack([point.vector for point in points]))  # [2, dims]
    cosines = unit(vectors) @ ends.T  # [steps, dims] @ [dims, 2]
    options = ListOptions(k, raw, words, multi, pieces)
    lists = _lists(model, vectors, rows_of(points), options)
    return Between(
        **about(model, "between", term_notes(points, multi)), terms=(points[0].term, points[1].term),
        path="straight" if straight_line else "spherical", angle=shortest(math.degrees(angle)),
        points=tuple(
            BetweenPoint(shortest(share), (shortest(first), shortest(second)), found["results"], found["excluded"])
            for share, (first, second), found in zip(shares, cosines, lists, strict=True)
        ),
        pieces=options.lists_pieces(model),
    )  # fmt: skip


def _angle(a: Point, b: Point) -> float:
    """The angle of two terms in radians."""
    a.check_direction()
    b.check_direction()
    angle = angle_between(a.vector, b.vector)
    if math.pi - angle < SMALL_ANGLE:
        raise TermError(f"{_named([a, b])} are opposed, so that every way around is as short")
    return angle


def _named(points: list[Point]) -> str:
    first, second = (point.term.term for point in points)
    return f"'{first}' to '{second}'"


def _lists(model: Model, vectors: F64, inputs: list[int], options: ListOptions) -> list[BestTokens]:
    """The tokens nearest to each vector [points, dims] by cosine; a list that folds to too few words is made alone."""
    shows = options.lists_pieces(model)
    if options.k == 0:
        return [BestTokens(results=(), excluded=(), pieces=shows)] * len(vectors)
    batch = sum_queries(vectors)
    every = [inputs] * len(vectors)
    scores, fold = input_scores(model, batch, every), options.fold(model)
    return [
        nearest(model, vector, inputs, COSINE, options)
        if rows is None
        else BestTokens(
            results=ranked(model, best_hits(rows), raw=options.raw), pieces=shows,
            excluded=excluded_inputs(model, inputs, own, rows, fold),
        )
        for vector, own, rows in zip(vectors, scores, listed_rows(model, batch, every, options), strict=True)
    ]  # fmt: skip
