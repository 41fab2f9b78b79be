"""Nearest rows and k-occurrence, against brute force, SciPy, and all possible samples."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embgeo.numerics.dtypes import F64, Ids, Mask, from_float32, to_float64
from embgeo.numerics.hubness import occurrence_moments, skewness, skewness_error
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.nearest_rows import NearestRows


def matrix_of(rows: F64, dtype: str = "F32") -> Matrix:
    """A matrix of these rows in this dtype."""
    stored = from_float32(rows.astype(np.float32), dtype)
    return Matrix(stored, dtype, np.linalg.norm(to_float64(stored, dtype), axis=1))


def in_blocks(matrix: Matrix, queries: Ids, allowed: Mask, k: int, step: int) -> list[list[int]]:
    """The sorted ids that NearestRows finds with this block size."""
    nearest = NearestRows(queries, matrix.take(queries), k)
    for at in range(0, matrix.shape[0], step):
        part = slice(at, at + step)
        nearest.add(Matrix(matrix.rows[part], matrix.dtype, matrix.norms[part]), at, allowed[part])
    return [sorted(ids) for ids in nearest.lists(matrix).tolist()]


def by_hand(matrix: Matrix, queries: Ids, allowed: Mask, k: int) -> list[list[int]]:
    """The same in plain NumPy: cosines are rounded to float32, and ties go to lower rows."""
    rows = matrix.take(np.arange(matrix.shape[0]))
    results = []
    for query in queries:
        cosines = (rows * rows[query]).sum(axis=1) / (matrix.norms * matrix.norms[query])
        order = np.lexsort((np.arange(len(rows)), -cosines.astype(np.float32)))
        results.append(sorted([int(row) for row in order if allowed[row] and row != query][:k]))
    return results


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("step", [70, 1000])
def test_nearest_rows(dtype: str, step: int) -> None:
    """600 random rows, some duplicated and some excluded, in one or several blocks."""
    random = np.random.default_rng(1)
    rows = random.normal(size=(600, 24)) + 0.3
    rows[300:330] = rows[:30]
    allowed = random.random(600) > 0.1
    matrix, queries = matrix_of(rows, dtype), random.permutation(np.flatnonzero(allowed))[:200]
    assert in_blocks(matrix, queries, allowed, 10, step) == by_hand(matrix, queries, allowed, 10)


@pytest.mark.slow
def test_queries_in_several_batches() -> None:
    """1,400 queries are more than one batch; 1,500 rows are two blocks."""
    random = np.random.default_rng(4)
    matrix, allowed = matrix_of(random.normal(size=(1500, 5))), np.ones(1500, bool)
    queries = random.permutation(1500)[:1400]
    assert in_blocks(matrix, queries, allowed, 10, 800) == by_hand(matrix, queries, allowed, 10)


def test_rows_that_only_float64_separates() -> None:
    """300 rows around one row differ by less than float32's error, and each query orders them differently."""
    random = np.random.default_rng(6)
    rows = random.normal(size=(340, 24))
    rows[:300] = rows[0] + 3e-6 * random.normal(size=(300, 24))
    matrix, allowed, queries = matrix_of(rows), np.ones(340, bool), np.arange(300, 340)
    result = in_blocks(matrix, queries, allowed, 10, 200)
    assert result == by_hand(matrix, queries, allowed, 10)
    assert len({tuple(ids) for ids in result}) > 30


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(7, 40), st.integers(3, 50))
def test_ties_go_to_lower_rows(seed: int, k: int, rows: int, step: int) -> None:
    """Of parallel rows of small integers, the lower ones are chosen."""
    result = np.random.default_rng(seed).integers(1, 4, (rows, 2)).astype(np.float64)
    matrix, everything = matrix_of(result), np.ones(rows, bool)
    assert in_blocks(matrix, np.arange(rows), everything, k, step) == by_hand(matrix, np.arange(rows), everything, k)


def test_skewness_of_all_rows_as_scipy() -> None:
    """With every row as a query, the skewness of N_k is `scipy.stats.skew`'s, and its error is 0."""
    stats = pytest.importorskip("scipy.stats", reason="SciPy is not installed")
    rows = np.random.default_rng(3).normal(size=(500, 30))
    matrix, queries = matrix_of(rows), np.arange(500)
    lists = np.array(in_blocks(matrix, queries, np.ones(500, bool), 10, 200))
    counts = np.bincount(lists.ravel(), minlength=500)
    assert skewness(lists, queries) == pytest.approx(stats.skew(counts), rel=1e-9)
    assert skewness_error(lists, queries) == 0


def test_moments_are_unbiased() -> None:
    """Over all 56 samples of 3 of 8 queries, the estimates average to the means of N_k, N_k^2 and N_k^3."""
    lists = np.array([[1, 2], [0, 2], [0, 1], [0, 1], [0, 1], [0, 4], [0, 3], [0, 6]])
    counts = np.bincount(lists.ravel(), minlength=8)
    samples = [occurrence_moments(lists[list(sample)], np.arange(8)) for sample in itertools.combinations(range(8), 3)]
    assert np.allclose(np.mean(samples, axis=0), [np.mean(counts**power) for power in (1, 2, 3)], rtol=1e-12)
    assert occurrence_moments(lists, np.arange(8)) == pytest.approx([np.mean(counts**power) for power in (1, 2, 3)])


def test_rows_outside_the_population() -> None:
    """Only rows of the population are counted; their ids may have gaps."""
    lists = np.array([[10, 20], [5, 20], [5, 10], [5, 10]])
    population = np.array([5, 10, 20, 30])
    counts = np.array([3, 3, 2, 0])
    assert occurrence_moments(lists, population) == pytest.approx([np.mean(counts**power) for power in (1, 2, 3)])


def test_standard_errors_of_estimates() -> None:
    """At least 32 of 40 samples of 500 queries estimate the skewness within two standard errors."""
    rows = np.random.default_rng(5).normal(size=(2000, 60)) + 0.5
    everything = np.arange(2000)
    lists = np.array(in_blocks(matrix_of(rows), everything, np.ones(2000, bool), 10, 2000))
    truth = skewness(lists, everything)
    assert truth is not None
    assert truth > 1
    within = 0
    for seed in range(40):
        some = lists[np.random.default_rng(seed).permutation(2000)[:500]]
        estimate, error = skewness(some, everything), skewness_error(some, everything)
        assert estimate is not None
        assert error is not None
        within += abs(estimate - truth) < 2 * error
    assert within >= 32


def test_undefined_skewness() -> None:
    """Equal counts for all rows, or fewer than three queries, have no skewness and no error."""
    ring = np.array([[1, 7], [0, 2], [1, 3], [2, 4], [3, 5], [4, 6], [5, 7], [6, 0]])
    assert skewness(ring, np.arange(8)) is None
    assert skewness_error(ring, np.arange(8)) is None
    assert skewness(ring[:2], np.arange(8)) is None
