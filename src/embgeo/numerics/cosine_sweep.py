"""The pairs of a vector and a row whose float32 cosine could be among the vector's best, in one pass over some rows.

A block of cosines is cut into groups of rows. The best rows of the groups seen so far give a floor under the k-th best
cosine; a group whose best row can't reach it is skipped. Cosines are compared in float32 with a margin for its error,
so that no row is lost. Where thousands of rows lie within that margin, the vector is set aside as crowded: its pairs
are not kept, so that memory stays bounded.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.batches import Pairs
from embgeo.numerics.dtypes import F32, F64, Ids, Mask
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.units import cosine_blocks, rows_at_once

GROUP_ROWS: Final = 32  # rows under one maximum
FLOAT32_ROUNDING: Final = 2.0**-22  # by which rounding to float32, here and of the score, can change a cosine
MIN_CROWD: Final = 256  # pairs of a question from which it pays to look for equal rows
MAX_PENDING: Final = 1 << 20  # pairs that are kept before crowded vectors are looked for


class Sweep(NamedTuple):
    """The result of a pass.

    Attributes:
        pairs: those that could be among the best; none of crowded vectors.
        floor: [vectors] a row that is in no pair has a lower cosine.
        margin: the largest error of a float32 cosine.
        crowded: [vectors] which have too many pairs.
    """

    pairs: Pairs
    floor: F64
    margin: float
    crowded: Mask


def sweep(matrix: Matrix, vectors: F64, ids: Ids, take: int) -> Sweep:
    """The rows that could be among the `take` best of each vector.

    Args:
        vectors: [vectors, dims]
        ids: [rows] the rows to look at, rising; each has a direction.
    """
    error, blocks = cosine_blocks(matrix, vectors, ids, GROUP_ROWS)
    margin = error + FLOAT32_ROUNDING
    group = GROUP_ROWS if 2 * take <= rows_at_once(len(vectors), len(ids), GROUP_ROWS) // GROUP_ROWS else 1
    tops = np.full((len(vectors), take), -np.inf, np.float32)  # the best of different groups
    found = PendingPairs(len(vectors), take, MAX_PENDING)
    for some, cosines in blocks:
        cosines[:, len(some) :] = -np.inf
        grouped = cosines.reshape(len(vectors), group, -1)  # row r of the block is in group r % groups
        best = grouped.max(axis=1) if group > 1 else cosines  # [vectors, groups]
        tops = _highest(np.concatenate([tops, best], axis=1), take)
        bounds = lowest_useful(tops, margin, found.crowded)
        question, place = np.nonzero(best >= bounds[:, None])
        rows = grouped[question, :, place]  # [pairs, group]
        pair, inside = np.nonzero(rows >= bounds[question][:, None])
        found.add(Pairs(question[pair], some[place[pair] + best.shape[1] * inside], rows[pair, inside]))
        if found.is_full:
            found.make_room(bounds)
        if found.crowded.all():
            break
    pairs = found.joined(lowest_useful(tops, margin, found.crowded))
    return Sweep(pairs, tops.min(axis=1).astype(np.float64) - margin, margin, found.crowded)


class PendingPairs:
    """Pairs that could still be among the best, and the questions that have too many of them.

    Args:
        questions: how many there are.
        take: how many rows each looks for.
        least: pairs that there is room for at least.
    """

    def __init__(self, questions: int, take: int, least: int) -> None:
        self.crowded = np.zeros(questions, bool)  # [questions]
        self._limit = max(least, 4 * take * questions)
        self._most = max(2 * take, self._limit // (4 * max(1, questions)))  # of a question when room is scarce
        self._parts = [Pairs(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.float32))]
        self._count = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to make room."""
        return self._count > self._limit

    def add(self, pairs: Pairs) -> None:
        """Keep more pairs."""
        self._parts.append(pairs)
        self._count += len(pairs.row)

    def make_room(self, bounds: F32) -> None:
        """Drop the pairs below their question's bound [questions], and the longest lists if that isn't enough."""
        kept = self.joined(bounds)
        if len(kept.row) > self._limit // 2:
            self.crowded |= np.bincount(kept.question, minlength=len(self.crowded)) > self._most
            kept = kept.where(~self.crowded[kept.question])
        self._parts, self._count = [kept], len(kept.row)

    def joined(self, bounds: F32) -> Pairs:
        """All pairs with a cosine of at least their question's bound [questions]."""
        pairs = Pairs.joined(self._parts)
        return pairs.where(pairs.score >= bounds[pairs.question])


def lowest_useful(tops: F32, margin: float, crowded: Mask) -> F32:
    """The lowest cosine [questions] that can still belong among the best; above the -inf that fills a block.

    Args:
        tops: [questions, take] the best of different groups.
        crowded: [questions] infinite for these.
    """
    lowest = np.maximum(tops.min(axis=1).astype(np.float64) - 2 * margin, -2)
    below = np.nextafter(lowest.astype(np.float32), np.float32(-np.inf))
    bounds: F32 = np.where(crowded, np.float32(np.inf), below)
    return bounds


def _highest(values: F32, take: int) -> F32:
    """The `take` highest values of each line [lines, take], in no order."""
    rest = values.shape[1] - take
    chosen: F32 = np.partition(values, rest, axis=1)[:, rest:]
    return chosen
