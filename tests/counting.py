"""A space whose matrix counts how many of its rows are read."""

from __future__ import annotations

import dataclasses
from typing import Any

from embgeo import EmbeddingSpace
from embgeo.numerics.kernels import Matrix


class CountingRows:
    """Rows that count how many of them are read.

    Attributes:
        read: rows so far; one that is read twice counts twice.
    """

    def __init__(self, rows: Any) -> None:
        self.rows, self.read = rows, 0
        self.shape, self.dtype, self.itemsize = rows.shape, rows.dtype, rows.itemsize

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        found = self.rows[index]
        self.read += 1 if found.ndim == 1 else len(found)
        return found


def with_read_count(space: EmbeddingSpace) -> tuple[EmbeddingSpace, CountingRows]:
    """The same space, and what counts its rows."""
    matrix = space.weights
    rows: Any = CountingRows(matrix.rows)  # all that is asked of rows
    return dataclasses.replace(space, weights=Matrix(rows, matrix.dtype, matrix.norms)), rows
