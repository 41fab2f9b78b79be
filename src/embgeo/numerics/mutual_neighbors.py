"""The candidates for the nearest rows of every row, with half the products: each cosine serves both of its rows.

Two blocks of rows are multiplied once, and the product is searched by its lines and by its columns. As in
`cosine_sweep`, the best rows of groups give a floor under each row's k-th best cosine, and cosines are compared in
float32 with a margin for its error. Crowded rows are set aside for `batch_neighbors`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final

import numpy as np

from embgeo.errors import Report, silent
from embgeo.numerics.batches import Candidates, Pairs
from embgeo.numerics.cosine_sweep import FLOAT32_ROUNDING, MIN_CROWD, PendingPairs, lowest_useful
from embgeo.numerics.dtypes import F32, ROUNDOFF, Ids, Mask
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.units import fill_with_units

BLOCK_ROWS: Final = 1024  # rows; a multiple of each of the GROUPS
GROUPS: Final = (32, 8, 2)  # rows under one maximum, the more the faster; a longer list needs more groups
MAX_PENDING: Final = 1 << 22  # pairs that are kept before those below the floor are dropped


class MutualPairs:
    """The pairs of rows that could be among each other's nearest.

    Attributes:
        crowded: [rows] which have too many; their pairs are not kept.
    """

    def __init__(self, rows: Ids, pairs: Pairs, margin: float, crowded: Mask) -> None:
        self.crowded = crowded
        self._rows, self._margin = rows, margin
        self._pairs = pairs.where(np.argsort(pairs.question, kind="stable"))

    def candidates(self, start: int, stop: int) -> Candidates:
        """The candidates of the rows from place `start` to before `stop`; none is left out."""
        own = slice(*np.searchsorted(self._pairs.question, [start, stop]))
        exact = self._pairs.score[own].astype(np.float64)
        return Candidates(
            start, stop, self._pairs.question[own] - start, self._rows[self._pairs.row[own]], exact - self._margin,
            exact + self._margin, np.zeros(len(exact), bool), np.full(stop - start, -np.inf),
        )  # fmt: skip


def mutual_pairs(matrix: Matrix, rows: Ids, k: int, report: Report = silent) -> MutualPairs:
    """The pairs that could be among the k nearest other rows of each row.

    Args:
        rows: [rows] numbers of rows that have a direction, rising.
        report: called with the share of the cosines searched, as a number of rows.
    """
    found = _PairFinder(len(rows), k, _cosine_error(matrix.shape[1]))
    starts = range(0, len(rows), BLOCK_ROWS)
    lines, columns = (np.zeros((BLOCK_ROWS, matrix.shape[1]), np.float32) for _ in range(2))  # [block, dims]
    cosines = np.empty((BLOCK_ROWS, BLOCK_ROWS), np.float32)
    done, total = 0, len(starts) * (len(starts) + 1) // 2
    with ThreadPoolExecutor(1) as pool:  # NumPy releases Python's lock
        for first in starts:
            fill_with_units(lines, matrix, rows[first : first + BLOCK_ROWS])
            for second in range(first, len(rows), BLOCK_ROWS):
                other = lines
                if second > first:
                    fill_with_units(columns, matrix, rows[second : second + BLOCK_ROWS])
                    other = columns
                np.matmul(lines, other.T, out=cosines)  # [block, dims] @ [dims, block]
                cosines[len(rows) - first :] = -np.inf  # past the last row; nothing where the block is full
                cosines[:, len(rows) - second :] = -np.inf
                if second == first:
                    np.fill_diagonal(cosines, -np.inf)
                    found.by_lines(cosines, first, second)
                else:
                    other_way = pool.submit(found.by_columns, cosines, first, second)
                    found.by_lines(cosines, first, second)
                    other_way.result()
                done += 1
                report("Exact neighbors", len(rows) * done // total, len(rows), "rows")
    pairs = found.pairs()
    crowded = found.crowded | (np.bincount(pairs.question, minlength=len(rows)) > max(MIN_CROWD, 2 * k))
    return MutualPairs(rows, pairs.where(~crowded[pairs.question]), found.margin, crowded)


def _cosine_error(dims: int) -> float:
    """A bound on the error of a float32 cosine: both rows are rounded, divided and rounded (see `kernels.products`)."""
    n = (dims + 16) * ROUNDOFF
    return float(n / (1 - n)) + FLOAT32_ROUNDING


class _PairFinder:
    """The pairs that could still be among the k nearest, and the floors so far."""

    def __init__(self, rows: int, k: int, margin: float) -> None:
        self.margin = margin
        self._tops = np.full((rows, k), -np.inf, np.float32)  # the best of different groups
        self._waiting = PendingPairs(rows, k, MAX_PENDING)
        self._lock = Lock()  # of both, which the lines and the columns of a product change at once
        self._group = next((group for group in GROUPS if 2 * k <= BLOCK_ROWS // group), 1)

    @property
    def crowded(self) -> Mask:
        """The rows that have too many pairs [rows]."""
        return self._waiting.crowded

    def by_lines(self, cosines: F32, first: int, second: int) -> None:
        """Search a product [block, block] for the rows from `first` on, one per line, among those from `second` on."""
        grouped = cosines.reshape(BLOCK_ROWS, self._group, -1)  # [block, group, groups]: row r is in group r % groups
        self._add(grouped.max(axis=1), lambda question, place: grouped[question, :, place], first, second)

    def by_columns(self, cosines: F32, first: int, second: int) -> None:
        """Search it for the rows from `second` on, one a column, among those from `first` on."""
        grouped = cosines.reshape(self._group, -1, BLOCK_ROWS)  # [group, groups, block]
        best = np.ascontiguousarray(grouped.max(axis=0).T)  # [block, groups]
        self._add(best, lambda question, place: grouped[:, place, question].T, second, first)

    def _add(self, best: F32, rows_of: Callable[[Ids, Ids], F32], start: int, others: int) -> None:
        """Add the pairs of a block that reach the floor.

        Args:
            best: [block, groups] the highest cosine of each group.
            rows_of: (question, place) -> the cosines [pairs, group] of groups.
            start: the place of the first question.
            others: the place of the first row.
        """
        tops = self._tops[start : start + BLOCK_ROWS]
        best = best[: len(tops)]
        better = np.flatnonzero(best.max(axis=1) > tops.min(axis=1))
        joined = np.concatenate([tops[better], best[better]], axis=1)  # [better, k + groups]
        rest = joined.shape[1] - tops.shape[1]
        tops_now = np.partition(joined, rest, axis=1)[:, rest:]
        with self._lock:
            tops[better] = tops_now
        bounds = lowest_useful(tops, self.margin, self.crowded[start : start + BLOCK_ROWS])
        question, place = np.nonzero(best >= bounds[:, None])
        cosines = rows_of(question, place)  # [pairs, group]
        pair, inside = np.nonzero(cosines >= bounds[question][:, None])
        row = others + place[pair] + best.shape[1] * inside
        with self._lock:
            self._waiting.add(Pairs(start + question[pair], row, cosines[pair, inside]))
            if self._waiting.is_full:
                self._waiting.make_room(lowest_useful(self._tops, self.margin, self.crowded))

    def pairs(self) -> Pairs:
        """All pairs that reach the floors so far."""
        return self._waiting.joined(lowest_useful(self._tops, self.margin, self.crowded))
