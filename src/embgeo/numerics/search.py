"""Exact search: the best rows of a mapped matrix by any objective, in one pass and without a copy.

A fast kernel gives every row a score and a bound on its error. Rows whose upper bound reaches the k-th best lower bound
are the candidates; they are scored again in float64 from the file's own numbers. So the answer is that of exact
arithmetic, whatever the dtype and the kernel: scores are rounded to float32 once, at the end, and equal scores are
ordered by id.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F32, F64, Ids, Mask
from embgeo.numerics.kernels import Matrix, products
from embgeo.numerics.objectives import COSINE, Objective

SCORING_CHUNK = 4096  # candidates scored at a time
MIN_FLOAT32_LENGTH = 1e-25  # below this length, float32 products could vanish: such rows are always scored exactly


class Hits(NamedTuple):
    """The best rows in order: ids [k] and scores [k]."""

    ids: Ids
    scores: F32 | F64


class Scan(NamedTuple):
    """Bounds on every row's score for one query, after one pass over the matrix.

    Attributes:
        low, high: [rows] the score lies between them; both -inf for rows without a score.
    """

    matrix: Matrix
    vectors: F64
    objective: Objective
    low: F64
    high: F64

    def best(self, k: int, allowed: Mask | None = None, fold: Ids | None = None) -> Hits:
        """The k best rows.

        Args:
            k: how many; fewer if fewer are allowed.
            allowed: [rows] rows that can be in the answer.
            fold: [rows] rows with the same number count as one; only the best of them is listed.
        """
        if k <= 0:
            return Hits(np.empty(0, np.intp), np.empty(0, np.float32))
        low = self.low if allowed is None else np.where(allowed, self.low, -np.inf)
        candidates = (self.high >= _threshold(low, k, fold)) & (self.high > -np.inf)
        ids = np.flatnonzero(candidates if allowed is None else candidates & allowed)
        scores = self.score(ids)
        finite = np.isfinite(scores)  # a product with a finite row can still overflow
        ids, scores = ids[finite], scores[finite]
        order = np.lexsort((ids, -scores))
        if fold is not None:
            _, first = np.unique(fold[ids[order]], return_index=True)
            order = order[np.sort(first)]
        return Hits(ids[order[:k]], scores[order[:k]])

    def score(self, ids: Ids) -> F32 | F64:
        """Exact scores [ids], rounded to float32 unless one overflows it; NaN for rows without a score."""
        parts = [ids[at : at + SCORING_CHUNK] for at in range(0, len(ids), SCORING_CHUNK)] or [ids]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            exact = np.concatenate([self.objective.exact(self.matrix.take(part), self.vectors) for part in parts])
            rounded = exact.astype(np.float32)
        return exact if (np.isinf(rounded) & np.isfinite(exact)).any() else rounded

    def rank(self, token: int, allowed: Mask | None = None, fold: Ids | None = None) -> int:
        """The place (from 1) that a row would have in the list of all allowed rows.

        Args:
            token: the row's number.
            allowed, fold: as in `best`.
        """
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
        ahead = np.zeros(int(fold.max()) + 1, np.bool_)  # [groups]
        ahead[fold[better]] = True
        ahead[fold[token]] = False
        return 1 + int(np.count_nonzero(ahead))


def scan(matrix: Matrix, vectors: F64, objective: Objective = COSINE) -> Scan:
    """Bound every row's score for one query.

    Args:
        vectors: [vectors, dims] the query, as the objective takes it; finite, and not zero if it needs a direction.
    """
    low, high = _bounds(matrix, vectors, objective)
    missing = ~np.isfinite(matrix.norms)
    if objective.needs_direction:
        missing |= matrix.norms == 0
    low[missing] = high[missing] = -np.inf
    return Scan(matrix, vectors, objective, low, high)


def _bounds(matrix: Matrix, vectors: F64, objective: Objective) -> tuple[F64, F64]:
    """Bounds [rows] on every row's score; infinite where only an exact score can tell."""
    estimate = objective.estimate
    if estimate is None:
        return np.full(len(matrix.norms), -np.inf), np.full(len(matrix.norms), np.inf)
    dots, error = products(matrix, vectors)  # [vectors, rows], [vectors]
    lengths = np.linalg.norm(vectors, axis=1)  # [vectors]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        reach = (error * lengths)[:, None] * matrix.norms  # [vectors, 1] * [rows] -> [vectors, rows]
        low, high = (
            _bound(lambda moved: estimate(moved, matrix.norms, lengths), objective.signs, dots, reach, way)
            for way in (-1, 1)
        )
    # A product that overflowed in float32 proves nothing, even if the score is finite: 3CosMul's is from 0 to 1e6.
    unsure = ~(np.isfinite(low) & np.isfinite(high) & np.isfinite(dots).all(axis=0))
    unsure |= (matrix.norms > 0) & (matrix.norms < MIN_FLOAT32_LENGTH)
    low[unsure], high[unsure] = -np.inf, np.inf
    return low, high


def corners(signs: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The directions in which to move each product to raise the score most; several where a sign is 0."""
    return list(itertools.product(*((sign,) if sign else (1, -1) for sign in signs)))


def _bound(estimate: Callable[[F64], F64], signs: tuple[int, ...], dots: F64, reach: F64, way: int) -> F64:
    steps = (way * np.array(corner, np.float64)[:, None] for corner in corners(signs))  # [vectors, 1] each
    moved = (dots + reach * step for step in steps)  # [vectors, rows] each
    scores = [estimate(products) for products in moved]
    bound = scores[0] if len(scores) == 1 else way * np.max([way * score for score in scores], axis=0)
    rounding = np.abs(bound)
    rounding *= way * 2.0**-23  # what rounding a score to float32 can change
    return bound + rounding


def _threshold(low: F64, k: int, fold: Ids | None) -> float:
    """The k-th best lower bound, counting each fold once; -inf if there are fewer."""
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
