"""The candidates for the k rows nearest to each of many vectors, in one sweep over the matrix.

A block of cosines is cut into groups of rows. The best rows of the groups seen so far give a floor under the k-th best
cosine; a group whose best row can't reach it is skipped. Cosines are compared in float32 with a margin for its error,
so that no row is lost; `rescoring` then scores the candidates in float64. `batch_search` takes questions that have
several vectors each; for one vector this is faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.batches import Candidates, RowFilter
from embgeo.numerics.dtypes import F32, F64, Ids
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.units import VECTORS, fill_with_units, rows_at_once, unit_vectors, usable_rows

GROUP: Final = 32  # rows under one maximum
MOST_LISTED: Final = 1024  # rows of one list; a block always has more rows
SPARE: Final = 64  # more rows of a list, in place of left-out rows
ROUNDING: Final = 2.0**-22  # by which rounding to float32, here and of the score, can change a cosine


class CosinePairs(NamedTuple):
    """Pairs [pairs] of a question and a row, and their float32 cosines."""

    question: Ids
    row: Ids
    cosine: F32


def nearest_candidates(matrix: Matrix, vectors: F64, limits: RowFilter, k: int) -> Iterator[Candidates]:
    """The candidates for the k rows nearest to each vector, `VECTORS` vectors at a time.

    Args:
        vectors: [questions, dims]
        k: at most `MOST_LISTED`.
    """
    usable = usable_rows(matrix, limits.allowed)
    sizes = np.bincount(limits.group, minlength=1)
    known = np.where(limits.left_out >= 0, sizes[limits.left_out], 0).sum(axis=1)  # [questions]
    for first in range(0, len(vectors), VECTORS):
        stop = min(first + VECTORS, len(vectors))
        take = k + min(SPARE, int(known[first:stop].max(initial=0)))
        (question, row, cosine), floor, room = _sweep(matrix, vectors[first:stop], usable, take)
        left_out = (limits.group[row][:, None] == limits.left_out[first:stop][question]).any(axis=1)
        exact = cosine.astype(np.float64)
        yield Candidates(first, stop, question, row, exact - room, exact + room, left_out, floor)


def _sweep(matrix: Matrix, vectors: F64, usable: Ids, take: int) -> tuple[CosinePairs, F64, float]:
    """The rows that could be among the `take` best of each vector, a floor [vectors] under those, and the error."""
    units, error = unit_vectors(vectors)
    room = error + ROUNDING
    step = rows_at_once(len(units), len(usable), GROUP)
    group = GROUP if 2 * take <= step // GROUP else 1
    block = np.zeros((step, matrix.shape[1]), np.float32)  # [step, dims]
    cosines = np.empty((len(units), step), np.float32)
    tops = np.full((len(units), take), -np.inf, np.float32)  # the best of different groups
    parts = []
    for at in range(0, len(usable), step):
        ids = usable[at : at + step]
        fill_with_units(block, matrix, ids)
        np.matmul(units, block.T, out=cosines)  # [vectors, dims] @ [dims, step]
        cosines[:, len(ids) :] = -np.inf
        grouped = cosines.reshape(len(units), group, -1)  # row r of the block is in group r % groups
        best = grouped.max(axis=1) if group > 1 else cosines  # [vectors, groups]
        tops = _highest(np.concatenate([tops, best], axis=1), take)
        reach = _reach(tops, room)
        question, place = np.nonzero(best >= reach[:, None])
        rows = grouped[question, :, place]  # [pairs, group]
        pair, inside = np.nonzero(rows >= reach[question][:, None])
        parts.append(CosinePairs(question[pair], ids[place[pair] + best.shape[1] * inside], rows[pair, inside]))
    floor = tops.min(axis=1).astype(np.float64) - room
    return _joined(parts, _reach(tops, room)), floor, room


def _joined(parts: list[CosinePairs], reach: F32) -> CosinePairs:
    """All pairs with a cosine of at least their vector's reach [vectors]."""
    question, row = (np.concatenate([np.empty(0, np.intp), *(part[i] for part in parts)]) for i in (0, 1))
    cosine = np.concatenate([np.empty(0, np.float32), *(part.cosine for part in parts)])
    good = cosine >= reach[question]
    return CosinePairs(question[good], row[good], cosine[good])


def _highest(values: F32, take: int) -> F32:
    """The `take` highest values of each line [lines, take], in no order."""
    rest = values.shape[1] - take
    chosen: F32 = np.partition(values, rest, axis=1)[:, rest:]
    return chosen


def _reach(tops: F32, room: float) -> F32:
    """The lowest cosine [vectors] that can still belong among the best; above the -inf that fills a block."""
    lowest = np.maximum(tops.min(axis=1).astype(np.float64) - 2 * room, -2)
    below: F32 = np.nextafter(lowest.astype(np.float32), np.float32(-np.inf))
    return below
