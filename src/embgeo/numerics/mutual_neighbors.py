"""The nearest rows of every row among the same rows, with half the products: a cosine serves both of its rows.

Two blocks of rows are multiplied once, and the product is searched by its lines and by its columns. As in
`batch_neighbors`, the best rows of groups give a floor under each row's k-th best cosine, cosines are compared in
float32 with a margin for its error, and float64 decides where that leaves doubt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, silent
from embgeo.numerics.analogies import sum_queries
from embgeo.numerics.batch_neighbors import ROUNDING
from embgeo.numerics.batches import Candidates
from embgeo.numerics.dtypes import F32, ROUNDOFF, Ids
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.neighbor_lists import in_order, table
from embgeo.numerics.units import fill_with_units

BLOCK: Final = 1024  # rows; a multiple of each of the GROUPS
GROUPS: Final = (32, 8, 2)  # rows under one maximum, the more the faster; a longer list needs more groups
WAITING: Final = 1 << 22  # pairs that are kept before those below the floor are dropped


def mutual_lists(matrix: Matrix, rows: Ids, k: int, report: Report = silent) -> Ids:
    """The k nearest other rows of each row [rows, k], nearest first, as `neighbor_lists` finds them.

    Args:
        rows: [rows] numbers of rows that have a direction, rising; more than k.
        report: called with the number of cosines searched.
    """
    found = _Found(len(rows), k, _room(matrix.shape[1]))
    starts = range(0, len(rows), BLOCK)
    lines, columns = (np.zeros((BLOCK, matrix.shape[1]), np.float32) for _ in range(2))  # [BLOCK, dims]
    cosines = np.empty((BLOCK, BLOCK), np.float32)
    done, total = 0, len(starts) * (len(starts) + 1) // 2
    for first in starts:
        fill_with_units(lines, matrix, rows[first : first + BLOCK])
        for second in range(first, len(rows), BLOCK):
            other = lines
            if second > first:
                fill_with_units(columns, matrix, rows[second : second + BLOCK])
                other = columns
            np.matmul(lines, other.T, out=cosines)  # [BLOCK, dims] @ [dims, BLOCK]
            cosines[len(rows) - first :] = -np.inf  # past the last row; nothing where the block is full
            cosines[:, len(rows) - second :] = -np.inf
            if second == first:
                np.fill_diagonal(cosines, -np.inf)
            else:
                found.by_columns(cosines, first, second)
            found.by_lines(cosines, first, second)
            done += 1
            report("Exact neighbors", done, total, "blocks")
    return _ordered(matrix, rows, found, k)


def _room(dims: int) -> float:
    """A bound on the error of a float32 cosine: both rows are rounded, divided and rounded (see `kernels.products`)."""
    n = (dims + 16) * ROUNDOFF
    return float(n / (1 - n)) + ROUNDING


class _Pairs(NamedTuple):
    """Pairs [pairs] of rows, as places among all, and their float32 cosines."""

    question: Ids
    row: Ids
    cosine: F32


class _Found:
    """The pairs that could still be among the k nearest, and the floors so far."""

    def __init__(self, rows: int, k: int, room: float) -> None:
        self.room = room
        self._tops = np.full((rows, k), -np.inf, np.float32)  # the best of different groups
        self._parts: list[_Pairs] = []
        self._waiting, self._limit = 0, WAITING
        self._group = next((group for group in GROUPS if 2 * k <= BLOCK // group), 1)

    def by_lines(self, cosines: F32, first: int, second: int) -> None:
        """Search a product [BLOCK, BLOCK] for the rows from `first` on, one a line, among those from `second` on."""
        grouped = cosines.reshape(BLOCK, self._group, -1)  # [BLOCK, group, groups]: row r is in group r % groups
        self._add(grouped.max(axis=1), lambda question, place: grouped[question, :, place], first, second)

    def by_columns(self, cosines: F32, first: int, second: int) -> None:
        """Search it for the rows from `second` on, one a column, among those from `first` on."""
        grouped = cosines.reshape(self._group, -1, BLOCK)  # [group, groups, BLOCK]
        best = np.ascontiguousarray(grouped.max(axis=0).T)  # [BLOCK, groups]
        self._add(best, lambda question, place: grouped[:, place, question].T, second, first)

    def _add(self, best: F32, rows_of: Callable[[Ids, Ids], F32], start: int, others: int) -> None:
        """Add the pairs of a block that reach the floor.

        Args:
            best: [BLOCK, groups] the highest cosine of each group.
            rows_of: (question, place) -> the cosines [pairs, group] of groups.
            start: the place of the first question.
            others: the place of the first row.
        """
        tops = self._tops[start : start + BLOCK]
        best = best[: len(tops)]
        better = np.flatnonzero(best.max(axis=1) > tops.min(axis=1))
        joined = np.concatenate([tops[better], best[better]], axis=1)  # [better, k + groups]
        rest = joined.shape[1] - tops.shape[1]
        tops[better] = np.partition(joined, rest, axis=1)[:, rest:]
        reach = _reach(tops, self.room)
        question, place = np.nonzero(best >= reach[:, None])
        cosines = rows_of(question, place)  # [pairs, group]
        pair, inside = np.nonzero(cosines >= reach[question][:, None])
        row = others + place[pair] + best.shape[1] * inside
        self._parts.append(_Pairs(start + question[pair], row, cosines[pair, inside]))
        self._waiting += len(pair)
        if self._waiting > self._limit:
            self._parts = [self.pairs()]
            self._waiting = len(self._parts[0].row)
            self._limit = max(WAITING, 2 * self._waiting)

    def pairs(self) -> _Pairs:
        """All pairs that reach the floors so far."""
        question, row = (np.concatenate([part[i] for part in self._parts]) for i in (0, 1))
        cosine = np.concatenate([part.cosine for part in self._parts])
        good = cosine >= _reach(self._tops, self.room)[question]
        return _Pairs(question[good], row[good], cosine[good])


def _reach(tops: F32, room: float) -> F32:
    """The lowest cosine [rows] that can still belong among the best; above the -inf that fills a block."""
    lowest = np.maximum(tops.min(axis=1).astype(np.float64) - 2 * room, -2)
    below: F32 = np.nextafter(lowest.astype(np.float32), np.float32(-np.inf))
    return below


def _ordered(matrix: Matrix, rows: Ids, found: _Found, k: int) -> Ids:
    """The lists [rows, k] in order, by exact scores where the bounds can't tell."""
    pairs = found.pairs()
    order = np.argsort(pairs.question, kind="stable")
    pairs = _Pairs(pairs.question[order], pairs.row[order], pairs.cosine[order])
    lists = np.empty((len(rows), k), np.intp)
    for start in range(0, len(rows), BLOCK):
        stop = min(start + BLOCK, len(rows))
        own = slice(*np.searchsorted(pairs.question, [start, stop]))
        exact = pairs.cosine[own].astype(np.float64)
        some = Candidates(
            0, stop - start, pairs.question[own] - start, rows[pairs.row[own]], exact - found.room,
            exact + found.room, np.zeros(len(exact), bool), np.full(stop - start, -np.inf),
        )  # fmt: skip
        batch = sum_queries(matrix.take(rows[start:stop]), np.arange(stop - start)[:, None])  # [block, dims]
        ordered, _ = in_order(matrix, batch, some)
        lists[start:stop] = table(ordered.question, ordered.row, stop - start, k)
    return lists
