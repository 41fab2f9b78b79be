"""Hubness: how unevenly rows are among the nearest of others (Radovanovic, Nanopoulos & Ivanovic 2010, JMLR 11).

N_k of a row is the number of other rows that have it among their k nearest by cosine. Its skewness over all rows is the
measure; with a random sample of queries it is estimated from falling powers, which such a sample leaves unbiased.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from embgeo.numerics.analogies import sum_queries
from embgeo.numerics.batch_neighbors import nearest_candidates
from embgeo.numerics.batches import Candidates, RowFilter
from embgeo.numerics.dtypes import F64, Ids, Mask
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.rescoring import exact_scores

GROUPS: Final = 16  # of queries, each left out once for the error of an estimate


class NearestRows:
    """The rows nearest to each of some queries by cosine, the query itself left out, among rows that come in blocks.

    As a search for each query would have it: float64 decides, lower rows first among equal scores.
    """

    def __init__(self, queries: Ids, vectors: F64, k: int) -> None:
        """Begin without a row.

        Args:
            queries: [queries] numbers of rows.
            vectors: [queries, dims] those rows, each with a direction.
            k: how many are nearest.
        """
        self._queries, self._k = queries, k
        self._batch = sum_queries(vectors, np.arange(len(queries))[:, None])
        empty, none = np.empty(0, np.intp), np.empty(0)
        self._found = Candidates(
            0, len(queries), empty, empty, none, none, np.empty(0, bool), np.full(len(queries), -np.inf)
        )  # fmt: skip

    def add(self, block: Matrix, start: int, allowed: Mask) -> None:
        """Look at a block of rows.

        Args:
            start: the number of its first row.
            allowed: [rows of the block] which of them may be found; all of those have a direction.
        """
        own = self._queries - start
        left_out = np.where((own >= 0) & (own < len(allowed)), own, -1)[:, None]
        parts = [self._found]
        for found in nearest_candidates(
            block, self._batch.vectors, RowFilter(allowed, np.arange(len(allowed)), left_out), self._k
        ):
            some = found.where(~found.left_out)
            parts.append(some._replace(question=some.question + found.first, row=some.row + start))
        question, row, low, high = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("question", "row", "low", "high")
        )
        merged = self._found._replace(question=question, row=row, low=low, high=high, left_out=np.zeros(len(row), bool))
        merged = merged.where(np.lexsort((-merged.low, merged.question)))
        kth = _place(merged.question, len(self._queries), self._k - 1, merged.low)
        self._found = merged.where(merged.high >= kth[merged.question])

    def lists(self, matrix: Matrix) -> Ids:
        """The k nearest rows of each query, in no order [queries, k]; what the bounds left open is scored exactly.

        There must have been as many for each.
        """
        found = self._found.where(np.lexsort((-self._found.high, self._found.question)))
        rival = _place(found.question, len(self._queries), self._k, found.high)  # the highest bound but k
        sure = found.low > rival[found.question]
        missing = self._k - np.bincount(found.question[sure], minlength=len(self._queries))
        unsure = np.flatnonzero(~sure & (missing[found.question] > 0))
        scores = exact_scores(matrix, self._batch, found.question[unsure], found.row[unsure])
        order = unsure[np.lexsort((found.row[unsure], -scores, found.question[unsure]))]
        asked = found.question[order]
        place = np.arange(len(order)) - np.searchsorted(asked, asked)
        chosen = np.concatenate([np.flatnonzero(sure), order[place < missing[asked]]])
        result: Ids = found.row[chosen[np.argsort(found.question[chosen], kind="stable")]].reshape(-1, self._k)
        return result


def _place(question: Ids, questions: int, place: int, values: F64) -> F64:
    """The value at a place (from 0) of each question's run [questions]; -inf where the run is shorter."""
    counts = np.bincount(question, minlength=questions)
    begins = np.cumsum(counts) - counts
    result = np.full(questions, -np.inf)
    long = counts > place
    result[long] = values[begins[long] + place]
    return result


def occurrence_moments(lists: Ids, population: Ids) -> tuple[float, float, float]:
    """The means of N_k, its square and its cube over a population of rows, from the lists of a random sample of it.

    A row that stands in S of the lists of s queries, drawn from n rows without return, has E[(S)_r] = (N_k)_r (s)_r /
    (n)_r, where (x)_r = x (x - 1) ... (x - r + 1); so the mean falling powers of S give those of N_k, unbiased. With
    all rows as queries nothing is estimated.

    Args:
        lists: [queries, k] rows; of three queries or more.
        population: [n] all rows that a query or a list could be.
    """
    counts = np.bincount(lists.ravel(), minlength=int(population.max()) + 1)[population].astype(np.float64)  # [n]
    powers = (counts, counts * (counts - 1), counts * (counts - 1) * (counts - 2))
    first, second, third = (
        float(power.mean()) * math.perm(len(population), r) / math.perm(len(lists), r)
        for r, power in enumerate(powers, 1)
    )
    return first, second + first, third + 3 * second + first


def skewness(lists: Ids, population: Ids) -> float | None:
    """The skewness of N_k from its `moments`; None where they leave no variance above zero, or with too few queries."""
    if len(lists) < 3:
        return None
    mean, square, cube = occurrence_moments(lists, population)
    variance = square - mean**2
    if not variance > 1e-9 * square:
        return None
    return float((cube - 3 * mean * square + 2 * mean**3) / variance**1.5)


def skewness_error(lists: Ids, population: Ids) -> float | None:
    """The standard error of `skewness` by the jackknife: each of 16 groups of queries left out once.

    (Quenouille 1956; with the finite population's factor, so that it is 0 where every row was a query.)
    """
    groups = np.arange(len(lists)) * GROUPS // len(lists)
    found = [skewness(lists[groups != group], population) for group in range(GROUPS)]
    known = np.array([value for value in found if value is not None])
    if len(known) < GROUPS:
        return None
    spread = (GROUPS - 1) * float(known.var()) * (1 - len(lists) / len(population))
    return math.sqrt(spread)
