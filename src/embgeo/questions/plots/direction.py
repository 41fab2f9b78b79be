"""Words along a direction, in front of the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from embgeo.errors import UsageError
from embgeo.models.model import Model
from embgeo.numerics.correlation import pearson, ranks
from embgeo.numerics.dtypes import F32, F64, Ids, shortest
from embgeo.numerics.objectives import DOT
from embgeo.numerics.search import scan
from embgeo.questions.direction import Direction, from_text
from embgeo.questions.points import Point, TermLike
from embgeo.questions.rows import about, listable
from embgeo.questions.terms import read_terms, term_notes
from embgeo.results.plots.direction import DirectionPlot, OrderChance

BINS: Final = 60
SAMPLES: Final = 1000  # random directions
MAX_COMPARED: Final = 32  # words that are compared with each other at once
ROUNDING_ERROR: Final = 1e-6  # more than a correlation loses when it is rounded to float32
TAIL_SHARE: Final = 0.001  # of the rows are left out of the histogram at each end, unless a word lies there
BLOCK_ROWS: Final = 4096  # rows of random pairs taken at a time


def plot_direction(
    model: Model, direction: TermLike | Direction, words: Sequence[str], *, seed: int = 0
) -> DirectionPlot:
    """Where words lie along a direction, among all tokens; see `EmbeddingSpace.plot_direction`."""
    if not words:
        raise UsageError("plot direction needs words to score", "As in: embgeo plot direction cats cat --score one two")
    if seed < 0:
        raise UsageError(f"invalid seed '{seed}'; expected 0 or more")
    if not isinstance(direction, Direction):
        direction = from_text(model, direction)
    points = read_terms(model, words, multi=direction.multi)
    scores = direction.scores_of(points)
    rows = np.flatnonzero(listable(model, []) & np.isfinite(model.searchable().norms))
    dots = np.array([score.dot for score in scores])
    low, high, counts, outside = _histogram(model, direction.vector, rows, dots.tolist())
    rho = pearson(np.arange(len(dots), dtype=np.float64), ranks(dots)) if len(dots) > 2 else None
    own = [point for pair in direction.pairs for point in pair]
    chance = None
    if rho is not None:
        share = _as_good(model, points, rows, max(1, len(direction.pairs)), abs(rho), seed)
        chance = OrderChance(samples=SAMPLES, seed=seed, share=shortest(share))
    return DirectionPlot(
        **about(model, "plot direction", (*direction.notes, *term_notes([*own, *points], direction.multi))),
        direction=direction.name, pairs=len(direction.pairs), norm=shortest(direction.norm), scores=scores,
        low=shortest(low), high=shortest(high), histogram=counts, outside=outside,
        spearman=None if rho is None else shortest(rho), chance=chance,
    )  # fmt: skip


def _histogram(model: Model, vector: F64, rows: Ids, dots: list[float]) -> tuple[float, float, tuple[int, ...], int]:
    """The rows' dot products counted in equal steps over all but the outermost rows, and how many lie outside.

    Counts are exact: rows whose bounds straddle the edge of a step are scored again.
    """
    bounds = scan(model.searchable(), vector[None, :], DOT)
    low, high = bounds.low[rows], bounds.high[rows]  # [rows]
    unsure = ~(np.isfinite(low) & np.isfinite(high))
    low[unsure] = high[unsure] = bounds.score(rows[unsure])
    start, end = (shortest(np.quantile(low, part)) for part in (TAIL_SHARE, 1 - TAIL_SHARE))
    start, end = min(start, *dots), max(end, *dots)
    edges = np.linspace(start, end if end > start else start + max(1.0, abs(start)), BINS + 1)
    first, last = (_steps(edges, values) for values in (low, high))
    torn = np.flatnonzero(first != last)
    first[torn] = _steps(edges, bounds.score(rows[torn]))
    counts = np.bincount(first, minlength=BINS + 2)  # [steps + 2]: below, the steps, above
    return float(edges[0]), float(edges[-1]), tuple(counts[1:-1].tolist()), int(counts[0] + counts[-1])


def _steps(edges: F64, values: F32 | F64) -> Ids:
    """The step [values] that each value lies in, from 1; 0 below the first edge, one more than steps above the last."""
    steps: Ids = np.searchsorted(edges, values, side="right")
    steps[values == edges[-1]] -= 1
    return steps


def _as_good(model: Model, points: list[Point], rows: Ids, pairs: int, rho: float, seed: int) -> float:
    """The share of directions from random pairs of rows whose correlation is at least this far from zero."""
    words = np.array([point.vector for point in points])  # [words, dims]
    random = np.random.default_rng(seed)
    at_once = max(1, BLOCK_ROWS // (2 * pairs))
    good = 0
    for start in range(0, SAMPLES, at_once):
        count = min(at_once, SAMPLES - start)
        drawn = model.weights.take(rows[random.integers(len(rows), size=count * pairs * 2)])  # [drawn, dims]
        ends = drawn.reshape(count, 2, pairs, -1).sum(axis=2)  # [count, 2, dims]
        scores = (ends[:, 0] - ends[:, 1]) @ words.T  # [count, dims] @ [dims, words] -> [count, words]
        good += int(np.count_nonzero(np.abs(_correlations(scores)) >= rho - ROUNDING_ERROR))
    return good / SAMPLES


def _correlations(scores: F64) -> F64:
    """The rank correlation [lists] of each list of scores [lists, words] with its order; 0 if all are equal."""
    placed = (
        np.array([ranks(row) for row in scores]) if scores.shape[1] > MAX_COMPARED else _ranks(scores)
    )  # [lists, words]
    placed -= placed.mean(axis=1, keepdims=True)
    order = np.arange(scores.shape[1]) - (scores.shape[1] - 1) / 2  # [words]
    lengths = np.linalg.norm(placed, axis=1) * np.linalg.norm(order)  # [lists]
    found: F64 = placed @ order / np.where(lengths > 0, lengths, 1.0)  # [lists, words] @ [words] -> [lists]
    return found


def _ranks(scores: F64) -> F64:
    """Ranks [lists, words]: the number of lower scores, and half of the equal ones."""
    one, other = scores[:, :, None], scores[:, None, :]  # [lists, words, 1], [lists, 1, words]
    placed: F64 = (one > other).sum(axis=2) + (one == other).sum(axis=2) / 2  # [lists, words]
    return placed
