"""The candidates for the k rows nearest to each of many vectors, in one sweep over the matrix.

Most vectors have few rows within the error of float32 of their k-th best cosine; `rescoring` scores those in float64.
For the others `near_ties` finds the list. `batch_search` takes questions that have several vectors each; for one vector
this is faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from embgeo.numerics.batches import Candidates, RowFilter
from embgeo.numerics.cosine_sweep import MIN_CROWD, sweep
from embgeo.numerics.distinct_rows import SearchedRows
from embgeo.numerics.dtypes import F64
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.near_ties import resolve_near_ties
from embgeo.numerics.units import VECTOR_BATCH, rows_with_direction

MAX_LIST_LENGTH: Final = 1024  # rows of one list; a block always has more rows
EXTRA_ROWS: Final = 64  # more rows of a list, in place of left-out rows


def nearest_candidates(
    matrix: Matrix, vectors: F64, limits: RowFilter, k: int, rows: SearchedRows | None = None
) -> Iterator[Candidates]:
    """The candidates for the k rows nearest to each vector, `VECTOR_BATCH` vectors at a time.

    Args:
        vectors: [questions, dims]
        k: at most `MAX_LIST_LENGTH`.
        rows: the allowed rows that have a direction, if they are searched more than once.
    """
    rows = rows or SearchedRows(matrix, rows_with_direction(matrix, limits.allowed))
    sizes = np.bincount(limits.group, minlength=1)
    known = np.where(limits.left_out >= 0, sizes[limits.left_out], 0).sum(axis=1)  # [questions]
    for first in range(0, len(vectors), VECTOR_BATCH):
        some = vectors[first : first + VECTOR_BATCH]
        take = k + min(EXTRA_ROWS, int(known[first : first + VECTOR_BATCH].max(initial=0)))
        found = _candidates(rows, some, take)
        groups = limits.left_out[first : first + VECTOR_BATCH]
        left_out = (limits.group[found.row][:, None] == groups[found.question]).any(axis=1)
        yield found._replace(first=first, stop=first + len(some), left_out=left_out)


def _candidates(rows: SearchedRows, vectors: F64, take: int) -> Candidates:
    """The candidates for the `take` best rows of each vector; left-out rows are not marked yet."""
    pairs, floor, margin, crowded = sweep(rows.matrix, vectors, rows.ids, take)
    crowded |= np.bincount(pairs.question, minlength=len(vectors)) > max(MIN_CROWD, 2 * take)
    question, row, cosine = pairs.where(~crowded[pairs.question])
    low, high = (cosine.astype(np.float64) + way * margin for way in (-1, 1))
    if crowded.any():
        which = np.flatnonzero(crowded)
        listed = resolve_near_ties(rows, vectors[which], take)
        exact = listed.score.astype(np.float64)
        question, row = np.concatenate([question, which[listed.question]]), np.concatenate([row, listed.row])
        low, high = np.concatenate([low, exact]), np.concatenate([high, exact])
        counts = np.bincount(listed.question, minlength=len(which))
        floor[which] = np.where(counts == take, exact[np.cumsum(counts) - 1], -np.inf)  # a shorter list has all rows
    return Candidates(0, len(vectors), question, row, low, high, np.zeros(len(row), bool), floor)
