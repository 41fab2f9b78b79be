"""Points on the path between two vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SpaceOf
from embgeo import EmbeddingSpace, TermError, UsageError
from embgeo.numerics.interpolation import angle_between, spherical, straight

# Compass directions with rows of different lengths.
COMPASS: Any = {"east": [1, 0], "north": [0, 4], "steep": [1, 2], "flat": [2, 1], "south": [0, -1], "west": [-3, 0]}


def nearest_words(space: EmbeddingSpace, **options: Any) -> list[tuple[float, str]]:
    """The share of the path and the nearest word of each point from east to north."""
    points = space.between("east", "north", **options).points
    return [(round(point.share, 3), point.results[0].text.strip()) for point in points]


def test_points_by_hand(space_of: SpaceOf) -> None:
    """`flat` (26.6 degrees) is nearest at 30, `steep` (63.4) at 60; on a straight path the longer vector dominates."""
    space = space_of(COMPASS)
    assert nearest_words(space, steps=2) == [(0.333, "flat"), (0.667, "steep")]
    assert nearest_words(space, steps=2, straight=True) == [
        (0.333, "steep"),
        (0.667, "steep"),
    ]  # (2/3, 4/3), (1/3, 8/3)
    answer = space.between("east", "north", steps=1, k=1)
    assert (answer.angle, answer.path) == (90, "spherical")
    assert answer.points[0].cosines == pytest.approx((math.sqrt(0.5),) * 2)
    ends = [(token.text.strip(), token.rank) for token in answer.points[0].excluded]
    assert ends == [("east", None), ("north", None)]  # steep and flat are nearer, so neither end is on a list of one


@given(
    st.lists(st.floats(-10, 10), min_size=4, max_size=4), st.lists(st.floats(-10, 10), min_size=4, max_size=4),
    st.integers(1, 9),
)  # fmt: skip
def test_equal_steps(first: list[float], second: list[float], steps: int) -> None:
    """Shoemake's spherical interpolation: unit vectors, each at its share of the angle."""
    a, b = np.array(first), np.array(second)
    if min(np.linalg.norm(a), np.linalg.norm(b)) < 1e-3 or angle_between(a, b) > 3.1:
        return
    shares = np.arange(0, steps + 2) / (steps + 1)
    points = spherical(a, b, shares)
    assert np.allclose(np.linalg.norm(points, axis=1), 1)
    angles = [angle_between(a, point) for point in points]
    assert np.allclose(angles, shares * angle_between(a, b), atol=1e-7)
    assert np.allclose(points[[0, -1]], [a / np.linalg.norm(a), b / np.linalg.norm(b)])
    assert np.allclose(np.diff(straight(a, b, shares), axis=0), (b - a) / (steps + 1))


@pytest.mark.parametrize(
    "options", [{}, {"raw": True}, {"words": True}, {"pieces": True}, {"k": 3000}, {"straight": True}], ids=str
)
@pytest.mark.slow
def test_lists_are_the_neighbors_of_each_point(minilm: EmbeddingSpace, options: dict[str, Any]) -> None:
    """Each point lists the neighbors of its vector, without the two words."""
    chosen = {"k": 4} | options
    answer = minilm.between("king", "queen", 4, **chosen)
    path = straight if chosen.pop("straight", False) else spherical
    vectors = path(minilm["king"].values, minilm["queen"].values, np.array([0.2, 0.4, 0.6, 0.8]))
    for point, vector in zip(answer.points, vectors, strict=True):
        alone = minilm.neighbors(vector, **chosen | {"k": chosen["k"] + 2})
        expected = [(token.text, token.score) for token in alone if token.text not in ("king", "queen")]
        assert [(token.text, token.score) for token in point.results] == expected[: chosen["k"]]
        ranks = {token.text: token.rank for token in alone}
        for token in point.excluded:
            assert token.rank in (None, ranks.get(token.text))
        assert point.excluded[0].rank == 1


def test_the_number_of_points_does_not_matter(minilm: EmbeddingSpace) -> None:
    """A point has the same list among 99 points as among 3."""
    hundred = minilm.between("cat", "dog", 99, 1)
    assert hundred.points[24].results == minilm.between("cat", "dog", 3, 1).points[0].results


def test_vectors_and_the_same_word(minilm: EmbeddingSpace) -> None:
    """Ends can be vectors; on the path from a word to itself every point is that word."""
    assert minilm.between(minilm["cat"], "dog").points == minilm.between("cat", "dog").points
    same = minilm.between("cat", "cat", 2)
    assert same.angle == 0
    assert [point.results for point in same.points] == [minilm.neighbors("cat", 3).results] * 2


@pytest.mark.parametrize(
    ("terms", "options", "message"),
    [
        (("east", "west"), {}, "'east' to 'west' are opposed"),
        (("north", "south"), {"straight": True, "steps": 4}, "are opposed"),
        (("east", "east - east"), {}, "'east - east' has no direction"),
        (("east", "nowhere"), {}, "'nowhere' is not in this model's vocabulary"),
    ],
)
def test_paths_that_are_not_defined(space_of: SpaceOf, terms: Any, options: Any, message: str) -> None:
    """The error names the terms."""
    with pytest.raises(TermError, match=message):
        space_of(COMPASS).between(*terms, **options)


@pytest.mark.parametrize("options", [{"steps": 0}, {"steps": 1001}, {"k": -1}])
def test_numbers_out_of_range(minilm: EmbeddingSpace, options: Any) -> None:
    """A step count or k out of range is an error."""
    with pytest.raises(UsageError, match="can't"):
        minilm.between("cat", "dog", **options)


def test_k_of_zero(minilm: EmbeddingSpace) -> None:
    """With k=0 only the cosines are left."""
    (point,) = minilm.between("cat", "dog", 1, 0).points
    assert (point.results, round(point.cosines[0], 4)) == ((), 0.8438)
