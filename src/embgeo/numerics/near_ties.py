"""The best rows of questions with thousands of near ties: the same lists as from every exact cosine.

Equal rows are searched once and listed in the order of their numbers. If even distinct rows are too close for float32,
float64 decides among all of them. Either way memory stays that of a few lists.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

from embgeo.numerics.analogies import sum_queries
from embgeo.numerics.batches import Pairs, places_in_runs
from embgeo.numerics.cosine_sweep import sweep
from embgeo.numerics.distinct_rows import Distinct, SearchedRows
from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.exact_sweep import exact_sweep
from embgeo.numerics.rescoring import exact_scores

MAX_EXPANDED_ROWS: Final = 1 << 20  # rows that are listed together


def resolve_near_ties(rows: SearchedRows, vectors: F64, take: int) -> Pairs:
    """The `take` rows nearest to each vector, sorted by question, descending score and ascending row.

    Args:
        vectors: [questions, dims]
    """
    batch = sum_queries(vectors)
    distinct = rows.distinct
    found = sweep(rows.matrix, vectors, distinct.rows, take)
    pairs = _needed(found.pairs, found.margin, distinct, take)
    score = exact_scores(rows.matrix, batch, pairs.question, pairs.row)
    crowded = np.flatnonzero(found.crowded)
    others = exact_sweep(rows.matrix, batch._replace(terms=batch.terms[crowded]), distinct.rows, take)
    scored = [pairs._replace(score=score), others._replace(question=crowded[others.question])]
    return _expanded(Pairs.joined(scored), distinct, take)


def _needed(pairs: Pairs, margin: float, distinct: Distinct, take: int) -> Pairs:
    """The pairs that are still needed once equal rows are counted."""
    pairs = pairs.where(np.lexsort((-pairs.score, pairs.question)))
    ahead = _rows_ahead(pairs.question, distinct.counts[np.searchsorted(distinct.rows, pairs.row)])
    counted = np.flatnonzero(ahead < take)
    lowest = np.full(int(pairs.question.max(initial=-1)) + 1, np.inf)  # the cosine that fills each question's list
    np.minimum.at(lowest, pairs.question[counted], pairs.score[counted].astype(np.float64))
    return pairs.where(pairs.score >= lowest[pairs.question] - 2 * margin)


def _rows_ahead(question: Ids, counts: Ids) -> Ids:
    """How many rows precede each pair in its question's list [pairs], if each pair represents `counts` rows."""
    before = np.cumsum(counts) - counts
    ahead: Ids = before - before[np.searchsorted(question, question)]
    return ahead


def _expanded(scored: Pairs, distinct: Distinct, take: int) -> Pairs:
    """The first `take` rows of each question, expanded from the distinct rows that represent them."""
    scored = scored.where(np.lexsort((scored.row, -scored.score, scored.question)))
    place = np.searchsorted(distinct.rows, scored.row)
    ahead = _rows_ahead(scored.question, distinct.counts[place])
    run = np.ones(len(place), bool)  # where another score begins
    run[1:] = (scored.question[1:] != scored.question[:-1]) | (scored.score[1:] != scored.score[:-1])
    begin = np.maximum.accumulate(np.where(run, np.arange(len(place)), 0))
    needed = np.flatnonzero((ahead[begin] < take) & (np.arange(len(place)) - begin < take))
    scored, place = scored.where(needed), place[needed]
    counts = np.minimum(distinct.counts[place], take)
    parts = [scored.where(np.empty(0, np.intp))]
    for first, stop in itertools.pairwise(_cuts(scored.question, counts)):
        part = np.repeat(np.arange(first, stop), counts[first:stop])
        rows = distinct.members[distinct.begins[place[part]] + places_in_runs(part)]
        listed = Pairs(scored.question[part], rows, scored.score[part])
        listed = listed.where(np.lexsort((listed.row, -listed.score, listed.question)))
        parts.append(listed.where(places_in_runs(listed.question) < take))
    return Pairs.joined(parts)


def _cuts(question: Ids, counts: Ids) -> list[int]:
    """Where to cut pairs, sorted by question, so that a part has whole questions and about `MAX_EXPANDED_ROWS` rows."""
    ends = np.flatnonzero(np.diff(question)) + 1  # where another question begins
    runs = (np.cumsum(counts) - counts)[ends] // MAX_EXPANDED_ROWS
    return [0, *ends[np.flatnonzero(np.diff(runs, prepend=0))].tolist(), len(question)]
