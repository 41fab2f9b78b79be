"""Rated word pairs: how the cosines go with what people say."""

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
    """Pearson's and Spearman's correlation of the pairs' cosines with people's scores.

    Args:
        reference, restrict: as in `analogies.evaluate_analogies`.

    Raises:
        UsageError: no such reference.
    """
    words = word_rows(model, reference, restrict)
    rows = [(words.row(pair.a), words.row(pair.b)) for pair in file.items]
    asked = [number for number, pair in enumerate(rows) if min(pair) >= 0]
    cosines = cosines_of(model.weights, np.array([rows[number] for number in asked], np.intp).reshape(-1, 2))
    people = np.array([file.items[number].score for number in asked])
    outside = len(rows) - len(asked)
    return ModelSimilarity(
        **identity(model), asked=len(asked), outside=outside, outside_share=outside / len(rows),
        pearson=pearson(people, cosines), spearman=pearson(ranks(people), ranks(cosines)),
    )  # fmt: skip
