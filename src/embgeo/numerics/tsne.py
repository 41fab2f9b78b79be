"""t-SNE of a nearest-neighbor graph in a plane, with the same bits on every machine.

van der Maaten & Hinton 2008, with early exaggeration, momentum and gains as in van der Maaten 2014, and the repulsion
of Linderman et al. 2019 (see `repulsion`). Edges are weighted by rank, not by perplexity. The loop has no random
numbers, no exponentials and no BLAS: only sums, products, roots, divisions and FFTs, always in the same order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, silent
from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.repulsion import repulsion

VERSION: Final = 2  # of the layout: a stored one of another version is computed again
EXAGGERATED_STEPS: Final = 200  # steps with exaggeration
STEPS: Final = 600
EXAGGERATION: Final = 12.0
MAX_STEP: Final = 5.0  # a step
START_DEVIATION: Final = 1e-4  # the start's largest standard deviation
MIN_GAIN: Final = 0.01
MIN_RATE: Final = 50.0
TINY: Final = 1e-300
BLOCK_EDGES: Final = 1 << 15  # edges at a time, so that they stay in the processor's cache
THREADS: Final = 2


class Edges(NamedTuple):
    """Undirected edges [edges] from `a` to `b`, each once, sorted by `a`; their weights add up to 1 / 2."""

    a: Ids
    b: Ids
    weight: F64


def tsne(graph: Ids, start: F64, report: Report = silent) -> F64:
    """Places in a plane [points, 2], centered.

    Args:
        graph: [points, k] the nearest points of each, nearest first; -1 where there are fewer.
        start: [points, 2] the places to start from, in any unit.
        report: called with the number of steps done.
    """
    edges = rank_edges(graph)
    spread = float(np.sqrt((start * start).sum(axis=0) / len(start)).max())
    places = start * (START_DEVIATION / spread if spread > 0 else 1.0)
    moved, gains = np.zeros_like(places), np.ones_like(places)
    with ThreadPoolExecutor(THREADS) as pool:  # NumPy releases Python's lock; no sum depends on which thread is first
        for step in range(STEPS):
            exaggeration, momentum = (EXAGGERATION, 0.5) if step < EXAGGERATED_STEPS else (1.0, 0.8)
            rate = max(len(places) / exaggeration, MIN_RATE)  # Belkina et al. 2019
            pull = pool.submit(attraction, edges, places)
            push, total = repulsion(places, pool.map)
            gradient = 4 * (exaggeration * pull.result() - push / max(total, TINY))  # [points, 2]
            same = (gradient > 0) == (moved > 0)
            gains = np.maximum(np.where(same, gains * 0.8, gains + 0.2), MIN_GAIN)
            moved = _clipped(momentum * moved - rate * gains * gradient)
            places = places + moved
            places -= places.sum(axis=0) / len(places)
            report("Laying out", step + 1, STEPS, "steps")
    return places


def _clipped(moves: F64) -> F64:
    """Moves [points, 2] of at most `MAX_STEP`. The C library's hypot has other last digits on other systems."""
    scale = np.maximum(np.abs(moves).max(axis=1), MAX_STEP)  # [points] so that no square overflows
    x, y = (moves / scale[:, None]).T
    length = scale * np.sqrt(x * x + y * y)  # [points]
    clipped: F64 = moves * np.minimum(1, MAX_STEP / np.maximum(length, MAX_STEP))[:, None]
    return clipped


def rank_edges(graph: Ids) -> Edges:
    """The edges of a graph: k, k - 1, ... 1 by rank, added where two points list each other."""
    points, k = graph.shape
    a = np.repeat(np.arange(points), k)
    b, weight = graph.ravel(), np.tile(np.arange(k, 0, -1, dtype=np.float64), points)
    a, b, weight = a[b >= 0], b[b >= 0], weight[b >= 0]
    key, which = np.unique(np.minimum(a, b) * points + np.maximum(a, b), return_inverse=True)
    sums = np.bincount(which.ravel(), weight)  # whole numbers, exact in any order
    return Edges(key // points, key % points, sums / (2 * sums.sum()))


def attraction(edges: Edges, places: F64) -> F64:
    """The sum over the edges of p_ij (y_i - y_j) / (1 + d_ij^2) [points, 2]."""
    points = np.ascontiguousarray(places).view(np.complex128)[:, 0]  # [points] x + iy: one look-up for both
    along_x, along_y = np.empty((2, len(edges.a)))  # [edges] each
    for at in range(0, len(edges.a), BLOCK_EDGES):
        part = slice(at, at + BLOCK_EDGES)
        gaps = points[edges.a[part]] - points[edges.b[part]]  # [block]
        pull = edges.weight[part] / (1 + gaps.real * gaps.real + gaps.imag * gaps.imag)
        np.multiply(pull, gaps.real, out=along_x[part])
        np.multiply(pull, gaps.imag, out=along_y[part])
    sums = (
        np.bincount(edges.a, toward, len(places)) - np.bincount(edges.b, toward, len(places))
        for toward in (along_x, along_y)
    )
    return np.stack(list(sums), axis=1)
