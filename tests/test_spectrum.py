"""Effective dimensions and outlier dimensions: by hand, against scikit-learn, and by their properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from embgeo.numerics.dtypes import F64
from embgeo.numerics.spectrum import OUTLIER_SIGMAS, components_for, dimension_deviations, participation_ratio, spectrum

VARIANCES = arrays.arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1e6)).map(lambda v: np.sort(v)[::-1])


@pytest.mark.parametrize(
    ("variances", "ratio", "for_90"),
    [
        ([1.0, 1.0, 1.0, 1.0], 4.0, 4),  # equal variances all count
        ([5.0, 0.0, 0.0], 1.0, 1),  # one alone is one
        ([9.0, 1.0], 100 / 82, 1),  # exactly 90%
        ([8.9, 1.1], 100 / (8.9**2 + 1.1**2), 2),
        ([3.0, 2.0, 1.0], 36 / 14, 3),  # 5/6 is less than 90%
        ([0.0, 0.0], None, None),
    ],
)
def test_effective_dimensions_by_hand(variances: list[float], ratio: float | None, for_90: int | None) -> None:
    """(sum)^2 / sum of squares, and the number of components for 90%."""
    assert participation_ratio(np.array(variances)) == (None if ratio is None else pytest.approx(ratio))
    assert components_for(0.9, np.array(variances)) == for_90


@settings(deadline=None)
@given(VARIANCES)
def test_effective_dimensions_have_bounds(variances: F64) -> None:
    """Between 1 and the number of positive variances; the components reach their share, and no fewer would."""
    ratio, count = participation_ratio(variances), components_for(0.9, variances)
    if not variances.sum() > 0:
        assert (ratio, count) == (None, None)
        return
    assert ratio is not None
    assert count is not None
    assert 1 - 1e-9 <= ratio <= np.count_nonzero(variances) + 1e-9
    assert variances[:count].sum() >= (0.9 - 1e-9) * variances.sum()
    assert variances[: count - 1].sum() <= (0.9 + 1e-9) * variances.sum()


def test_spectrum_equals_scikit_learns() -> None:
    """`PCA` on the same rows: the same shares of variance."""
    decomposition = pytest.importorskip("sklearn.decomposition", reason="scikit-learn is not installed")
    rows = np.random.default_rng(0).normal(size=(400, 12)) * np.arange(1, 13)
    found = spectrum(rows.mean(axis=0), np.cov(rows, rowvar=False, ddof=0))
    assert np.allclose(found / found.sum(), decomposition.PCA().fit(rows).explained_variance_ratio_, rtol=1e-10)


def test_variances_are_never_negative() -> None:
    """Rows on a line have one component, and no negative variances."""
    rows = np.outer(np.arange(10.0), np.full(5, 1 / 3))
    found = spectrum(rows.mean(axis=0), np.cov(rows, rowvar=False, ddof=0))
    assert (found >= 0).all()
    assert found[1:].max() < 1e-12 * found[0]


def test_outlier_dimensions_by_hand() -> None:
    """99 zeros and one: z = (1 - .01) / sqrt(.01 * .99) = sqrt(99) = 9.95 sigmas, the others -.1."""
    mean, variance = np.zeros(100), np.ones(100)
    mean[7] = 1
    found = dimension_deviations(mean, variance)
    assert found.mean_sigmas[7] == pytest.approx(99**0.5)
    assert found.mean_sigmas[0] == pytest.approx(-(99**-0.5))
    assert found.variance_sigmas.tolist() == [0] * 100
    assert found.order[:2].tolist() == [7, 0]
    assert np.flatnonzero(found.outlier).tolist() == [7]


def test_outliers_in_mean_and_variance_on_both_sides() -> None:
    """Both a very low and a very high variance make an outlier; z-scores match SciPy's."""
    stats = pytest.importorskip("scipy.stats", reason="SciPy is not installed")
    random = np.random.default_rng(2)
    mean, variance = random.normal(size=200), 1 + 0.01 * random.normal(size=200)
    variance[[3, 5]] = 0.1, 3.0
    mean[9] = -20
    found = dimension_deviations(mean, variance)
    assert np.allclose(found.mean_sigmas, stats.zscore(mean))
    assert np.allclose(found.variance_sigmas, stats.zscore(variance))
    assert np.flatnonzero(found.outlier).tolist() == [3, 5, 9]
    assert found.variance_sigmas[3] < -OUTLIER_SIGMAS


def test_rounding_gives_no_outliers() -> None:
    """In whitened float32 rows, means and variances differ only by rounding."""
    random = np.random.default_rng(0)
    mean, variance = 1e-8 * random.normal(size=300), 1 + 1e-8 * random.normal(size=300)
    mean[3], variance[4] = 1e-6, 1 + 1e-6
    found = dimension_deviations(mean, variance)
    assert not found.outlier.any()
    assert found.mean_sigmas.tolist() == found.variance_sigmas.tolist() == [0] * 300


@pytest.mark.parametrize("values", [[0.1] * 7, [1e-30] * 4, [0.0]])
def test_equal_dimensions(values: list[float]) -> None:
    """Rounding differences between equal values give no deviation and no outlier."""
    found = dimension_deviations(np.array(values), np.array(values))
    assert not found.outlier.any()
    assert found.mean_sigmas.tolist() == [0] * len(values)
