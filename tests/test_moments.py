"""Mean and covariance in one pass, against NumPy and integer arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from embgeo import EmbeddingSpace
from embgeo.numerics.dtypes import F64, from_float32
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.moments import RunningMoments, blocks, moments

NUMBERS = arrays.arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 6)), elements=st.floats(-1e3, 1e3))


def matrix_of(rows: F64, dtype: str = "F64") -> Matrix:
    """A matrix in memory, as it would be mapped."""
    stored = rows if dtype == "F64" else from_float32(rows.astype(np.float32), dtype)
    return Matrix(stored, dtype, np.linalg.norm(rows, axis=1))


def test_moments_by_hand() -> None:
    """(0, 0), (2, 0), (4, 6): mean (2, 2), and a covariance that divides by three."""
    found = moments(matrix_of(np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 6.0]])))
    assert found.rows == 3
    assert found.mean.tolist() == [2, 2]
    assert np.allclose(found.covariance, np.array([[8, 12], [12, 24]]) / 3, rtol=1e-15)


@settings(deadline=None)
@given(NUMBERS, st.lists(st.integers(0, 40), max_size=4))
def test_blocks_of_any_size(rows: F64, cuts: list[int]) -> None:
    """Blocks of any size, also empty ones, give NumPy's mean and covariance of the whole."""
    running = RunningMoments(rows.shape[1])
    for block in np.split(rows, sorted(min(cut, len(rows)) for cut in cuts)):
        running.add(block)
    found = running.moments()
    assert found.rows == len(rows)
    assert np.allclose(found.mean, rows.mean(axis=0), atol=1e-9)
    assert np.allclose(found.covariance, np.cov(rows, rowvar=False, ddof=0).reshape(found.covariance.shape), atol=1e-6)


def test_a_mean_much_larger_than_the_spread() -> None:
    """Rows 1e8 + (0, 1, 2, ...) in four blocks: the variance of n whole numbers, (n^2 - 1) / 12, to 12 digits."""
    count = 2_000_000
    rows = 1e8 + np.arange(count, dtype=np.float64)[:, None]
    found = moments(matrix_of(rows))
    assert len(list(blocks(matrix_of(rows)))) == 4
    assert found.mean[0] == pytest.approx(1e8 + (count - 1) / 2, rel=1e-15)
    assert found.covariance[0, 0] == pytest.approx((count**2 - 1) / 12, rel=1e-12)


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16", "F64"])
def test_dtypes(dtype: str) -> None:
    """Numbers that every dtype represents exactly, over several blocks."""
    rows = np.random.default_rng(0).integers(-8, 9, (5_000, 300)).astype(np.float64)
    found = moments(matrix_of(rows, dtype))
    assert np.allclose(found.mean, rows.mean(axis=0), atol=1e-14)
    assert np.allclose(found.covariance, np.cov(rows, rowvar=False, ddof=0), atol=1e-12)


def test_excluded_rows() -> None:
    """Rows outside the mask, and rows with NaN or infinity, don't count."""
    rows = np.array([[1.0, 5.0], [np.nan, 0.0], [3.0, 7.0], [100.0, 100.0], [np.inf, 1.0]])
    mask = np.array([True, True, True, False, True])
    found = moments(matrix_of(rows), mask)
    assert (found.rows, found.mean.tolist(), found.covariance.tolist()) == (2, [2, 6], [[1, 1], [1, 1]])
    assert moments(matrix_of(rows)).rows == 3


def test_no_rows() -> None:
    """No rows give zeros, without a warning."""
    found = moments(matrix_of(np.ones((3, 2))), np.zeros(3, bool))
    assert (found.rows, found.mean.tolist(), found.covariance.tolist()) == (0, [0, 0], [[0, 0], [0, 0]])


@pytest.mark.slow
def test_minilm(minilm: EmbeddingSpace) -> None:
    """The bundled matrix matches NumPy, and the progress reaches the number of rows."""
    progress: list[tuple[int, int]] = []
    found = moments(minilm.weights, None, lambda what, done, total, unit="": progress.append((done, total)))
    rows = np.asarray(minilm.matrix).astype(np.float64)
    assert np.allclose(found.mean, rows.mean(axis=0), rtol=1e-12)
    assert np.allclose(found.covariance, np.cov(rows, rowvar=False, ddof=0), rtol=1e-9, atol=1e-15)
    assert progress[-1] == (len(rows), len(rows))
