"""Ways to complete an analogy, each defined once: for one question, and for many at a time.

With a to b as c to the answer (word2vec's order), x^ the row x with length 1:

    3cosadd        cos(x, b^ - a^ + c^)                          Mikolov et al. 2013
    3cosmul        p(x, b) p(x, c) / (p(x, a) + 1e-6), with p = (1 + cos) / 2    Levy & Goldberg 2014
    offset         cos(x, b - a + c): the raw rows
    pairdirection  cos(x^ - c^, b^ - a^)                         Levy & Goldberg 2014; vecto's PairDistance

`embgeo analogy A B C` names the same words A = b, B = a, C = c: A - B + C.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from embgeo.errors import UsageError
from embgeo.numerics.batches import Batch, ScoreRule
from embgeo.numerics.dtypes import F64, Ids, Mask
from embgeo.numerics.search import COSINE, Objective, cosmul_of, of_cosines
from embgeo.numerics.subspace import CANCELLED

METHODS: Final = ("3cosadd", "3cosmul", "offset", "pairdirection")
LABELS: Final = {
    "3cosadd": "3CosAdd", "3cosmul": "3CosMul", "offset": "raw offset", "pairdirection": "pair direction",
    "3cosavg": "3CosAvg", "lrcos": "LRCos",
}  # fmt: skip
SIGNS: Final = (1, -1, 1)  # of A - B + C
SAME: Final = 1e-12  # squared distance of unit rows below which there is no direction from one to the other


def check_method(method: str, names: Sequence[str] = METHODS) -> None:
    """Refuse what is no method.

    Raises:
        UsageError: naming those that are.
    """
    if method not in names:
        raise UsageError(f"'{method}' is no analogy method", f"Use one of {', '.join(names)}.")


def sum_rule(vectors: int) -> ScoreRule:
    """The cosine with a sum of vectors; constants: each one's share [vectors] of it, |vector| / |sum|."""
    return ScoreRule((1,) * vectors, _weighted, is_sum=True)


def analogy_queries(method: str, vectors: F64, triples: Ids) -> Batch:
    """Analogy questions for the batched search.

    Args:
        vectors: [vectors, dims] raw, none without direction.
        triples: [questions, 3] which of them are A, B and C.
    """
    if method != "offset":
        vectors = vectors / np.linalg.norm(vectors, axis=1)[:, None]  # [vectors, dims]
    if method == "3cosmul":
        return Batch(
            vectors,
            triples,
            np.empty((0, len(triples))),
            ScoreRule(SIGNS, lambda cosines, _: cosmul_of(cosines, SIGNS)),
        )
    pairs, place = np.unique(triples[:, :2], axis=0, return_inverse=True)
    offsets = vectors[pairs[:, 0]] - vectors[pairs[:, 1]]  # [pairs, dims]
    terms = np.stack([place.ravel(), len(pairs) + triples[:, 2]], axis=1)
    both = np.concatenate([offsets, vectors])  # [pairs + vectors, dims]
    lengths = np.linalg.norm(both, axis=1)
    if method == "pairdirection":
        start = _along(offsets, vectors, terms[:, 0], triples[:, 2])
        return Batch(both, terms, start[None], PAIR_DIRECTION)
    return sum_queries(both, terms, lengths)


def sum_queries(vectors: F64, terms: Ids, lengths: F64 | None = None) -> Batch:
    """Questions whose score is the cosine with the sum of their vectors.

    Args:
        vectors: [vectors, dims]
        terms: [questions, n] which of them are added.
    """
    lengths = np.linalg.norm(vectors, axis=1) if lengths is None else lengths
    totals = np.empty(len(terms))
    for at in range(0, len(terms), 1024):
        totals[at : at + 1024] = np.linalg.norm(vectors[terms[at : at + 1024]].sum(axis=1), axis=1)  # [1024, n, dims]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(totals > 0, lengths[terms].T / totals, 0)  # [n, questions]
    return Batch(vectors, terms, shares, sum_rule(terms.shape[1]))


def has_direction(batch: Batch) -> Mask:
    """Which questions have something to look for [questions]: of the others a sum or an offset cancels out."""
    if batch.rule.is_sum:
        added = batch.constants.sum(axis=0)  # [questions] lengths added up, by the length of the sum; 0 where that is 0
        sums: Mask = (added > 0) & (added < 1 / CANCELLED)
        return sums
    offsets: Mask = (np.linalg.norm(batch.vectors, axis=1) > CANCELLED)[batch.terms].all(axis=1)  # [questions, n]
    return offsets


def single_query(method: str, a: F64, b: F64, c: F64) -> tuple[F64, Objective]:
    """One question A - B + C: the vectors [n, dims] and the objective that `search.scan` takes.

    Args:
        a, b, c: [dims] raw, none without direction.
    """
    if method == "offset":
        return np.array([a, -b, c]).sum(axis=0)[None], COSINE  # [1, dims]
    units = np.stack([vector / np.linalg.norm(vector) for vector in (a, b, c)])  # [3, dims]
    if method == "3cosmul":
        return units, of_cosines(method, SIGNS, lambda cosines: cosmul_of(cosines, SIGNS))
    if method == "pairdirection":
        offset = units[0] - units[1]  # [dims]
        start = _along(offset[None], units[2:], np.array([0]), np.array([0]))
        return np.stack([offset, units[2]]), of_cosines(
            method, PAIR_DIRECTION.signs, lambda cosines: _pair_direction(list(cosines), start)
        )
    return (units * np.array(SIGNS)[:, None]).sum(axis=0)[None], COSINE  # [1, dims]


def _weighted(cosines: Sequence[F64], shares: F64) -> F64:
    total: F64 = shares[0] * cosines[0]
    for share, cosine in zip(shares[1:], cosines[1:], strict=True):
        total = total + share * cosine
    return total


def _pair_direction(cosines: Sequence[F64], start: F64) -> F64:
    """(x^ - c^) . o^ / |x^ - c^| for the offset o, from x^ . o^ and x^ . c^; the constant is c^ . o^."""
    along, near = cosines
    gap = 2 - 2 * near  # |x^ - c^| squared
    result: F64 = np.where(gap > SAME, (along - start[0]) / np.sqrt(np.maximum(gap, SAME)), np.nan)
    return result


PAIR_DIRECTION: Final = ScoreRule((1, 0), _pair_direction)


def _along(offsets: F64, units: F64, which: Ids, start: Ids) -> F64:
    """c^ . o^ [questions]."""
    lengths = np.linalg.norm(offsets, axis=1)
    turned = offsets / np.where(lengths > 0, lengths, 1)[:, None]  # [pairs, dims]
    found = np.empty(len(which))
    for at in range(0, len(which), 1024):
        part = slice(at, at + 1024)
        found[part] = (turned[which[part]] * units[start[part]]).sum(axis=1)  # [1024, dims] -> [1024]
    return found
