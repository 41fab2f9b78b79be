"""Moments of a mapped matrix's rows and of the same rows at length 1, in one pass over blocks, in float64.

Blocks are joined by the update of Chan, Golub & LeVeque (1983, Algorithms for computing the sample variance): each is
centered on its own mean before it is squared, so that a mean far longer than the spread costs no digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, UsageError, silent
from embgeo.numerics.dtypes import F64, Mask, to_float64
from embgeo.numerics.kernels import PIECE_BYTES, Matrix

MAX_DIMENSIONS: Final = 20_000  # 3.2 GB for each of two matrices


class Moments(NamedTuple):
    """Mean and covariance of rows as a whole population.

    Attributes:
        rows: how many.
        mean: [dims]; zeros without any row.
        covariance: [dims, dims], divided by the number of rows (not by one less).
    """

    rows: int
    mean: F64
    covariance: F64


class UnitMoments(NamedTuple):
    """Moments of the rows that are not zero, scaled to length 1.

    Attributes:
        rows: how many.
        mean: [dims]; zeros without any row.
        squares: [dims] the mean of the squared coordinates.
    """

    rows: int
    mean: F64
    squares: F64


class RunningMoments:
    """Moments of the rows added so far; two matrices [dims, dims] in memory, whatever the number of rows.

    Raises:
        UsageError: more than `MAX_DIMENSIONS`.
    """

    def __init__(self, dims: int) -> None:
        if dims > MAX_DIMENSIONS:
            size = f"{8 * dims**2 / 1e9:,.0f} GB"
            raise UsageError(
                f"rows of {dims:,} numbers have a covariance of {size}",
                f"At most {MAX_DIMENSIONS:,} dimensions are measured; `embgeo info` counts rows of any length.",
            )
        self._count = 0
        self._mean = np.zeros(dims)
        self._scatter = np.zeros((dims, dims))  # sum of (row - mean) (row - mean)^T
        self._product = np.empty((dims, dims))

    def add(self, block: F64) -> None:
        """Add a block [rows, dims] of finite numbers."""
        count = self._count + len(block)
        if not len(block):
            return
        middle = block.mean(axis=0)  # [dims]
        centered = block - middle  # [rows, dims]
        np.matmul(centered.T, centered, out=self._product)  # [dims, rows] @ [rows, dims]
        self._scatter += self._product
        step = middle - self._mean
        np.multiply.outer(step, step * (self._count * len(block) / count), out=self._product)  # [dims, dims]
        self._scatter += self._product
        self._mean += step * (len(block) / count)
        self._count = count

    def moments(self) -> Moments:
        """The moments of all rows added."""
        return Moments(self._count, self._mean.copy(), self._scatter / max(1, self._count))


class RunningUnitMoments:
    """Moments of the rows added so far at length 1."""

    def __init__(self, dims: int) -> None:
        self._count = 0
        self._sums = np.zeros((2, dims))  # of the coordinates, of their squares

    def add(self, block: F64, norms: F64) -> None:
        """Add a block [rows, dims] of finite numbers with its lengths [rows]; zero rows don't count."""
        has_direction = norms > 0
        if not has_direction.all():
            block, norms = block[has_direction], norms[has_direction]
        units = block / norms[:, None]  # [rows, dims]
        self._sums[0] += units.sum(axis=0)
        self._sums[1] += np.einsum("rd,rd->d", units, units)
        self._count += len(block)

    def moments(self) -> UnitMoments:
        """The moments of all rows added."""
        return UnitMoments(self._count, *(self._sums / max(1, self._count)))


def blocks(matrix: Matrix) -> Iterator[slice]:
    """Slices that cover all rows: about `PIECE_BYTES` in float64, and at least as many rows as dimensions."""
    rows, dims = matrix.shape
    step = max(dims, PIECE_BYTES // (8 * max(1, dims)), 1)
    return (slice(at, min(at + step, rows)) for at in range(0, rows, step))


def moments(matrix: Matrix, counted: Mask | None = None, report: Report = silent) -> Moments:
    """Mean and covariance of the rows, in one pass.

    Args:
        counted: [rows] which rows count; rows with NaN or infinity never do.
        report: called with the number of rows done.
    """
    running = RunningMoments(matrix.shape[1])
    for block, _ in _counted_blocks(matrix, counted, report):
        running.add(block)
    return running.moments()


def moments_and_units(matrix: Matrix, counted: Mask, report: Report = silent) -> tuple[Moments, UnitMoments]:
    """`moments`, and those of the same rows at length 1, in the same pass."""
    running, units = RunningMoments(matrix.shape[1]), RunningUnitMoments(matrix.shape[1])
    for block, norms in _counted_blocks(matrix, counted, report):
        running.add(block)
        units.add(block, norms)
    return running.moments(), units.moments()


def _counted_blocks(matrix: Matrix, counted: Mask | None, report: Report) -> Iterator[tuple[F64, F64]]:
    """The rows that count [block, dims] and their lengths [block], a block at a time."""
    finite = np.isfinite(matrix.norms)
    mask = finite if counted is None else counted & finite
    for part in blocks(matrix):
        block, inside = np.asarray(matrix.rows[part]), mask[part]
        yield to_float64(block if inside.all() else block[inside], matrix.dtype), matrix.norms[part][inside]
        report("Mean and covariance", part.stop, matrix.shape[0], "rows")
