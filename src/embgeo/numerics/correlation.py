"""Cosines of pairs of rows, and correlations between two lists of numbers."""

from __future__ import annotations

import numpy as np

from embgeo.numerics.dtypes import F64, Ids, shortest
from embgeo.numerics.kernels import Matrix

AT_ONCE = 4096  # pairs


def cosines_of(matrix: Matrix, pairs: Ids) -> F64:
    """Cosines [pairs] of pairs of rows [pairs, 2], in float64."""
    found = np.empty(len(pairs))
    for at in range(0, len(pairs), AT_ONCE):
        a, b = (matrix.take(pairs[at : at + AT_ONCE, side]) for side in (0, 1))  # [AT_ONCE, dims] each
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        found[at : at + AT_ONCE] = (a * b).sum(axis=1) / lengths
    return found


def pearson(x: F64, y: F64) -> float | None:
    """Pearson's correlation; None below two values, or where one side doesn't vary."""
    if len(x) < 2 or x.min() == x.max() or y.min() == y.max():
        return None
    return shortest(float(_deviations(x) @ _deviations(y)))


def _deviations(values: F64) -> F64:
    """Values that vary, less their mean, as a vector of length 1."""
    scaled = values / np.abs(values).max()  # lest sums and squares leave float64's range
    found = scaled - scaled.mean()
    unit: F64 = found / np.linalg.norm(found)
    return unit


def ranks(values: F64) -> F64:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)  # the highest rank of each distinct value
    result: F64 = (last - (count - 1) / 2)[place.ravel()]
    return result
