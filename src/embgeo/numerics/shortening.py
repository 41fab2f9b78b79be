"""Candidates of questions that too many rows suit about equally well: shortened by exact scores, and by equal rows."""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.numerics.batches import Batch, Candidates, RowFilter, places_in_runs
from embgeo.numerics.distinct_rows import Distinct
from embgeo.numerics.dtypes import Ids, Mask
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.rescoring import candidate_scores

EXTRA_ROWS: Final = 8  # more of a question's equal rows than could be needed


def best_of_many(matrix: Matrix, batch: Batch, candidates: Candidates, k: int) -> Candidates:
    """The k best candidates of each question by their exact scores, and those that are left out.

    Where a question has few candidates they stay.
    """
    counts = np.bincount(candidates.question, minlength=len(candidates.floor))
    long = counts[candidates.question] > 4 * k
    few, many = candidates.where(~long), candidates.where(long)
    scores = candidate_scores(matrix, batch, many).astype(np.float64)
    order = np.lexsort((many.row, -scores, many.left_out, many.question))
    many, scores = many.where(order), scores[order]
    place = places_in_runs(many.question)
    kth = np.flatnonzero((place == k - 1) & ~many.left_out)
    floor = candidates.floor.copy()
    floor[many.question[kth]] = scores[kth]
    many = many._replace(low=scores, high=scores).where(((place < k) | many.left_out) & ~np.isnan(scores))
    return Candidates.joined([few, many])._replace(floor=floor)


def with_equal_rows(
    matrix: Matrix, batch: Batch, candidates: Candidates, distinct: Distinct, limits: RowFilter, k: int
) -> Candidates:
    """Candidates among all rows, from those among distinct ones.

    Of many equal rows only the first are needed: k, and as many as a question leaves out. A question that needs no more
    of a set loses what comes after those.
    """
    left_out = limits.left_out[candidates.first : candidates.stop]  # [questions, m]
    sizes = np.bincount(limits.group, minlength=1)
    known = np.where(left_out >= 0, sizes[left_out], 0).sum(axis=1)  # [questions]
    place = np.searchsorted(distinct.rows, candidates.row)
    most = k + known[candidates.question] + EXTRA_ROWS  # [pairs]
    cut = distinct.counts[place] > most
    candidates = _scored(matrix, batch, candidates, np.isin(candidates.question, candidates.question[cut]))
    counts: Ids = np.minimum(distinct.counts[place], most)
    pair = np.repeat(np.arange(len(place)), counts)
    inside = places_in_runs(pair)
    row = distinct.members[distinct.begins[place[pair]] + inside]
    listed = candidates.where(pair)
    left = (limits.group[row][:, None] == left_out[listed.question]).any(axis=1)
    return _prefixes(listed._replace(row=row, left_out=left), cut[pair] & (inside == counts[pair] - 1))


def _scored(matrix: Matrix, batch: Batch, candidates: Candidates, which: Mask) -> Candidates:
    """The candidates with exact scores for some [pairs]; -inf for rows without a score."""
    low, high = candidates.low.copy(), candidates.high.copy()
    scores = candidate_scores(matrix, batch, candidates.where(which))
    low[which] = high[which] = np.where(np.isnan(scores), -np.inf, scores)
    return candidates._replace(low=low, high=high)


def _prefixes(candidates: Candidates, ends: Mask) -> Candidates:
    """Each question's candidates up to the first of the `ends` [pairs] in its list, if it has one."""
    order = np.lexsort((candidates.row, -candidates.low, candidates.question))
    candidates, ends = candidates.where(order), ends[order]
    place = places_in_runs(candidates.question)
    last = np.full(len(candidates.floor), len(order))
    np.minimum.at(last, candidates.question[ends], place[ends])
    floor = candidates.floor.copy()
    ending = np.flatnonzero(place == last[candidates.question])
    floor[candidates.question[ending]] = np.maximum(floor[candidates.question[ending]], candidates.low[ending])
    return candidates._replace(floor=floor).where(place <= last[candidates.question])
