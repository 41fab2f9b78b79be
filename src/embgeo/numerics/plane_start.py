"""The first two principal components of unit rows, with the same bits on every machine.

Rows are scaled and rounded to integers, so that every sum of products is exact in float64, in any order of addition.
The two axes come from an eigensolver, whose last bits differ between machines; they are rounded to a grid, so that the
projection onto them is again a sum of integers.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.kernels import Matrix, pieces

COORDINATE_STEPS: Final = 1 << 12  # of a coordinate of a unit row
AXIS_STEPS: Final = 1 << 20  # of a coordinate of an axis


def principal_plane(matrix: Matrix, rows: Ids) -> F64:
    """Coordinates [rows, 2] on the first two principal components, centered, in no particular unit.

    Args:
        rows: numbers of rows that have a direction.
    """
    dims = matrix.shape[1]
    total, products = np.zeros(dims), np.zeros((dims, dims))
    for part in pieces(len(rows), 8 * dims):
        block = _integers(matrix, rows[part])  # [piece, dims]
        total += block.sum(axis=0)
        products += block.T @ block  # [dims, piece] @ [piece, dims]
    mean = total / len(rows)  # [dims]
    axes = _axes(products / len(rows) - mean[:, None] * mean)  # [dims, 2]
    places = np.concatenate([_integers(matrix, rows[part]) @ axes for part in pieces(len(rows), 8 * dims)])
    centered: F64 = places - places.sum(axis=0) / len(rows)  # [rows, 2]
    return centered


def _integers(matrix: Matrix, ids: Ids) -> F64:
    rows = matrix.take(ids)  # [ids, dims]
    lengths = np.sqrt((rows * rows).sum(axis=1))  # [ids]; not by BLAS, see above
    integers: F64 = np.rint(rows / lengths[:, None] * COORDINATE_STEPS)  # [ids, dims]
    return integers


def _axes(covariance: F64) -> F64:
    """The two axes of the widest spread [dims, 2], rounded; the largest coordinate of each is positive."""
    vectors = np.linalg.eigh(covariance)[1][:, :-3:-1]  # [dims, up to 2]
    rounded = np.rint(vectors * AXIS_STEPS)
    largest = np.abs(rounded).argmax(axis=0)
    rounded *= np.sign(rounded[largest, np.arange(rounded.shape[1])])
    return np.pad(rounded, ((0, 0), (0, 2 - rounded.shape[1])))  # a matrix of one dimension has a line for a plane
