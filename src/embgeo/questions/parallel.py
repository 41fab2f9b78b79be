"""The angle between two differences, compared with differences of random words."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.formats.token_table import ABSENT, WORD
from embgeo.models.model import Model
from embgeo.numerics.correlation import cosines_between
from embgeo.numerics.dtypes import F64, Ids, shortest
from embgeo.numerics.subspace import CANCELLED, unit
from embgeo.questions.rows import about
from embgeo.questions.terms import Point, read_term, term_notes
from embgeo.results.parallel import Parallel, RandomPairs

BLOCK: Final = 500  # draws of four rows worked on at a time


def parallel(
    model: Model, a: str, b: str, c: str, d: str, *, samples: int = 2000, seed: int = 0, multi: str = "mean"
) -> Parallel:
    """The angle between a - b and c - d, with a baseline of differences of random words.

    Args:
        a, b, c, d: terms or expressions.
        samples, seed: of the baseline; each sample is four different whole words.

    Raises:
        TermError: the model has no vector for a term, or a difference is zero.
        UsageError: no samples, or a negative seed.
    """
    if samples < 1 or seed < 0:
        raise UsageError(f"can't draw {samples} samples with seed {seed}", "At least 1, and a seed from 0.")
    points = [
        read_term(model, term, weight=sign, multi=multi)
        for term, sign in zip((a, b, c, d), (1.0, -1.0) * 2, strict=True)
    ]
    first, second = _difference(points[0], points[1]), _difference(points[2], points[3])
    cosine = float(np.clip(unit(first) @ unit(second), -1, 1))  # [dims] @ [dims]
    terms = (points[0].term, points[1].term, points[2].term, points[3].term)
    return Parallel(
        **about(model, "parallel", term_notes(points, multi)), terms=terms, cosine=shortest(cosine),
        angle=shortest(math.degrees(math.acos(cosine))),
        norms=(shortest(float(np.linalg.norm(first))), shortest(float(np.linalg.norm(second)))),
        baseline=_baseline(model, cosine, samples, seed),
    )  # fmt: skip


def random_cosines(model: Model, samples: int, seed: int) -> F64:
    """Cosines [at most samples] between r1 - r2 and r3 - r4 for random rows of whole words, all four different.

    A model with fewer than four whole words draws from all its tokens. Differences of length zero give no cosine.
    """
    flags, finite = model.vocabulary.table.flags, np.isfinite(model.weights.norms)
    rows = np.flatnonzero(((flags & (WORD | ABSENT)) == WORD) & finite)
    if len(rows) < 4:
        rows = np.flatnonzero(((flags & ABSENT) == 0) & finite)
    if len(rows) < 4:
        return np.empty(0)
    random = np.random.default_rng(seed)
    drawn = np.array([random.choice(len(rows), 4, replace=False, shuffle=True) for _ in range(samples)])  # [samples, 4]
    parts = [_cosines(model, rows[drawn[at : at + BLOCK]]) for at in range(0, samples, BLOCK)]
    cosines: F64 = np.concatenate(parts)
    return cosines[np.isfinite(cosines)]


def _cosines(model: Model, four: Ids) -> F64:
    vectors = model.weights.take(four.reshape(-1)).reshape(*four.shape, -1)  # [samples, 4, dims]
    return cosines_between(vectors[:, 0] - vectors[:, 1], vectors[:, 2] - vectors[:, 3])  # [samples, dims] each


def _baseline(model: Model, cosine: float, samples: int, seed: int) -> RandomPairs | None:
    drawn = random_cosines(model, samples, seed)
    if not len(drawn):
        return None
    p = (1 + np.count_nonzero(drawn >= cosine)) / (1 + len(drawn))
    high = np.quantile(drawn, 0.95, method="inverted_cdf")
    numbers = (drawn.mean(), drawn.std(), high, p)
    return RandomPairs(len(drawn), seed, *(shortest(float(number)) for number in numbers))


def _difference(first: Point, second: Point) -> F64:
    difference = first.vector - second.vector  # [dims]
    length = float(np.linalg.norm(difference))
    if not (np.isfinite(length) and length > CANCELLED * (first.added + second.added)):
        a, b = first.term.term, second.term.term
        raise TermError(f"'{a}' and '{b}' have the same vector here, which gives no direction")
    return difference
