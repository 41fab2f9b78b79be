"""Methods that learn from the other pairs of a relation (Drozd et al. 2016; vecto)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from embgeo.errors import missing_package
from embgeo.numerics.analogies import sum_queries
from embgeo.numerics.batches import Batch
from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.objectives import ScoreRule
from embgeo.numerics.subspace import unit
from embgeo.questions.evaluation.question_rows import RelationPair

SOURCES_WEIGHT: Final = 4  # copies of each source word among the negative examples, as in vecto
SEED: Final = 0


def averaged(matrix: Matrix, pairs: list[RelationPair]) -> Batch:
    """3CosAvg: the cosine with c^ plus the mean of b^ - a^ over the other pairs (b the first partner of a).

    Args:
        pairs: two or more of one relation; each is a question.

    Returns:
        A query for each pair.
    """
    words, partners = _units(matrix, [p.word for p in pairs]), _units(matrix, [p.partners[0] for p in pairs])
    offsets = partners - words  # [pairs, dims]
    others = (offsets.sum(axis=0) - offsets) / (len(pairs) - 1)  # [pairs, dims]
    count = np.arange(len(pairs))
    return sum_queries(np.concatenate([others, words]), np.stack([count, len(pairs) + count], axis=1))


def lrcos(matrix: Matrix, pairs: list[RelationPair], allowed: Ids) -> Batch:
    """LRCos: cos(x, c) times the probability that x is in the class of the other pairs' partners.

    The probability comes from a logistic regression on unit rows (balanced classes, C = 1). Positive examples are the
    first partners of the other pairs; negative ones are their words, four times each, and as many random rows (fixed
    seed).

    Args:
        pairs: as in `averaged`.
        allowed: rows to draw random rows from.

    Raises:
        UsageError: scikit-learn is not installed.
    """
    words, partners = _units(matrix, [p.word for p in pairs]), _units(matrix, [p.partners[0] for p in pairs])
    noise = _units(matrix, np.random.default_rng(SEED).choice(allowed, len(pairs)).tolist())
    learners = [_fit(*(np.delete(rows, i, axis=0) for rows in (partners, words, noise))) for i in range(len(pairs))]
    weights = np.array([learner.coef_[0] for learner in learners], np.float64)  # [pairs, dims]
    starts = np.array([learner.intercept_[0] for learner in learners], np.float64)  # [pairs]
    count = np.arange(len(pairs))
    return Batch(
        np.concatenate([weights, words]), np.stack([count, len(pairs) + count], axis=1),
        np.stack([np.linalg.norm(weights, axis=1), starts]), LRCOS,
    )  # fmt: skip


def _fit(right: F64, wrong: F64, noise: F64) -> Any:
    try:
        from sklearn.linear_model import LogisticRegression
    except ModuleNotFoundError:
        raise missing_package("LRCos", "scikit-learn", "eval") from None
    rows = np.concatenate([right, *[wrong] * SOURCES_WEIGHT, noise])  # [examples, dims]
    labels = np.arange(len(rows)) < len(right)  # [examples]
    return LogisticRegression(class_weight="balanced").fit(rows, labels)


def _probable(cosines: Sequence[F64], constants: F64) -> F64:
    steepness, start = constants
    result: F64 = cosines[1] / (1 + np.exp(-(steepness * cosines[0] + start)))
    return result


LRCOS: Final = ScoreRule((0, 1), _probable)


def _units(matrix: Matrix, rows: list[int]) -> F64:
    return unit(matrix.take(np.array(rows, np.intp)))  # [pairs, dims]
