"""Cosines of vectors with the rows of a matrix, a block of rows at a time, with a bound on their error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embgeo.numerics.dtypes import F64, ROUNDOFF, Ids, Mask, to_float32, to_float64
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.subspace import unit

VECTOR_BATCH: Final = 1024  # multiplied with a block of rows at a time
BLOCK_NUMBERS: Final = 2 << 20  # in a block of cosines [vectors, rows]: 8 MB
MAX_BLOCK_ROWS: Final = 8192
SAFE_LENGTHS: Final = (1e-18, 1e18)  # lengths of rows that float32 can divide by
MIN_SAFE_LENGTH: Final = 1e-140  # squares of shorter rows lose digits


def rows_with_direction(matrix: Matrix, allowed: Mask) -> Ids:
    """The numbers of the allowed rows that have a direction."""
    norms = matrix.norms
    return np.flatnonzero(allowed & np.isfinite(norms) & (norms > 0))


def rows_at_once(vectors: int, rows: int, group: int) -> int:
    """The number of rows of a block, a multiple of `group`."""
    step = min(MAX_BLOCK_ROWS, max(group, BLOCK_NUMBERS // max(1, vectors))) // group * group
    return max(group, min(step, -(-rows // group) * group))


def cosine_blocks(
    matrix: Matrix, vectors: F64, ids: Ids, group: int, *, double: bool = False
) -> tuple[float, Iterator[tuple[Ids, NDArray[Any]]]]:
    """The cosines of vectors with some rows, a block of rows at a time.

    In float32 the error is the rounding of a vector and its row, the row's division by its length, and the sum of n
    products (see `kernels.products`).

    Args:
        vectors: [vectors, dims]
        ids: [rows] some of `rows_with_direction`, rising.
        group: the number of columns is a multiple of it; those after the last row hold zeros.
        double: in float64; NaN for rows so short that their length has lost digits.

    Returns:
        A bound on the error; the rows [at most columns] and cosines [vectors, columns] of each block. The array is
        overwritten by the next block.
    """
    exact, dims = unit(vectors), vectors.shape[1]  # [vectors, dims]
    if double:
        return double_error(dims), _blocks(matrix, exact, ids, group)
    units = exact.astype(np.float32)
    n = (dims + 8) * ROUNDOFF
    return float(np.linalg.norm(units - exact, axis=1).max() + n / (1 - n)), _blocks(matrix, units, ids, group)


def double_error(dims: int) -> float:
    """A bound on the difference of a float64 product of units and the cosine by `cosines_between`.

    Each of the two differs from the true one by at most (2 dims + 4) u with u = 2^-53: dims u from the sum of products,
    and (dims / 2 + 2) u from each length and its division. A score from the cosines with several vectors and their
    shares in the sum of them (`analogies.sum_queries`) adds at most (dims + 8) u for each.
    """
    return (8 * dims + 64) * 2.0**-53


def _blocks(matrix: Matrix, units: NDArray[Any], ids: Ids, group: int) -> Iterator[tuple[Ids, NDArray[Any]]]:
    step = rows_at_once(len(units), len(ids), group)
    block = np.zeros((step, matrix.shape[1]), units.dtype)  # [step, dims]
    cosines = np.empty((len(units), step), units.dtype)
    for at in range(0, len(ids), step):
        fill_with_units(block, matrix, ids[at : at + step])
        yield ids[at : at + step], np.matmul(units, block.T, out=cosines)  # [vectors, dims] @ [dims, step]


def fill_with_units(block: NDArray[Any], matrix: Matrix, ids: Ids) -> None:
    """Fill a block [step, dims] with these rows at length 1, and with zeros after the last.

    Args:
        ids: at most `step` of `rows_with_direction`, in order.
    """
    run = slice(int(ids[0]), int(ids[-1]) + 1)
    which = run if run.stop - run.start == len(ids) else ids
    rows, norms, part = np.asarray(matrix.rows[which]), matrix.norms[which], block[: len(ids)]  # [ids, dims], [ids]
    if block.dtype == np.float32 and ((norms > SAFE_LENGTHS[0]) & (norms < SAFE_LENGTHS[1])).all():
        np.multiply(to_float32(rows, matrix.dtype), (1 / norms).astype(np.float32)[:, None], out=part)
    else:
        part[:] = to_float64(rows, matrix.dtype) / norms[:, None]
    if block.dtype == np.float64:
        part[norms < MIN_SAFE_LENGTH] = np.nan
    block[len(ids) :] = 0
