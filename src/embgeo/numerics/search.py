"""Exact search: the best rows of a mapped matrix by any objective, in one pass and without a copy.

A fast kernel gives every row a score and a bound on its error. Rows whose upper bound reaches the k-th best lower bound
are the candidates; they are scored again in float64 from the file's own numbers. So the answer is that of exact
arithmetic, whatever the dtype and the kernel: scores are rounded to float32 once, at the end, and equal scores stand in
the order of their ids.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from embgeo.errors import check_choice
from embgeo.numerics.dtypes import F32, F64, Ids, Mask
from embgeo.numerics.kernels import Matrix, products

CHUNK = 4096  # candidates scored at a time
FAINT = 1e-25  # below this length, float32 products could vanish: such rows are always scored exactly


class Objective(NamedTuple):
    """What makes a row good: higher is better, in each product rising or falling throughout.

    Attributes:
        name: as people ask for it.
        signs: [vectors] +1 where the score rises with the product, -1 where it falls, 0 where the others decide that.
        combine: (products [vectors, rows], row norms [rows], vector norms [vectors]) -> scores [rows]
        exact: (rows [rows, dims], vectors [vectors, dims]) -> scores [rows]
        needs_direction: rows of length zero have no score.
    """

    name: str
    signs: tuple[int, ...]
    combine: Callable[[F64, F64, F64], F64]
    exact: Callable[[F64, F64], F64]
    needs_direction: bool


class Hits(NamedTuple):
    """Rows found, the best first: ids [k] and scores [k]."""

    ids: Ids
    scores: F32 | F64


def _dots(rows: F64, vectors: F64) -> F64:
    # Summed row by row, not by BLAS, whose order of addition depends on a row's place: equal rows score equally.
    return np.array([(rows * vector).sum(axis=1) for vector in vectors])  # -> [vectors, rows]


def _cosines(dots: F64, norms: F64, lengths: F64) -> F64:
    return dots / (norms * lengths[:, None])  # [vectors, rows] / ([rows] * [vectors, 1])


def _exact_cosines(rows: F64, vectors: F64) -> F64:
    norms: F64 = np.sqrt((rows * rows).sum(axis=1))
    return _cosines(_dots(rows, vectors), norms, np.linalg.norm(vectors, axis=1))


def _exact_distance(rows: F64, vectors: F64) -> F64:
    squares: F64 = ((rows - vectors[0]) ** 2).sum(axis=1)
    return -np.sqrt(squares)


def _distance(dots: F64, norms: F64, lengths: F64) -> F64:
    squares: F64 = np.maximum(norms**2 + lengths[0] ** 2 - 2 * dots[0], 0)
    return -np.sqrt(squares)


COSINE = Objective(
    "cosine", (1,), lambda dots, norms, lengths: _cosines(dots, norms, lengths)[0],
    lambda rows, vectors: _exact_cosines(rows, vectors)[0], True,
)  # fmt: skip
DOT = Objective("dot", (1,), lambda dots, norms, lengths: dots[0], lambda rows, vectors: _dots(rows, vectors)[0], False)
EUCLIDEAN = Objective("euclidean", (1,), _distance, _exact_distance, False)
METRICS = {objective.name: objective for objective in (COSINE, DOT, EUCLIDEAN)}


def metric_named(name: str) -> Objective:
    """The objective of a metric.

    Raises:
        UsageError: an unknown metric.
    """
    check_choice("metric", name, METRICS)
    return METRICS[name]


def of_cosines(name: str, signs: tuple[int, ...], score: Callable[[F64], F64]) -> Objective:
    """An objective that is a function of a row's cosines with the vectors.

    Args:
        signs: as in `Objective`.
        score: (cosines [vectors, rows]) -> scores [rows]
    """
    return Objective(
        name, signs, lambda dots, norms, lengths: score(_cosines(dots, norms, lengths)),
        lambda rows, vectors: score(_exact_cosines(rows, vectors)), True,
    )  # fmt: skip


def cosmul_of(cosines: Sequence[F64] | F64, signs: tuple[int, ...]) -> F64:
    """3CosMul (Levy & Goldberg 2014): the product of (1 + cos) / 2 over the + vectors, by that over the - vectors.

    Args:
        cosines: an array for each vector.
        signs: +1 or -1 for each vector.
    """
    halves = [(1 + np.clip(cosine, -1, 1)) / 2 for cosine in cosines]
    above, below = ([half for half, sign in zip(halves, signs, strict=True) if sign == way] for way in (1, -1))
    ratio: F64 = math.prod(above[1:], start=above[0]) / (math.prod(below[1:], start=below[0]) + 1e-6)
    return ratio


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over the matrix for one question: bounds on every row's score, from which any list can be drawn.

    Attributes:
        low, high: [rows] the score lies between them; -inf both for rows that have none.
    """

    matrix: Matrix
    vectors: F64
    objective: Objective
    low: F64
    high: F64

    def best(self, k: int, allowed: Mask | None = None, fold: Ids | None = None) -> Hits:
        """The k best rows.

        Args:
            k: how many; fewer come back where fewer are allowed.
            allowed: [rows] rows that may be answered.
            fold: [rows] rows with the same number count as one, its best row stands for all.
        """
        high = self.high if allowed is None else np.where(allowed, self.high, -np.inf)
        low = self.low if allowed is None else np.where(allowed, self.low, -np.inf)
        if k <= 0:
            return Hits(np.empty(0, np.intp), np.empty(0, np.float32))
        found = np.flatnonzero((high >= _threshold(low, k, fold)) & (high > -np.inf))
        scores = self.score(found)
        found, scores = _keep_numbers(found, scores)
        order = np.lexsort((found, -scores))
        if fold is not None:
            _, first = np.unique(fold[found[order]], return_index=True)
            order = order[np.sort(first)]
        return Hits(found[order[:k]], scores[order[:k]])

    def score(self, ids: Ids) -> F32 | F64:
        """Exact scores [ids], rounded to float32 if its range holds them all; NaN where a row has none."""
        parts = [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)] or [ids]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            exact = np.concatenate([self.objective.exact(self.matrix.take(part), self.vectors) for part in parts])
            rounded = exact.astype(np.float32)
        return exact if (np.isinf(rounded) & np.isfinite(exact)).any() else rounded

    def rank(self, token: int, allowed: Mask | None = None, fold: Ids | None = None) -> int:
        """The place (from 1) that a row would have in the list of all allowed rows."""
        score = float(self.score(np.array([token]))[0])
        margin = abs(score) * 1e-6
        unsure = np.flatnonzero((self.high >= score - margin) & (self.low <= score + margin))
        score, *others = self.score(np.append(token, unsure)).tolist()  # at once, so that all are rounded alike
        exact = np.array(others)
        better = self.low > score + margin
        better[unsure] = (exact > score) | ((exact == score) & (unsure < token))
        if allowed is not None:
            better &= allowed
        if fold is None:
            return 1 + int(np.count_nonzero(better))
        groups = np.unique(fold[better])
        return 1 + int(np.count_nonzero(groups != fold[token]))


def scan(matrix: Matrix, vectors: F64, objective: Objective = COSINE) -> Scan:
    """Bound every row's score for one question.

    Args:
        vectors: [vectors, dims] what the objective compares rows with; finite, and not zero where it needs a direction.
    """
    dots, error = products(matrix, vectors)  # [vectors, rows], [vectors]
    lengths = np.linalg.norm(vectors, axis=1)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        reach = error[:, None] * lengths[:, None] * matrix.norms  # [vectors, rows]
        low, high = (_bound(objective, dots, way * reach, matrix.norms, lengths, way) for way in (-1, 1))
    # A product that overflowed in float32 says nothing, though a score may hide that: 3CosMul's lies between 0 and 1e6.
    unsure = ~(np.isfinite(low) & np.isfinite(high) & np.isfinite(dots).all(axis=0))
    unsure |= (matrix.norms > 0) & (matrix.norms < FAINT)
    low[unsure], high[unsure] = -np.inf, np.inf
    missing = ~np.isfinite(matrix.norms)
    if objective.needs_direction:
        missing |= matrix.norms == 0
    low[missing] = high[missing] = -np.inf
    return Scan(matrix, vectors, objective, low, high)


def corners(signs: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Ways to move each product that can raise the score most; several where a sign is 0."""
    return list(itertools.product(*((sign,) if sign else (1, -1) for sign in signs)))


def _bound(objective: Objective, dots: F64, reach: F64, norms: F64, lengths: F64, way: int) -> F64:
    moved = (dots + reach * np.array(corner, np.float64)[:, None] for corner in corners(objective.signs))
    scores = [objective.combine(products, norms, lengths) for products in moved]
    return _rounded(scores[0] if len(scores) == 1 else way * np.max([way * score for score in scores], axis=0), way)


def _rounded(scores: F64, way: int) -> F64:
    """Bounds moved outwards by what rounding a score to float32 can change."""
    return scores + way * (np.abs(scores) * 2.0**-23)


def _keep_numbers(ids: Ids, scores: F32 | F64) -> tuple[Ids, F32 | F64]:
    # A finite row can still overflow a product; it has no place in an order.
    real = np.isfinite(scores)
    return (ids, scores) if real.all() else (ids[real], scores[real])


def _threshold(low: F64, k: int, fold: Ids | None) -> float:
    """The k-th best lower bound, counting each fold once; -inf where there are fewer."""
    rows = len(low)
    take = k if fold is None else 4 * k + 64
    while take < rows:
        top = np.argpartition(low, rows - take)[rows - take :]
        if fold is None:
            return float(low[top].min())
        order = top[np.argsort(-low[top])]
        _, first = np.unique(fold[order], return_index=True)
        if len(first) >= k:
            return float(low[order[np.sort(first)[k - 1]]])
        take *= 4
    return -np.inf
