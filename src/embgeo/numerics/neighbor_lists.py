"""The nearest rows of every row by cosine, in order: all of them for a graph, and one a spelling for people to read.

Candidates come from the batched search. Where float32 can't tell two of them apart, and for every cosine that is
shown, float64 decides, so that the lists equal those of one search a row.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, silent
from embgeo.numerics.analogies import sum_queries
from embgeo.numerics.batch_neighbors import nearest_candidates
from embgeo.numerics.batches import Batch, Candidates, RowFilter
from embgeo.numerics.dtypes import F32, Ids, Mask
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.rescoring import exact_scores

QUERIES: Final = 1024  # as many as the batched search multiplies at a time
DEEP: Final = 64  # rows looked at where many spell the same word


class NeighborLists(NamedTuple):
    """The nearest rows of each of some rows, nearest first.

    Attributes:
        graph: [rows, k] the other rows, each by itself; -1 where there are fewer.
        listed: [rows, shown] one row a spelling, without the row's own spellings; -1 where there are fewer.
        cosines: [rows, shown] of those; 0 where there are fewer.
    """

    graph: Ids
    listed: Ids
    cosines: F32


def neighbor_lists(
    matrix: Matrix, rows: Ids, fold: Ids, k: int = 15, shown: int = 10, report: Report = silent, *,
    queries: Ids | None = None,
) -> NeighborLists:  # fmt: skip
    """The nearest rows of each row among these rows.

    Args:
        rows: [rows] numbers of rows that have a direction.
        fold: [all rows] rows with the same number are spellings of one word.
        k, shown: how many rows of each list.
        report: called with the number of rows done.
        queries: the rows whose lists are made; None: all.
    """
    queries = rows if queries is None else queries
    allowed = np.zeros(len(fold), bool)
    allowed[rows] = True
    take = k if len(np.unique(fold[rows])) == len(rows) else DEEP
    parts = []
    for at in range(0, len(queries), QUERIES):
        parts.append(_lists(matrix, queries[at : at + QUERIES], allowed, fold, (k, shown, take)))
        report("Exact neighbors", min(at + QUERIES, len(queries)), len(queries), "rows")
    return NeighborLists(*(np.concatenate([part[i] for part in parts]) for i in range(3)))


def _lists(matrix: Matrix, rows: Ids, allowed: Mask, fold: Ids, counts: tuple[int, int, int]) -> NeighborLists:
    k, shown, take = counts
    batch = sum_queries(matrix.take(rows), np.arange(len(rows))[:, None])  # [rows, dims]
    limits = RowFilter(allowed, fold, fold[rows][:, None])
    (found,) = nearest_candidates(matrix, batch.vectors, limits, take)
    found, scores = in_order(matrix, batch, found.where(found.row != rows[found.question]))
    graph = table(found.question, found.row, len(rows), k)
    others = np.flatnonzero(~found.left_out)
    spelling = found.question[others] * (len(fold) + 1) + fold[found.row[others]]
    _, first = np.unique(spelling, return_index=True)
    others = others[np.sort(first)]  # the nearest row of each spelling
    others = others[_places(found.question[others]) < shown]
    question, row = found.question[others], found.row[others]
    exact = np.where(np.isnan(scores[others]), 0, scores[others]).astype(np.float32)
    unknown = np.flatnonzero(np.isnan(scores[others]))
    exact[unknown] = exact_scores(matrix, batch, question[unknown], row[unknown])
    cosines = np.zeros((len(rows), shown), np.float32)
    cosines[question, _places(question)] = exact
    return NeighborLists(graph, table(question, row, len(rows), shown), cosines)


def in_order(matrix: Matrix, batch: Batch, found: Candidates) -> tuple[Candidates, F32]:
    """Candidates by question and falling cosine, and their exact cosines [pairs] where those decided; else NaN."""
    found = found.where(np.lexsort((-found.low, found.question)))
    touches = (found.question[1:] == found.question[:-1]) & (found.high[1:] >= found.low[:-1])
    unsure = np.zeros(len(found.row), bool)
    unsure[1:] |= touches
    unsure[:-1] |= touches
    scores = np.full(len(found.row), np.nan, np.float32)
    scores[unsure] = exact_scores(matrix, batch, found.question[unsure], found.row[unsure])
    key = np.where(unsure, scores, (found.low + found.high) / 2)
    order = np.lexsort((found.row, -key, found.question))
    return found.where(order), scores[order]


def table(question: Ids, row: Ids, questions: int, width: int) -> Ids:
    """The first `width` rows of each question [questions, width]; -1 where there are fewer."""
    place = _places(question)
    inside = place < width
    table = np.full((questions, width), -1, np.intp)
    table[question[inside], place[inside]] = row[inside]
    return table


def _places(question: Ids) -> Ids:
    """The place from 0 of each pair in its question's run [pairs]; sorted by question."""
    places: Ids = np.arange(len(question)) - np.searchsorted(question, question)
    return places
