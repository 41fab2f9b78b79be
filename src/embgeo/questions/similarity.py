"""Words among themselves: the matrix of their similarities, and whether two differences run in parallel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.formats.token_table import ABSENT, WORD
from embgeo.models.model import CANCELLED, Embedding, Point
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.search import Ids
from embgeo.numerics.subspace import unit
from embgeo.results.info import Length
from embgeo.results.similarity import Parallel, RandomPairs, Similarity

DRAWN: Final = 500  # draws of four rows worked on at a time


def similarity(
    space: Embedding, terms: Sequence[str], *, metric: str = "cosine", multi: str = "mean"
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
    points = [space.point(term, multi=multi) for term in terms]
    for point in points:
        if not np.isfinite(point.norm):
            point.unit()  # says which holds no numbers
    vectors = np.array([point.unit() if metric == "cosine" else point.vector for point in points])  # [terms, dims]
    manifest = space.manifest
    return Similarity(
        "similarity", manifest.model, manifest.revision, manifest.dtype,
        (*space.notes, *space.split_notes(points, multi)), metric,
        tuple(Length(point.term.term, point.term.tokens, shortest(point.norm)) for point in points),
        tuple(tuple(shortest(value) for value in row) for row in vectors @ vectors.T),  # [terms, dims] @ [dims, terms]
        transform=manifest.transform,
    )  # fmt: skip


def parallel(
    space: Embedding, a: str, b: str, c: str, d: str, *, samples: int = 2000, seed: int = 0, multi: str = "mean"
) -> Parallel:
    """The angle between a - b and c - d, beside the angles between differences of random words.

    Args:
        a, b, c, d: terms or expressions.
        samples, seed: of the baseline: so many draws of four different whole words.

    Raises:
        TermError: the model has no vector for a term, or a difference is zero.
        UsageError: a number of samples or a seed below what makes sense.
    """
    if samples < 1 or seed < 0:
        raise UsageError(f"can't draw {samples} samples with seed {seed}", "At least 1, and a seed from 0.")
    points = [space.point(term, sign, multi) for term, sign in zip((a, b, c, d), (1.0, -1.0) * 2, strict=True)]
    first, second = _difference(points[0], points[1]), _difference(points[2], points[3])
    cosine = float(np.clip(unit(first) @ unit(second), -1, 1))  # [dims] @ [dims]
    manifest = space.manifest
    terms = (points[0].term, points[1].term, points[2].term, points[3].term)
    return Parallel(
        "parallel", manifest.model, manifest.revision, manifest.dtype,
        (*space.notes, *space.split_notes(points, multi)), terms, shortest(cosine),
        shortest(math.degrees(math.acos(cosine))),
        (shortest(float(np.linalg.norm(first))), shortest(float(np.linalg.norm(second)))),
        _baseline(space, cosine, samples, seed), transform=manifest.transform,
    )  # fmt: skip


def random_cosines(space: Embedding, samples: int, seed: int) -> F64:
    """Cosines [at most samples] between r1 - r2 and r3 - r4 for random rows of whole words, all four different.

    With fewer than four whole words all tokens are drawn from. Differences of length zero give none.
    """
    flags, finite = space.vocabulary.table.flags, np.isfinite(space.matrix.norms)
    rows = np.flatnonzero(((flags & (WORD | ABSENT)) == WORD) & finite)
    if len(rows) < 4:
        rows = np.flatnonzero(((flags & ABSENT) == 0) & finite)
    if len(rows) < 4:
        return np.empty(0)
    random = np.random.default_rng(seed)
    drawn = np.array([random.choice(len(rows), 4, replace=False, shuffle=True) for _ in range(samples)])  # [samples, 4]
    found = [_cosines(space, rows[drawn[at : at + DRAWN]]) for at in range(0, samples, DRAWN)]
    cosines = np.concatenate(found)
    return cosines[np.isfinite(cosines)]


def _cosines(space: Embedding, four: Ids) -> F64:
    vectors = space.matrix.take(four.reshape(-1)).reshape(*four.shape, -1)  # [samples, 4, dims]
    first, second = vectors[:, 0] - vectors[:, 1], vectors[:, 2] - vectors[:, 3]  # [samples, dims] each
    with np.errstate(invalid="ignore", divide="ignore"):
        dots = (first * second).sum(axis=1)  # [samples]
        cosines: F64 = dots / (np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1))
    return cosines


def _baseline(space: Embedding, cosine: float, samples: int, seed: int) -> RandomPairs | None:
    drawn = random_cosines(space, samples, seed)
    if not len(drawn):
        return None
    reached = (1 + np.count_nonzero(drawn >= cosine)) / (1 + len(drawn))
    high = np.quantile(drawn, 0.95, method="inverted_cdf")
    numbers = (drawn.mean(), drawn.std(), high, reached)
    return RandomPairs(len(drawn), seed, *(shortest(float(number)) for number in numbers))


def _difference(first: Point, second: Point) -> F64:
    difference = first.vector - second.vector  # [dims]
    length = float(np.linalg.norm(difference))
    if not (np.isfinite(length) and length > CANCELLED * (first.added + second.added)):
        a, b = first.term.term, second.term.term
        raise TermError(f"'{a}' and '{b}' have the same vector here, which gives no direction")
    return difference
