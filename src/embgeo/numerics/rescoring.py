"""Exact answers to many questions, from the candidates of `batch_search` or `batch_neighbors`.

Candidates are scored in float64 as `search` does it, so the answers equal those of one question at a time.
"""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.batches import Batch, Candidates
from embgeo.numerics.correlation import cosines_between
from embgeo.numerics.dtypes import F32, Ids, Mask
from embgeo.numerics.kernels import Matrix

BLOCK_PAIRS: Final = 128  # pairs scored together: as many as fit a core's cache


def exact_scores(matrix: Matrix, batch: Batch, question: Ids, row: Ids) -> F32:
    """Scores of (question, row) pairs in float64 from the file's own numbers, rounded to float32 once."""
    scores = np.empty(len(row), np.float32)
    for at in range(0, len(row), BLOCK_PAIRS):
        part = slice(at, at + BLOCK_PAIRS)
        rows = matrix.take(row[part])  # [pairs, dims]
        vectors = batch.vectors[batch.terms[question[part]].T]  # [n, pairs, dims]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if batch.rule.is_sum:
                scores[part] = cosines_between(rows, vectors.sum(axis=0))  # [pairs, dims] each
            else:
                cosines = cosines_between(rows, vectors)  # [pairs, dims], [n, pairs, dims] -> [n, pairs]
                scores[part] = batch.rule.score(list(cosines), batch.constants[:, question[part]])
    return scores


def candidate_scores(matrix: Matrix, batch: Batch, candidates: Candidates) -> F32:
    """The scores of candidates [pairs]; bounds that are equal are the score already."""
    scores = candidates.low.astype(np.float32)
    unknown = np.flatnonzero(candidates.low != candidates.high)
    question, row = candidates.question[unknown] + candidates.first, candidates.row[unknown]
    scores[unknown] = exact_scores(matrix, batch, question, row)
    return scores


def best_rows(matrix: Matrix, batch: Batch, candidates: Candidates, mask: Mask) -> Ids:
    """The best row of each question [questions] among the masked candidates [pairs]; -1 where none has a score."""
    count = candidates.stop - candidates.first
    some = candidates.where(mask)
    best = np.full(count, -np.inf)
    np.maximum.at(best, some.question, some.low)
    some = some.where(some.high >= best[some.question])
    result = np.full(count, -1, np.intp)
    result[some.question] = some.row
    rivals = np.bincount(some.question, minlength=count)[some.question] > 1
    unsure = some.where(rivals | np.isneginf(some.low))  # a row without a lower bound may have no score
    if len(unsure.row):
        result[unsure.question] = -1
        scores = candidate_scores(matrix, batch, unsure)
        order = np.lexsort((-unsure.row, scores, unsure.question))  # the last of each question is its best
        order = order[np.isfinite(scores[order])]
        result[unsure.question[order]] = unsure.row[order]
    return result


class RankedRows(NamedTuple):
    """The best rows of one question in order, before folding: at least its k best, and the left-out rows above them.

    Attributes:
        rows, scores: [rows]
        best: [k] places in `rows` of the k best: one of each fold, none that is left out.
    """

    rows: Ids
    scores: F32
    best: Ids


def ranked_rows(matrix: Matrix, batch: Batch, candidates: Candidates, fold: Ids, k: int) -> list[RankedRows | None]:
    """Each question's rows in order, its k best folds among them; None where the candidates are too few for that.

    Args:
        fold: [rows] rows with the same number count as one.
    """
    count = candidates.stop - candidates.first
    listed = candidates.where(~candidates.left_out)
    listed = listed.where(np.lexsort((-listed.low, listed.question)))
    first = _is_first(listed.question, fold[listed.row])  # the best row of each fold
    last = first & (_places(listed.question, first, count) == k)
    enough = np.full(count, -np.inf)  # [questions] the k-th best scores at least this
    enough[listed.question[last]] = listed.low[last]
    whole = (enough >= candidates.floor) | np.isneginf(candidates.floor)
    some = candidates.where((candidates.high >= enough[candidates.question]) & whole[candidates.question])
    scores = candidate_scores(matrix, batch, some)
    order = np.lexsort((some.row, -scores, some.question))
    order = order[np.isfinite(scores[order])]
    some, scores = some.where(order), scores[order]
    shown = np.flatnonzero(~some.left_out)
    best = np.zeros(len(order), bool)
    best[shown] = _is_first(some.question[shown], fold[some.row[shown]])
    best &= _places(some.question, best, count) <= k
    ends = np.searchsorted(some.question, np.arange(count + 1)).tolist()
    places, begins = np.flatnonzero(best), np.concatenate([[0], np.cumsum(best)])[ends].tolist()
    return [
        RankedRows(some.row[a:b], scores[a:b], places[begins[one] : begins[one + 1]] - a) if whole[one] else None
        for one, (a, b) in enumerate(itertools.pairwise(ends))
    ]


def _places(question: Ids, counted: Mask, questions: int) -> Ids:
    """How many of its question's pairs are counted up to and including each pair [pairs]; sorted by question."""
    sums = np.concatenate([[0], np.cumsum(counted)])
    begins = np.searchsorted(question, np.arange(questions))
    places: Ids = sums[1:] - sums[begins][question]
    return places


def _is_first(question: Ids, fold: Ids) -> Mask:
    """Which pairs [pairs] are the first of their question and fold."""
    _, first = np.unique(question * (int(fold.max(initial=0)) + 1) + fold, return_index=True)
    result = np.zeros(len(question), bool)
    result[first] = True
    return result
