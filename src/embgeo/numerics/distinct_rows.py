"""Which searched rows are identical byte for byte: such rows have the same cosine with any vector.

A vocabulary can have thousands, such as tokens that were never trained. Searched one by one, they would all tie.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from embgeo.numerics.dtypes import Ids
from embgeo.numerics.duplicates import duplicates
from embgeo.numerics.kernels import Matrix


class Distinct(NamedTuple):
    """Distinct rows, each representing all rows equal to it.

    Attributes:
        rows: [distinct] the lowest row of each set of equal ones, rising.
        counts: [distinct] how many rows are equal to it, itself included.
        begins: [distinct] where they begin in `members`.
        members: [rows] all rows by set, rising within it.
    """

    rows: Ids
    counts: Ids
    begins: Ids
    members: Ids


class SearchedRows:
    """Rows of a matrix that have a direction, and which of them are equal, computed when first needed.

    Args:
        matrix: the matrix.
        ids: [rows] their numbers, rising.
    """

    def __init__(self, matrix: Matrix, ids: Ids) -> None:
        self.matrix, self.ids = matrix, ids

    @functools.cached_property
    def distinct(self) -> Distinct:
        """The distinct rows among them."""
        first = np.arange(self.matrix.shape[0])  # [all rows] the lowest row that each is equal to
        for group in duplicates(self.matrix, self.ids):
            first[group] = group[0]
        members = self.ids[np.argsort(first[self.ids], kind="stable")]
        rows, begins, counts = np.unique(first[members], return_index=True, return_counts=True)
        return Distinct(rows, counts, begins, members)
