"""The nearest rows of every row by cosine, in order: all of them for a graph, and one per spelling for people to read.

Candidates come from the batched search, or, if every row is a question, from half the products. Where float32 can't
tell two of them apart, and for every cosine that is shown, float64 decides, so that the lists equal those of one search
a row.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, silent
from embgeo.numerics.analogies import sum_queries
from embgeo.numerics.batch_neighbors import nearest_candidates
from embgeo.numerics.batches import Batch, Candidates, RowFilter, places_in_runs
from embgeo.numerics.distinct_rows import SearchedRows
from embgeo.numerics.dtypes import F32, Ids, Mask
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.mutual_neighbors import mutual_pairs
from embgeo.numerics.rescoring import exact_scores

QUERIES: Final = 1024  # as many as the batched search multiplies at a time
FIRST_DEPTH: Final = 64  # rows looked at first where some are spellings of one word
DEPTH_FACTOR: Final = 8  # times as many, where those are too few words
MAX_LISTED_ROWS: Final = 1 << 20  # rows of lists that are searched together


class NeighborLists(NamedTuple):
    """The nearest rows of each of some rows, nearest first.

    Attributes:
        graph: [rows, k] the other rows, each by itself; -1 where there are fewer.
        listed: [rows, shown] one row per spelling, without the row's own spellings; -1 where there are fewer.
        cosines: [rows, shown] of those; 0 where there are fewer.
    """

    graph: Ids
    listed: Ids
    cosines: F32


class _Search(NamedTuple):
    """A search's rows, also as a mask [all rows], their spelling groups [all rows], and the lengths of the lists."""

    rows: SearchedRows
    allowed: Mask
    fold: Ids
    k: int
    shown: int


def neighbor_lists(
    matrix: Matrix, rows: Ids, fold: Ids, k: int = 15, shown: int = 10, report: Report = silent, *,
    queries: Ids | None = None,
) -> NeighborLists:  # fmt: skip
    """The nearest rows of each row among these rows.

    Args:
        rows: [rows] numbers of rows that have a direction, rising.
        fold: [all rows] rows with the same number are spellings of one word.
        k, shown: how many rows of each list.
        report: called with the number of rows done.
        queries: the rows whose lists are made; None: all.
    """
    allowed = np.zeros(len(fold), bool)
    allowed[rows] = True
    search = _Search(SearchedRows(matrix, rows), allowed, fold, k, shown)
    words = len(np.unique(fold[rows]))
    take = max(k, shown if words == len(rows) else FIRST_DEPTH)
    parts = _of_all(search, take, report) if queries is None else _of_some(search, queries, take, report)
    least = min(shown, words - 1)
    lists = NeighborLists(*(np.concatenate([part[i] for part in parts]) for i in range(3)))
    _deepen(search, rows if queries is None else queries, lists, take, least)
    return lists


def _of_all(search: _Search, take: int, report: Report) -> list[NeighborLists]:
    """The lists of all rows, `QUERIES` at a time, from the `take` nearest of each."""
    rows = search.rows.ids
    pairs = mutual_pairs(search.rows.matrix, rows, take, report)
    parts = []
    for at in range(0, len(rows), QUERIES):
        some = rows[at : at + QUERIES]
        lists = _lists(search, some, sum_queries(search.rows.matrix.take(some)), pairs.candidates(at, at + len(some)))
        crowded = np.flatnonzero(pairs.crowded[at : at + QUERIES])
        _replace(lists, crowded, _of_few(search, some[crowded], take))
        parts.append(lists)
    return parts


def _of_some(search: _Search, queries: Ids, take: int, report: Report) -> list[NeighborLists]:
    """The same of some rows."""
    parts = []
    for at in range(0, max(1, len(queries)), QUERIES):
        parts.append(_of_few(search, queries[at : at + QUERIES], take))
        report("Exact neighbors", min(at + QUERIES, len(queries)), len(queries), "rows")
    return parts


def _of_few(search: _Search, queries: Ids, take: int) -> NeighborLists:
    """The same of at most `QUERIES` rows."""
    batch = sum_queries(search.rows.matrix.take(queries))  # [queries, dims]
    limits = RowFilter(search.allowed, search.fold, search.fold[queries][:, None])
    found = list(nearest_candidates(search.rows.matrix, batch.vectors, limits, take, search.rows))
    return _lists(search, queries, batch, found[0] if found else Candidates.none())


def _deepen(search: _Search, queries: Ids, lists: NeighborLists, take: int, least: int) -> None:
    """Complete lists of fewer than `least` words, whose nearest rows are spellings of only a few words."""
    while take < len(search.rows.ids):
        short = np.flatnonzero((lists.listed >= 0).sum(axis=1) < least)
        if not len(short):
            return
        take = min(DEPTH_FACTOR * take, len(search.rows.ids))
        step = max(1, min(QUERIES, MAX_LISTED_ROWS // take))
        for at in range(0, len(short), step):
            some = short[at : at + step]
            _replace(lists, some, _of_few(search, queries[some], take))


def _replace(lists: NeighborLists, places: Ids, others: NeighborLists) -> None:
    """Put other lists in some places [others]."""
    lists.graph[places], lists.listed[places], lists.cosines[places] = others


def _lists(search: _Search, rows: Ids, batch: Batch, found: Candidates) -> NeighborLists:
    """The lists of rows from their candidates."""
    matrix, fold, k, shown = search.rows.matrix, search.fold, search.k, search.shown
    found, scores = sort_candidates(matrix, batch, found.where(found.row != rows[found.question]))
    graph = table(found.question, found.row, len(rows), k)
    others = np.flatnonzero(fold[found.row] != fold[rows[found.question]])
    spelling = found.question[others] * (int(fold.max(initial=0)) + 1) + fold[found.row[others]]
    _, first = np.unique(spelling, return_index=True)
    others = others[np.sort(first)]  # the nearest row of each spelling
    others = others[places_in_runs(found.question[others]) < shown]
    question, row = found.question[others], found.row[others]
    exact = np.where(np.isnan(scores[others]), 0, scores[others]).astype(np.float32)
    unknown = np.flatnonzero(np.isnan(scores[others]))
    exact[unknown] = exact_scores(matrix, batch, question[unknown], row[unknown])
    cosines = np.zeros((len(rows), shown), np.float32)
    cosines[question, places_in_runs(question)] = exact
    return NeighborLists(graph, table(question, row, len(rows), shown), cosines)


def sort_candidates(matrix: Matrix, batch: Batch, found: Candidates) -> tuple[Candidates, F32]:
    """Candidates by question and falling cosine, and their exact cosines [pairs] where those decided; else NaN."""
    found = found.where(np.lexsort((-found.low, found.question)))
    touches = (found.question[1:] == found.question[:-1]) & (found.high[1:] >= found.low[:-1])
    unsure = np.zeros(len(found.row), bool)
    unsure[1:] |= touches
    unsure[:-1] |= touches
    known = found.low == found.high
    scores = np.where(known, found.low, np.nan).astype(np.float32)
    unsure &= ~known
    scores[unsure] = exact_scores(matrix, batch, found.question[unsure], found.row[unsure])
    key = np.where(np.isnan(scores), (found.low + found.high) / 2, scores)
    order = np.lexsort((found.row, -key, found.question))
    return found.where(order), scores[order]


def table(question: Ids, row: Ids, questions: int, width: int) -> Ids:
    """The first `width` rows of each question [questions, width]; -1 where there are fewer."""
    place = places_in_runs(question)
    inside = place < width
    table = np.full((questions, width), -1, np.intp)
    table[question[inside], place[inside]] = row[inside]
    return table
