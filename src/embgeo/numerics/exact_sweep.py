"""The best rows of each vector by their exact cosines, in one pass, however many rows tie.

Products in float64 settle almost all cosines once they are rounded to float32, as scores are; the others are scored one
by one. A 64-bit key holds a score and the row's place counted from the end, so that the lower row comes first among
equals. Only the best keys so far are kept in memory.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from embgeo.numerics.batches import Batch, Pairs
from embgeo.numerics.dtypes import F32, F64, Ids
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.rescoring import exact_scores
from embgeo.numerics.subspace import unit
from embgeo.numerics.units import MIN_SAFE_LENGTH, double_error, rows_at_once

Keys = NDArray[np.uint64]
SIGN: Final = np.uint32(1 << 31)
MAX_PLACES: Final = np.uint64((1 << 32) - 1)  # the most places
BITS: Final = np.uint64(32)
UNKNOWN_ERROR: Final = 3.0  # more than two cosines can differ


def exact_sweep(matrix: Matrix, batch: Batch, ids: Ids, take: int) -> Pairs:
    """The `take` rows with the highest exact score for each question, the lower first among equals; in no order.

    Args:
        batch: questions of one vector each.
        ids: [rows] the rows to look at, rising; each has a direction.
    """
    units = unit(batch.vectors[batch.terms[:, 0]])  # [questions, dims]
    best = np.zeros((len(units), take), np.uint64)  # [questions, take] keys, in no order; 0 is none
    step = rows_at_once(len(units), len(ids), 1)
    for at in range(0, len(ids), step):
        lowest = _scores(best.min(axis=1))  # [questions]
        open_ = np.flatnonzero(lowest < 1)  # no score is higher than 1
        if not len(open_):
            break
        some = ids[at : at + step]
        low, high = _bounds(units[open_], matrix, some)  # [open, step] each
        alive = (high > lowest[open_][:, None]) & (high >= _nth(low, take)[:, None])
        question, place = np.nonzero(alive & (low != high))
        low[question, place] = exact_scores(matrix, batch, open_[question], some[place])
        gains = np.flatnonzero(alive.any(axis=1))
        joined = np.concatenate([best[open_[gains]], _keys(low[gains], at)], axis=1)  # [gains, take + step]
        best[open_[gains]] = np.partition(joined, len(some), axis=1)[:, len(some) :]
    question, place = np.nonzero(best)
    keys = best[question, place]
    return Pairs(question, ids[(MAX_PLACES - (keys & MAX_PLACES)).astype(np.intp)], _scores(keys))


def _bounds(units: F64, matrix: Matrix, ids: Ids) -> tuple[F32, F32]:
    """The lowest and the highest that the score of each vector [vectors, dims] with each row can be [vectors, rows]."""
    cosines = units @ unit(matrix.take(ids)).T  # [vectors, dims] @ [dims, rows]
    error = np.where(matrix.norms[ids] < MIN_SAFE_LENGTH, UNKNOWN_ERROR, double_error(units.shape[1]))  # [rows]
    return (cosines - error).astype(np.float32), (cosines + error).astype(np.float32)


def _nth(values: F32, n: int) -> F32:
    """The n-th highest value of each line [lines]; the lowest where a line is shorter."""
    rest = max(0, values.shape[1] - n)
    nth: F32 = np.partition(values, rest, axis=1)[:, rest]
    return nth


def _keys(scores: F32, start: int) -> Keys:
    """Keys [lines, rows] that rise with the score, and fall with the place of the row, which begins at `start`."""
    bits = (scores + np.float32(0)).view(np.uint32)  # without -0
    rising = np.where(bits & SIGN, ~bits, bits | SIGN)
    places = MAX_PLACES - np.arange(start, start + scores.shape[1], dtype=np.uint64)
    keys: Keys = (rising.astype(np.uint64) << BITS) | places
    keys[np.isnan(scores)] = 0
    return keys


def _scores(keys: Keys) -> F32:
    """The scores of keys; -inf for none."""
    rising = (keys >> BITS).astype(np.uint32)
    bits = np.where(rising & SIGN, rising ^ SIGN, ~rising)
    return np.where(keys > 0, bits.view(np.float32), np.float32(-np.inf))
