"""Analogy questions A - B + C as arrays: one for `search`, or many for the batched search (see `objectives`)."""

from __future__ import annotations

import numpy as np

from embgeo.numerics.batches import Batch
from embgeo.numerics.dtypes import CANCELLATION, F64, Ids, Mask
from embgeo.numerics.objectives import COSINE, AnalogyMethod, Objective, of_cosines, sum_rule
from embgeo.numerics.subspace import unit

BLOCK_QUESTIONS = 1024  # questions worked on at a time


def analogy_queries(method: AnalogyMethod, vectors: F64, triples: Ids) -> Batch:
    """Analogy questions for the batched search.

    Args:
        vectors: [vectors, dims] raw, each with a direction.
        triples: [questions, 3] which of them are A, B and C.
    """
    if method.unit_rows:
        vectors = unit(vectors)
    if method.from_all_three:
        return Batch(vectors, triples, np.empty((0, len(triples))), method.rule)
    pairs, place = np.unique(triples[:, :2], axis=0, return_inverse=True)
    offsets = vectors[pairs[:, 0]] - vectors[pairs[:, 1]]  # [pairs, dims]
    terms = np.stack([place.ravel(), len(pairs) + triples[:, 2]], axis=1)  # [questions, 2]
    both = np.concatenate([offsets, vectors])  # [pairs + vectors, dims]
    if method.rule.is_sum:
        return sum_queries(both, terms)
    return Batch(both, terms, _term_cosines(both, terms)[None], method.rule)


def sum_queries(vectors: F64, terms: Ids | None = None) -> Batch:
    """Questions whose score is the cosine with the sum of their vectors.

    Args:
        vectors: [vectors, dims]
        terms: [questions, n] which of them are added; None: each is a question of its own.
    """
    terms = np.arange(len(vectors))[:, None] if terms is None else terms
    lengths = np.linalg.norm(vectors, axis=1)  # [vectors]
    totals = np.empty(len(terms))
    for at in range(0, len(terms), BLOCK_QUESTIONS):
        sums = vectors[terms[at : at + BLOCK_QUESTIONS]].sum(axis=1)  # [block, n, dims] -> [block, dims]
        totals[at : at + BLOCK_QUESTIONS] = np.linalg.norm(sums, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(totals > 0, lengths[terms].T / totals, 0)  # [n, questions]
    return Batch(vectors, terms, shares, sum_rule(terms.shape[1]))


def has_direction(batch: Batch) -> Mask:
    """Which questions [questions] have a direction to search along; in the others a sum or an offset cancels out."""
    if batch.rule.is_sum:
        added = batch.constants.sum(axis=0)  # [questions] sum of lengths / length of the sum; 0 if that is 0
        sums: Mask = (added > 0) & (added < 1 / CANCELLATION)
        return sums
    offsets: Mask = (np.linalg.norm(batch.vectors, axis=1) > CANCELLATION)[batch.terms].all(axis=1)  # [questions, n]
    return offsets


def single_query(method: AnalogyMethod, a: F64, b: F64, c: F64) -> tuple[F64, Objective]:
    """One question A - B + C: the vectors [n, dims] and the objective that `search.scan` takes.

    Args:
        a, b, c: [dims] raw, each with a direction.
    """
    batch = analogy_queries(method, np.stack([a, b, c]), np.array([[0, 1, 2]]))
    vectors = batch.vectors[batch.terms[0]]  # [n, dims]
    if method.rule.is_sum:
        return vectors.sum(axis=0)[None], COSINE  # [1, dims]
    return vectors, of_cosines(method.rule, batch.constants[:, 0])


def _term_cosines(vectors: F64, terms: Ids) -> F64:
    """Cosines [questions] of the first vector of each question with its second, which has length 1."""
    units = unit(vectors)  # [vectors, dims]
    cosines = np.empty(len(terms))
    for at in range(0, len(terms), BLOCK_QUESTIONS):
        first, second = terms[at : at + BLOCK_QUESTIONS].T
        cosines[at : at + BLOCK_QUESTIONS] = (units[first] * vectors[second]).sum(axis=1)  # [block, dims] -> [block]
    return cosines
