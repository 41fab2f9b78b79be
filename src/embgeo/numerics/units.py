"""Rows and vectors of length 1 in float32, ready to be multiplied, with a bound on the error of their cosines."""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.numerics.dtypes import F32, F64, ROUNDOFF, Ids, Mask, to_float32, to_float64
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.subspace import unit

VECTORS: Final = 1024  # multiplied with a block of rows at a time
BLOCK_NUMBERS: Final = 2 << 20  # in a block of cosines [vectors, rows]: 8 MB
MOST_ROWS: Final = 8192
SAFE: Final = (1e-18, 1e18)  # lengths of rows that float32 can divide by


def usable_rows(matrix: Matrix, allowed: Mask) -> Ids:
    """The numbers of the allowed rows that have a direction."""
    norms = matrix.norms
    return np.flatnonzero(allowed & np.isfinite(norms) & (norms > 0))


def rows_at_once(vectors: int, rows: int, group: int) -> int:
    """The number of rows of a block, a multiple of `group`."""
    step = min(MOST_ROWS, max(group, BLOCK_NUMBERS // max(1, vectors))) // group * group
    return max(group, min(step, -(-rows // group) * group))


def unit_vectors(vectors: F64) -> tuple[F32, float]:
    """Vectors [vectors, dims] at length 1, and a bound on the error of a cosine with them (see `kernels.products`)."""
    exact_units = unit(vectors)  # [vectors, dims]
    units = exact_units.astype(np.float32)
    n = (vectors.shape[1] + 8) * ROUNDOFF  # 8: the row's rounding to float32, and its division by its length
    return units, float(np.linalg.norm(units - exact_units, axis=1).max() + n / (1 - n))


def fill_with_units(block: F32, matrix: Matrix, ids: Ids) -> None:
    """Fill a block [step, dims] with these rows at length 1, and with zeros after the last.

    Args:
        ids: at most `step` of `usable_rows`, in order.
    """
    run = slice(int(ids[0]), int(ids[-1]) + 1)
    which = run if run.stop - run.start == len(ids) else ids
    rows, norms, part = np.asarray(matrix.rows[which]), matrix.norms[which], block[: len(ids)]  # [ids, dims], [ids]
    if ((norms > SAFE[0]) & (norms < SAFE[1])).all():
        np.multiply(to_float32(rows, matrix.dtype), (1 / norms).astype(np.float32)[:, None], out=part)
    else:
        part[:] = to_float64(rows, matrix.dtype) / norms[:, None]
    block[len(ids) :] = 0
