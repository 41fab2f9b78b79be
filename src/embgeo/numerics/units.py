"""Rows and vectors of length 1 in float32, to be multiplied with each other; and how far off their cosines are."""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.numerics.dtypes import F32, F64, ROUNDOFF, Ids, Mask, to_float32, to_float64
from embgeo.numerics.kernels import Matrix

VECTORS: Final = 1024  # multiplied with a block of rows at a time
BLOCK_NUMBERS: Final = 2 << 20  # of a block of cosines [vectors, rows]: 8 MB
MOST_ROWS: Final = 8192
SAFE: Final = (1e-18, 1e18)  # lengths of rows that float32 can divide by


def usable_rows(matrix: Matrix, allowed: Mask) -> Ids:
    """The allowed rows that have a direction."""
    norms = matrix.norms
    return np.flatnonzero(allowed & np.isfinite(norms) & (norms > 0))


def rows_at_once(vectors: int, rows: int, group: int) -> int:
    """How many rows a block has, in whole groups."""
    step = min(MOST_ROWS, max(group, BLOCK_NUMBERS // max(1, vectors))) // group * group
    return max(group, min(step, -(-rows // group) * group))


def unit_vectors(vectors: F64) -> tuple[F32, float]:
    """Vectors [vectors, dims] with length 1, and how far off a cosine with them can be (see `kernels.products`)."""
    lengths = np.linalg.norm(vectors, axis=1)
    exact_units = vectors / np.where(lengths > 0, lengths, 1)[:, None]  # [vectors, dims]
    units = exact_units.astype(np.float32)
    n = (vectors.shape[1] + 8) * ROUNDOFF  # 8: the row's rounding to float32, and its division by its length
    return units, float(np.linalg.norm(units - exact_units, axis=1).max() + n / (1 - n))


def fill_with_units(block: F32, matrix: Matrix, ids: Ids) -> None:
    """Fill a block [step, dims] with these rows, each with length 1, and with zeros after the last.

    Args:
        ids: at most `step` of `usable_rows`, in order.
    """
    run = slice(int(ids[0]), int(ids[-1]) + 1)
    which = run if run.stop - run.start == len(ids) else ids
    rows, norms, part = np.asarray(matrix.rows)[which], matrix.norms[which], block[: len(ids)]  # [ids, dims], [ids]
    if ((norms > SAFE[0]) & (norms < SAFE[1])).all():
        np.multiply(to_float32(rows, matrix.dtype), (1 / norms).astype(np.float32)[:, None], out=part)
    else:
        part[:] = to_float64(rows, matrix.dtype) / norms[:, None]
    block[len(ids) :] = 0
