"""Mean and covariance of a mapped matrix's rows, in one pass over blocks, in float64.

Blocks are joined by the update of Chan, Golub & LeVeque (1983, Algorithms for computing the sample variance): each is
centred on its own mean before it is squared, so that a mean far longer than the spread costs no digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import Report, silent
from embgeo.numerics.dtypes import F64, to_float64
from embgeo.numerics.kernels import PIECE_BYTES, Matrix


class Moments(NamedTuple):
    """Of rows taken as a whole population.

    Attributes:
        rows: how many.
        mean: [dims]; zeros where there is no row.
        covariance: [dims, dims], divided by the number of rows (not by one less).
    """

    rows: int
    mean: F64
    covariance: F64


class Running:
    """Moments of the rows that have gone by so far; holds two matrices [dims, dims], whatever the number of rows."""

    def __init__(self, dims: int) -> None:
        self._count = 0
        self._mean = np.zeros(dims)
        self._scatter = np.zeros((dims, dims))  # sum of (row - mean) (row - mean)^T
        self._room = np.empty((dims, dims))

    def add(self, block: F64) -> None:
        """Take in a block [rows, dims] of finite numbers."""
        count = self._count + len(block)
        if not len(block):
            return
        middle = block.mean(axis=0)  # [dims]
        centred = block - middle  # [rows, dims]
        np.matmul(centred.T, centred, out=self._room)  # [dims, rows] @ [rows, dims]
        self._scatter += self._room
        step = middle - self._mean
        np.multiply.outer(step, step * (self._count * len(block) / count), out=self._room)  # [dims, dims]
        self._scatter += self._room
        self._mean += step * (len(block) / count)
        self._count = count

    def moments(self) -> Moments:
        """What has gone by."""
        return Moments(self._count, self._mean.copy(), self._scatter / max(1, self._count))


def blocks(matrix: Matrix) -> Iterator[slice]:
    """Slices that cover all rows: about `PIECE_BYTES` in float64, and at least as many rows as dimensions."""
    rows, dims = matrix.shape
    step = max(dims, PIECE_BYTES // (8 * max(1, dims)), 1)
    return (slice(at, min(at + step, rows)) for at in range(0, rows, step))


def moments(matrix: Matrix, keep: NDArray[np.bool_] | None = None, report: Report = silent) -> Moments:
    """Mean and covariance of the rows, in one pass.

    Args:
        keep: [rows] which rows count; rows that hold NaN or infinity never do.
        report: told how many rows are done.
    """
    good = np.isfinite(matrix.norms) if keep is None else keep & np.isfinite(matrix.norms)
    running = Running(matrix.shape[1])
    for part in blocks(matrix):
        running.add(to_float64(np.asarray(matrix.rows[part])[good[part]], matrix.dtype))  # [block, dims]
        report("Mean and covariance", part.stop, matrix.shape[0], "rows")
    return running.moments()
