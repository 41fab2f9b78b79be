"""The passes over a matrix from which the figures of its shape are drawn.

The first gives the moments, the mean direction, identical rows, and brings along the rows of both random samples; the
second the distances from the mean that the first found, and the nearest rows of the sampled queries. A pass more for
each `QUERIES` queries beyond the first so many.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report
from embgeo.numerics.census import Census, census, distances
from embgeo.numerics.dtypes import F64, Ids, Mask, to_float64
from embgeo.numerics.hubness import NearestRows
from embgeo.numerics.kernels import Matrix

NEAREST: Final = 10  # of k-occurrence, as Radovanovic et al. 2010 have it
QUERIES: Final = 4096  # that one pass answers
BLOCK_BYTES: Final = 32 << 20  # of rows looked at together in the second pass


class Sample(NamedTuple):
    """Random rows: pairs [samples, 2] of different ones, and queries [queries] in random order."""

    pairs: Ids
    queries: Ids


class Measured(NamedTuple):
    """What the passes found.

    Attributes:
        directed: numbers of the rows that count and aren't zero.
        cosines: [samples] of the random pairs.
        far: [rows] distances from the mean.
        lists: [queries, NEAREST] the rows nearest to each query.
    """

    census: Census
    directed: Ids
    cosines: F64
    far: F64
    lists: Ids


def draw(rows: Ids, samples: int, queries: int | None, seed: int) -> Sample:
    """Random rows for both questions, each from a stream of its own, so that neither number moves the other's rows.

    Args:
        rows: those that have a direction; with fewer than two there are no pairs, with too few for a list no queries.
        queries: how many; None for all.
    """
    if len(rows) < 2:
        return Sample(np.empty((0, 2), np.intp), np.empty(0, np.intp))
    random = np.random.default_rng((seed, 0))
    first = random.integers(len(rows), size=samples)
    second = (first + random.integers(1, len(rows), size=samples)) % len(rows)
    asked = len(rows) if queries is None else min(queries, len(rows))
    if len(rows) <= NEAREST + 1:
        asked = 0
    shuffled = np.random.default_rng((seed, 1)).permutation(rows)[:asked]
    return Sample(rows[np.stack([first, second], axis=1)], shuffled)


def measure(matrix: Matrix, keep: Mask, sample: Sample, report: Report) -> Measured:
    """Go through the matrix twice, or as often as the queries ask for.

    Args:
        keep: [rows] which count; none with NaN or infinity.
        sample: drawn from those that are not zero.
        report: told how many rows of each pass are done.
    """
    rows = matrix.shape[0]
    directed = np.flatnonzero(keep & (matrix.norms > 0))
    queries = sample.queries[:QUERIES]
    picks = np.unique(np.concatenate([sample.pairs.ravel(), queries]))
    found = census(matrix, keep, picks, report)
    first, second, vectors = (
        to_float64(found.picked[np.searchsorted(picks, some)], matrix.dtype) for some in (*sample.pairs.T, queries)
    )  # [samples, dims], [samples, dims], [queries, dims]
    far = np.empty(rows)
    lists = []
    for at in range(0, max(1, len(sample.queries)), QUERIES):
        queries = sample.queries[at : at + QUERIES]
        nearest = NearestRows(queries, matrix.take(queries) if at else vectors, NEAREST)
        for part, block in _blocks(matrix):
            if not at:
                far[part] = distances(block, found.moments.mean)
            if len(queries):
                nearest.add(block, part.start, keep[part] & (block.norms > 0))
            report(_named(at, sample), part.stop, rows, "rows")
        if len(queries):
            lists.append(nearest.lists(matrix))
    joined = np.concatenate(lists) if lists else np.empty((0, NEAREST), np.intp)
    return Measured(found, directed, _cosines(first, second), far, joined)


def _cosines(first: F64, second: F64) -> F64:
    """Of each two rows [samples, dims]."""
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    result: F64 = (first * second).sum(axis=1) / lengths
    return result


def _blocks(matrix: Matrix) -> Iterator[tuple[slice, Matrix]]:
    rows, dims = matrix.shape
    step = max(1, BLOCK_BYTES // (4 * max(1, dims)))
    for at in range(0, rows, step):
        part = slice(at, min(at + step, rows))
        yield part, Matrix(np.asarray(matrix.rows[part]), matrix.dtype, matrix.norms[part])


def _named(at: int, sample: Sample) -> str:
    """What a pass is called while it runs."""
    if len(sample.queries) <= QUERIES:
        return "Nearest rows"
    passes = -(-len(sample.queries) // QUERIES)
    return f"Nearest rows, pass {at // QUERIES + 1} of {passes}"
