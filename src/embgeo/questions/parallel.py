"""The angle between two differences, compared with chance for sides that are just as close."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from embgeo.errors import Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, Ids, shortest
from embgeo.numerics.parallelogram import chance_cosines, cosine_of
from embgeo.numerics.subspace import unit
from embgeo.questions.points import TermLike, check_apart
from embgeo.questions.rows import about, listable
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.parallel import Parallel, RandomSides

BLOCK_DRAWS: Final = 500  # draws worked on at a time
MAX_SAMPLES: Final = 1_000_000  # samples; the standard error of p is then below 0.0005


def parallel(
    model: Model, a: TermLike, b: TermLike, c: TermLike, d: TermLike, *, samples: int = 2000, seed: int = 0,
    multi: str = "mean", report: Report = silent,
) -> Parallel:  # fmt: skip
    """The angle between a - b and c - d, with a baseline of random sides as close; see `EmbeddingSpace.parallel`."""
    if not 1 <= samples <= MAX_SAMPLES or seed < 0:
        hint = f"Use 1 to {MAX_SAMPLES:,} samples and a seed from 0."
        raise UsageError(f"can't draw {samples:,} samples with seed {seed}", hint)
    points = [
        read_term(model, term, weight=sign, multi=multi)
        for term, sign in zip((a, b, c, d), (1.0, -1.0) * 2, strict=True)
    ]
    check_apart(points[0], points[1])
    check_apart(points[2], points[3])
    corners = np.array([point.vector for point in points])  # [4, dims]
    first, second = corners[0] - corners[1], corners[2] - corners[3]  # [dims] each
    cosine = float(np.clip(unit(first) @ unit(second), -1, 1))  # [dims] @ [dims]
    sides = cosine_of(corners[0], corners[2]), cosine_of(corners[1], corners[3])
    terms = (points[0].term, points[1].term, points[2].term, points[3].term)
    return Parallel(
        **about(model, "parallel", term_notes(points, multi)), terms=terms, cosine=shortest(cosine),
        angle=shortest(math.degrees(math.acos(cosine))),
        norms=(shortest(float(np.linalg.norm(first))), shortest(float(np.linalg.norm(second)))),
        sides=(shortest(sides[0]), shortest(sides[1])),
        baseline=_baseline(model, corners, cosine, samples, seed, report),
    )  # fmt: skip


def _baseline(model: Model, corners: F64, cosine: float, samples: int, seed: int, report: Report) -> RandomSides | None:
    """How parallel sides as close would be by chance: with A - B kept in one half of the draws, C - D in the other.

    The other side departs towards two random words (see `numerics.parallelogram`).
    """
    words = _words(model)
    if len(words) < 4:
        return None
    rows = np.random.default_rng(seed).choice(words, (samples, 2))  # [samples, 2]
    kept = samples - samples // 2

    def says(done: int) -> None:
        report("Drawing random sides", done, samples, "draws")

    parts = [
        _chance(model, corners, rows[:kept], says),
        _chance(model, corners[[2, 3, 0, 1]], rows[kept:], lambda done: says(kept + done)),
    ]
    drawn = np.concatenate(parts)  # [at most samples]
    if not len(drawn):
        return None
    p = (1 + np.count_nonzero(drawn >= cosine)) / (1 + len(drawn))
    high = np.quantile(drawn, 0.95, method="inverted_cdf")
    numbers = (drawn.mean(), drawn.std(), high, p)
    return RandomSides(len(drawn), seed, *(shortest(float(number)) for number in numbers))


def _words(model: Model) -> Ids:
    """Rows of whole words; of all tokens in a model with fewer than four words."""
    finite = np.isfinite(model.weights.norms)
    rows = np.flatnonzero(listable(model, [], words=True) & finite)
    return rows if len(rows) >= 4 else np.flatnonzero(listable(model, []) & finite)


def _chance(model: Model, corners: F64, rows: Ids, done: Callable[[int], None]) -> F64:
    """Cosines by chance, from pairs of rows [draws, 2]."""
    parts = [np.empty(0)]
    for at in range(0, len(rows), BLOCK_DRAWS):
        block = rows[at : at + BLOCK_DRAWS]
        random = model.weights.take(block.reshape(-1)).reshape(*block.shape, -1)  # [draws, 2, dims]
        parts.append(chance_cosines(corners, random))
        done(at + len(block))
    return np.concatenate(parts)
