"""The rows nearest to each of some queries by cosine, and the distances of all rows from a point, in the same pass."""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.errors import Report, silent
from embgeo.numerics.analogies import sum_queries
from embgeo.numerics.batch_neighbors import nearest_candidates
from embgeo.numerics.batches import Candidates, RowFilter, places_in_runs
from embgeo.numerics.dtypes import F64, Ids, Mask, to_float64
from embgeo.numerics.kernels import Matrix, pieces
from embgeo.numerics.rescoring import exact_scores

QUERIES_PER_PASS: Final = 4096  # in one pass
BLOCK_BYTES: Final = 32 << 20  # of rows in float32


class NearestRows:
    """The k rows nearest to each query by cosine, excluding the query itself, among rows that come in blocks.

    The same rows as from a search for each query: float64 decides, and lower rows come first among equal scores.
    """

    def __init__(self, queries: Ids, vectors: F64, k: int) -> None:
        """Start without any rows.

        Args:
            queries: [queries] numbers of rows.
            vectors: [queries, dims] those rows, each with a direction.
            k: how many to find for each.
        """
        self._queries, self._k = queries, k
        self._batch = sum_queries(vectors)
        self._candidates = Candidates.none(len(queries))

    def add(self, block: Matrix, start: int, allowed: Mask) -> None:
        """Search a block of rows.

        Args:
            start: the number of its first row.
            allowed: [rows of the block] which of them can be in a list; each has a direction.
        """
        own = self._queries - start
        left_out = np.where((own >= 0) & (own < len(allowed)), own, -1)[:, None]
        parts = [self._candidates]
        for part in nearest_candidates(
            block, self._batch.vectors, RowFilter(allowed, np.arange(len(allowed)), left_out), self._k
        ):
            others = part.where(~part.left_out)
            parts.append(others._replace(question=others.question + part.first, row=others.row + start))
        merged = Candidates.joined(parts)
        merged = merged.where(np.lexsort((-merged.low, merged.question)))
        kth = _nth_values(merged.question, len(self._queries), self._k - 1, merged.low)
        self._candidates = merged.where(merged.high >= kth[merged.question])

    def lists(self, matrix: Matrix) -> Ids:
        """The k nearest rows of each query, in no order [queries, k]; where the bounds can't tell, scores are exact.

        Each query must have k rows at least.
        """
        pairs = self._candidates.where(np.lexsort((-self._candidates.high, self._candidates.question)))
        rival = _nth_values(pairs.question, len(self._queries), self._k, pairs.high)  # the highest bound after k
        sure = pairs.low > rival[pairs.question]
        missing = self._k - np.bincount(pairs.question[sure], minlength=len(self._queries))
        unsure = np.flatnonzero(~sure & (missing[pairs.question] > 0))
        scores = exact_scores(matrix, self._batch, pairs.question[unsure], pairs.row[unsure])
        order = unsure[np.lexsort((pairs.row[unsure], -scores, pairs.question[unsure]))]
        question = pairs.question[order]
        chosen = np.concatenate([np.flatnonzero(sure), order[places_in_runs(question) < missing[question]]])
        result: Ids = pairs.row[chosen[np.argsort(pairs.question[chosen], kind="stable")]].reshape(-1, self._k)
        return result


def distances_and_nearest(
    matrix: Matrix, point: F64, queries: Ids, allowed: Mask, k: int, report: Report = silent
) -> tuple[F64, Ids]:
    """Distances of all rows from a point, and the k rows nearest to each query, among the allowed ones.

    One pass over the matrix for each `QUERIES_PER_PASS` queries, and one at least.

    Args:
        point: [dims]
        queries: [queries] numbers of allowed rows; none, or more than k rows must be allowed.
        allowed: [rows] which rows can be in a list; each has a direction.
        report: called with the number of rows done in each pass.

    Returns:
        Distances [rows], infinite or NaN for rows with such numbers; row numbers [queries, k].
    """
    lengths = np.empty(matrix.shape[0])
    lists = [np.empty((0, k), np.intp)]
    passes, step = max(1, -(-len(queries) // QUERIES_PER_PASS)), max(1, BLOCK_BYTES // (4 * max(1, matrix.shape[1])))
    for number in range(passes):
        some = queries[number * QUERIES_PER_PASS : (number + 1) * QUERIES_PER_PASS]
        nearest = NearestRows(some, matrix.take(some), k)
        work = "Nearest rows" if passes == 1 else f"Nearest rows, pass {number + 1} of {passes}"
        for at in range(0, matrix.shape[0], step):
            part = slice(at, min(at + step, matrix.shape[0]))
            block = Matrix(np.asarray(matrix.rows[part]), matrix.dtype, matrix.norms[part])
            if number == 0:
                lengths[part] = distances(block, point)
            if len(some):
                nearest.add(block, part.start, allowed[part])
            report(work, part.stop, matrix.shape[0], "rows")
        lists.append(nearest.lists(matrix))
    return lengths, np.concatenate(lists)


def distances(block: Matrix, point: F64) -> F64:
    """Euclidean distances [rows] from a point [dims], in float64; infinite or NaN for rows with such numbers."""
    result = np.empty(len(block.norms))
    for part in pieces(len(result), 8 * len(point)):
        with np.errstate(invalid="ignore", over="ignore"):
            gaps = to_float64(np.asarray(block.rows[part]), block.dtype) - point  # [piece, dims]
            # Not by BLAS, whose order of addition depends on a row's place: equal rows have equal distances.
            result[part] = np.sqrt((gaps * gaps).sum(axis=1))
    return result


def _nth_values(question: Ids, questions: int, n: int, values: F64) -> F64:
    """The value at place n (from 0) of each question's run [questions]; -inf where the run is shorter."""
    counts = np.bincount(question, minlength=questions)
    begins = np.cumsum(counts) - counts
    result = np.full(questions, -np.inf)
    long = counts > n
    result[long] = values[begins[long] + n]
    return result
