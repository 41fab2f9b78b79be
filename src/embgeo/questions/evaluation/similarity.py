"""Rated word pairs: how well cosines agree with human ratings."""

from __future__ import annotations

import numpy as np

from embgeo.formats.benchmarks import Benchmark, Rated
from embgeo.models.model import Model
from embgeo.numerics.correlation import cosines_of, pearson, ranks
from embgeo.questions.evaluation.words import word_rows
from embgeo.questions.rows import identity
from embgeo.results.eval import ModelSimilarity


def evaluate_similarity(
    model: Model, file: Benchmark[Rated], *, reference: str = "embgeo", restrict: int | None = None
) -> ModelSimilarity:
    """Pearson's and Spearman's correlation of the pairs' cosines with human ratings; errors as in `word_rows`."""
    words = word_rows(model, reference, restrict)
    rows = [(words.row(pair.a), words.row(pair.b)) for pair in file.items]
    known = [number for number, pair in enumerate(rows) if min(pair) >= 0]
    cosines = cosines_of(model.weights, np.array([rows[number] for number in known], np.intp).reshape(-1, 2))
    ratings = np.array([file.items[number].score for number in known])  # [known]
    outside = len(rows) - len(known)
    return ModelSimilarity(
        **identity(model), asked=len(known), outside=outside, outside_share=outside / len(rows),
        pearson=pearson(ratings, cosines), spearman=pearson(ranks(ratings), ranks(cosines)),
    )  # fmt: skip
