"""The ranked lists of many questions from one batched search, as rows and scores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from embgeo.models.model import Model
from embgeo.numerics.analogies import sum_queries
from embgeo.numerics.batch_neighbors import MAX_LIST_LENGTH, nearest_candidates
from embgeo.numerics.batch_search import search_batch
from embgeo.numerics.batches import Batch, RowFilter, padded
from embgeo.numerics.dtypes import F32, Ids
from embgeo.numerics.rescoring import RankedRows, exact_scores, ranked_rows
from embgeo.numerics.search import Hits
from embgeo.questions.ranking import ListOptions, as_excluded
from embgeo.results.neighbors import ExcludedToken

EXTRA_ROWS: Final = 8  # extra rows for each list, beyond k words with the average number of spellings


def listed_rows(
    model: Model, batch: Batch, excluded: Sequence[Sequence[int]], options: ListOptions
) -> Iterator[RankedRows | None]:
    """The best rows of each question; None if they fold to too few words.

    Args:
        excluded: rows that each question excludes, with (unless `raw`) their variants.
    """
    fold = options.fold(model)
    group = np.arange(len(model.weights.norms)) if fold is None else fold  # [rows]
    rows = padded(excluded)  # [questions, m]
    limits = RowFilter(options.listable(model, []), group, np.where(rows >= 0, group[rows], -1))
    needed = options.k if fold is None else math.ceil(options.k * model.vocabulary.spellings) + EXTRA_ROWS
    if batch.rule.is_sum:
        vectors = batch.vectors[batch.terms].sum(axis=1)  # [questions, n, dims] -> [questions, dims]
        batch = sum_queries(vectors)
    if batch.rule.is_sum and needed <= MAX_LIST_LENGTH:
        sweep = nearest_candidates(model.weights, batch.vectors, limits, needed)
    else:
        sweep = search_batch(model.weights, batch, limits, needed)
    for candidates in sweep:
        yield from ranked_rows(model.weights, batch, candidates, group, options.k)


def best_hits(listed: RankedRows) -> Hits:
    """The rows that a list shows, and their scores [results], best first."""
    return Hits(listed.rows[listed.best], listed.scores[listed.best])


def input_scores(model: Model, batch: Batch, inputs: Sequence[Sequence[int]]) -> list[F32]:
    """The scores of each question's own input rows [inputs]."""
    counts = [len(rows) for rows in inputs]
    question = np.repeat(np.arange(len(inputs)), counts)
    scores = exact_scores(model.weights, batch, question, np.concatenate(inputs).astype(np.intp))
    return np.split(scores, np.cumsum(counts)[:-1])


def excluded_inputs(
    model: Model, inputs: Sequence[int], scores: F32, listed: RankedRows, fold: Ids | None
) -> tuple[ExcludedToken, ...]:
    """The excluded input rows, with the ranks that they would have within the list."""
    if len(inputs) == 1 and len(listed.rows) and (-scores[0], inputs[0]) <= (-listed.scores[0], listed.rows[0]):
        return as_excluded(model, [(1, inputs[0], float(scores[0]))])  # as a rule: a word is nearest to itself
    rows, numbers = listed.rows.tolist(), listed.scores.tolist()
    groups = rows if fold is None else fold[listed.rows].tolist()
    lowest = numbers[-1] if numbers else np.inf
    own_groups = list(inputs) if fold is None else fold[list(inputs)].tolist()
    ahead = list(zip(inputs, scores.tolist(), own_groups, strict=True))
    places: list[tuple[int | None, int, float]] = []
    for token, score, own in ahead:
        if not np.isfinite(score):
            continue
        better = {
            group for row, number, group in zip(rows, numbers, groups, strict=True) if (-number, row) < (-score, token)
        }
        better |= {group for row, number, group in ahead if (-number, row) < (-score, token)}
        places.append((1 + len(better - {own}) if score >= lowest else None, token, score))
    places.sort(key=lambda one: (one[0] is None, one[0] or 0, -one[2], one[1]))
    return as_excluded(model, places)
