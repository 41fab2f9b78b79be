"""The odd one out: the word least like the mean of all (gensim's `doesnt_match`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embgeo.errors import UsageError
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F32, F64, shortest
from embgeo.questions.points import TermLike
from embgeo.questions.rows import about
from embgeo.questions.terms import read_terms, term_notes
from embgeo.results.odd import Odd, OddWord


def odd(model: Model, terms: Sequence[TermLike], *, multi: str = "mean") -> Odd:
    """Which of the terms does not belong; see `EmbeddingSpace.odd`."""
    if len(terms) < 3:
        raise UsageError("odd needs three or more words", "As in: embgeo odd breakfast lunch dinner car")
    points = read_terms(model, terms, multi=multi)
    scores = centralities(np.array([point.unit() for point in points]))  # [terms, dims] -> [terms]
    order = np.argsort(scores, kind="stable")
    placed = tuple(
        OddWord(rank=rank, term=points[i].term.term, tokens=points[i].term.tokens, centrality=shortest(scores[i]))
        for rank, i in enumerate(order.tolist(), 1)
    )
    return Odd(
        **about(model, "odd", term_notes(points, multi)), terms=tuple(point.term for point in points),
        odd=placed[0].term, words=placed,
    )  # fmt: skip


def centralities(vectors: F64) -> F32:
    """Cosine [words] of each vector [words, dims] with the mean of all unit vectors.

    Rounded to float32: a smaller difference comes from the order of additions alone.
    """
    units = vectors / np.linalg.norm(vectors, axis=1)[:, None]  # [words, dims]
    mean = units.mean(axis=0)  # [dims]
    length = float(np.linalg.norm(mean))
    found: F64 = (units * (mean / length if length > 0 else mean)).sum(axis=1)  # [words, dims] * [dims] -> [words]
    return found.astype(np.float32)
