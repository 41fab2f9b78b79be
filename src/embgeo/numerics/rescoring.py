"""The answers to many questions at once, drawn from what a sweep has left of the rows (see `sweep`).

What could be among a question's best rows is scored in float64 as `search` does it, so that answers are those of one
question at a time.
"""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.batches import Batch, Candidates
from embgeo.numerics.dtypes import F32, F64, Ids, Mask
from embgeo.numerics.kernels import Matrix

EXACT: Final = 128  # (question, row) pairs scored in float64 together: what a core's cache holds


def exact_scores(matrix: Matrix, batch: Batch, question: Ids, row: Ids) -> F32:
    """Scores of (question, row) pairs in float64 from the file's own numbers, rounded to float32 once."""
    scores = np.empty(len(row), np.float32)
    for at in range(0, len(row), EXACT):
        asked, part = question[at : at + EXACT], slice(at, at + EXACT)
        rows = matrix.take(row[part])  # [pairs, dims]
        vectors = batch.vectors[batch.terms[asked].T]  # [n, pairs, dims]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if batch.rule.is_sum:
                scores[part] = _cosines(rows, vectors.sum(axis=0)[None])[0]
            else:
                scores[part] = batch.rule.score(list(_cosines(rows, vectors)), batch.constants[:, asked])
    return scores


def best_rows(matrix: Matrix, batch: Batch, found: Candidates, mask: Mask) -> Ids:
    """The best row of each question among the pairs of a mask [questions]; -1 where none has a score."""
    count = found.stop - found.first
    some = found.where(mask)
    best = np.full(count, -np.inf)
    np.maximum.at(best, some.question, some.low)
    some = some.where(some.high >= best[some.question])
    result = np.full(count, -1, np.intp)
    result[some.question] = some.row
    rivals = np.bincount(some.question, minlength=count)[some.question] > 1
    unsure = some.where(rivals | np.isneginf(some.low))  # which has no lower bound may have no score
    if len(unsure.row):
        result[unsure.question] = -1
        scores = exact_scores(matrix, batch, unsure.question + found.first, unsure.row)
        order = np.lexsort((-unsure.row, scores, unsure.question))  # the last of each question is its best
        order = order[np.isfinite(scores[order])]
        result[unsure.question[order]] = unsure.row[order]
    return result


class RankedRows(NamedTuple):
    """Rows of one question from the best on, spellings not folded: at least those of its k best, left-out ones too.

    Attributes:
        rows, scores: [rows]
        best: [k] where the k best among them stand, one of each fold and none that is left out.
    """

    rows: Ids
    scores: F32
    best: Ids


def ranked_rows(matrix: Matrix, batch: Batch, found: Candidates, fold: Ids, k: int) -> list[RankedRows | None]:
    """The rows from which each question's k best folds can be drawn; None where `found` is not enough for that."""
    count = found.stop - found.first
    fine = found.where(~found.left_out)
    fine = fine.where(np.lexsort((-fine.low, fine.question)))
    first = _firsts(fine.question, fold[fine.row])  # the best row of each fold
    last = first & (_places(fine.question, first, count) == k)
    enough = np.full(count, -np.inf)  # [questions] at least this is what the k-th best scores
    enough[fine.question[last]] = fine.low[last]
    whole = (enough >= found.floor) | np.isneginf(found.floor)
    some = found.where((found.high >= enough[found.question]) & whole[found.question])
    scores = exact_scores(matrix, batch, some.question + found.first, some.row)
    order = np.lexsort((some.row, -scores, some.question))
    order = order[np.isfinite(scores[order])]
    some, scores = some.where(order), scores[order]
    shown = np.flatnonzero(~some.left_out)
    best = np.zeros(len(order), bool)
    best[shown] = _firsts(some.question[shown], fold[some.row[shown]])
    best &= _places(some.question, best, count) <= k
    ends = np.searchsorted(some.question, np.arange(count + 1)).tolist()
    places, begins = np.flatnonzero(best), np.concatenate([[0], np.cumsum(best)])[ends].tolist()
    return [
        RankedRows(some.row[a:b], scores[a:b], places[begins[one] : begins[one + 1]] - a) if whole[one] else None
        for one, (a, b) in enumerate(itertools.pairwise(ends))
    ]


def _places(question: Ids, counted: Mask, questions: int) -> Ids:
    """How many of a question's pairs are counted, up to each pair and with it; pairs lie sorted by question."""
    sums = np.concatenate([[0], np.cumsum(counted)])
    begins = np.searchsorted(question, np.arange(questions))
    places: Ids = sums[1:] - sums[begins][question]
    return places


def _firsts(question: Ids, fold: Ids) -> Mask:
    """Which pairs are the first of their question and fold."""
    _, first = np.unique(question * (int(fold.max(initial=0)) + 1) + fold, return_index=True)
    result = np.zeros(len(question), bool)
    result[first] = True
    return result


def _cosines(rows: F64, vectors: F64) -> F64:
    # Summed pair by pair, as in `search`: equal rows score equally.
    dots = (rows * vectors).sum(axis=-1)  # [pairs, dims] * [n, pairs, dims] -> [n, pairs]
    norms: F64 = np.sqrt((rows * rows).sum(axis=1))
    result: F64 = dots / (norms * np.linalg.norm(vectors, axis=-1))
    return result
