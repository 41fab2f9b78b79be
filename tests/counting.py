"""A space whose matrix counts how many of its rows are read."""

from __future__ import annotations

import dataclasses
from typing import Any

from embgeo import EmbeddingSpace
from embgeo.numerics.kernels import Matrix


class CountingRows:
    """An array of rows that counts how many are read.

    Attributes:
        read: rows read so far; a row that is read twice counts twice.
    """

    def __init__(self, rows: Any) -> None:
        self.rows, self.read = rows, 0
        self.shape, self.dtype, self.itemsize = rows.shape, rows.dtype, rows.itemsize

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        rows = self.rows[index]
        self.read += 1 if rows.ndim == 1 else len(rows)
        return rows


def with_read_count(space: EmbeddingSpace) -> tuple[EmbeddingSpace, CountingRows]:
    """The same space, and the object that counts the rows it reads."""
    matrix = space.weights
    rows: Any = CountingRows(matrix.rows)  # has all that a Matrix needs of its rows
    return dataclasses.replace(space, weights=Matrix(rows, matrix.dtype, matrix.norms)), rows
