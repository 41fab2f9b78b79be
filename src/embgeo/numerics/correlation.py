"""Cosines of pairs of rows, and correlations between two lists of numbers."""

from __future__ import annotations

import numpy as np

from embgeo.numerics.dtypes import F64, Ids, shortest
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.subspace import unit

BLOCK_PAIRS = 4096  # pairs


def cosines_of(matrix: Matrix, pairs: Ids) -> F64:
    """Cosines [pairs] of pairs of rows [pairs, 2], in float64."""
    cosines = np.empty(len(pairs))
    for at in range(0, len(pairs), BLOCK_PAIRS):
        first, second = (matrix.take(pairs[at : at + BLOCK_PAIRS, side]) for side in (0, 1))  # [block, dims] each
        cosines[at : at + BLOCK_PAIRS] = cosines_between(first, second)
    return cosines


def cosines_between(first: F64, second: F64) -> F64:
    """Cosines [..., pairs] of each vector [..., pairs, dims] with its partner; NaN where one of them is zero."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
        # Not by BLAS, whose order of addition depends on a row's place: equal rows score equally.
        cosines: F64 = (first * second).sum(axis=-1) / lengths
    return cosines


def pearson(x: F64, y: F64) -> float | None:
    """Pearson's correlation of x and y [values]; None below two values, or where one of them doesn't vary."""
    if len(x) < 2 or x.min() == x.max() or y.min() == y.max():
        return None
    return shortest(float(_deviations(x) @ _deviations(y)))


def _deviations(values: F64) -> F64:
    """Values that vary, minus their mean, as a vector of length 1."""
    scaled = values / np.abs(values).max()  # so that sums and squares don't overflow
    return unit(scaled - scaled.mean())


def ranks(values: F64) -> F64:
    """Ranks from 1 [values]; equal values share the mean of their ranks."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)  # the highest rank of each distinct value
    result: F64 = (last - (count - 1) / 2)[place.ravel()]
    return result
