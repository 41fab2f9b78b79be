"""Words among themselves: the matrix of their similarities, and whether two differences run in parallel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embgeo.errors import UsageError
from embgeo.models.model import Model
from embgeo.numerics.dtypes import shortest
from embgeo.questions.rows import about
from embgeo.questions.terms import read_term, split_notes
from embgeo.results.dot import TermLength
from embgeo.results.similarity import Similarity


def similarity(
    model: Model, terms: Sequence[str], *, metric: str = "cosine", multi: str = "mean"
) -> Similarity:  # fmt: skip
    """Every term against every other: cosines or dot products.

    Raises:
        TermError: the model has no vector for a term, or (cosine) one has no direction.
        UsageError: no such metric, or fewer than two terms.
    """
    if metric not in ("cosine", "dot"):
        raise UsageError(f"'{metric}' is no metric of this matrix", "Use one of cosine, dot.")
    if len(terms) < 2:
        raise UsageError("a similarity takes two terms at least", "As in: embgeo similarity cat dog house")
    points = [read_term(model, term, multi=multi) for term in terms]
    for point in points:
        if not np.isfinite(point.norm):
            point.unit()  # says which holds no numbers
    vectors = np.array([point.unit() if metric == "cosine" else point.vector for point in points])  # [terms, dims]
    return Similarity(
        **about(model, "similarity", split_notes(points, multi)), metric=metric,
        terms=tuple(TermLength(
            term=point.term.term, tokens=point.term.tokens, norm=shortest(point.norm),
        ) for point in points),
        matrix=tuple(tuple(shortest(value) for value in row) for row in vectors @ vectors.T),
    )  # fmt: skip
