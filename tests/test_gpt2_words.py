"""57 words with published cosines of GPT-2: the classic claims on real data that is small enough to commit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embgeo
from conftest import write_model
from embgeo import EmbeddingSpace, load

DATA = Path(embgeo.__file__).parent / "data" / "gpt2.json"


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    """The published words and cosines."""
    return dict(json.loads(DATA.read_text(encoding="utf-8"))["cosines"])


def gram(published: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The matrix of cosines [57, 57]."""
    size = len(published["words"])
    matrix = np.eye(size)
    matrix[np.triu_indices(size, 1)] = published["pairs"]
    return np.maximum(matrix, matrix.T)


@pytest.fixture
def space(published: dict[str, Any], tmp_path: Path) -> EmbeddingSpace:
    """Unit vectors whose cosines are GPT-2's: the rows of V sqrt(L), where the matrix of cosines is V L V'."""
    values, vectors = np.linalg.eigh(gram(published))  # [57], [57, 57]
    assert values.min() > 0.1
    rows = (vectors * np.sqrt(values)).astype(np.float32)  # [57, 57]
    return load(write_model(tmp_path, rows, published["words"]))


def test_cosines_are_gpt2s(space: EmbeddingSpace, published: dict[str, Any]) -> None:
    """`dot` reproduces every published cosine."""
    answer = space.dot(*published["words"])
    assert np.allclose([pair.cosine for pair in answer.pairs], published["pairs"], atol=1e-6)


def test_king_minus_man_plus_woman(space: EmbeddingSpace) -> None:
    """King scores .740 and queen .693: the famous answer only holds if the inputs are excluded."""
    answer = space.analogy("king", "man", "woman", k=1)
    assert [(n.text, round(n.score, 3)) for n in answer] == [(" queen", 0.693)]
    excluded = {token.text: (token.rank, round(token.score, 3)) for token in answer.excluded}
    assert excluded[" king"] == (1, 0.740)
    assert excluded[" woman"][1] == 0.520
    with_inputs = space.analogy("king", "man", "woman", k=2, keep_inputs=True)
    assert [n.text for n in with_inputs] == [" king", " queen"]


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul", "offset"])
def test_methods_computed_from_the_published_cosines(
    space: EmbeddingSpace, published: dict[str, Any], method: str
) -> None:
    """Every method's ranking follows from the cosines alone, since all lengths are 1."""
    words, cosines = published["words"], gram(published)
    a, b, c = (words.index(word) for word in ("Paris", "France", "Germany"))
    formulas: dict[str, Callable[[], np.ndarray[Any, np.dtype[np.float64]]]] = {
        "3cosadd": lambda: cosines[a] - cosines[b] + cosines[c],
        "offset": lambda: cosines[a] - cosines[b] + cosines[c],
        "3cosmul": lambda: (1 + cosines[a]) * (1 + cosines[c]) / 4 / ((1 + cosines[b]) / 2 + 1e-6),
    }
    order = [int(row) for row in np.argsort(-formulas[method]()) if row not in (a, b, c)][:5]
    answer = space.analogy("Paris", "France", "Germany", k=5, method=method, raw=True)
    assert [n.id for n in answer] == order
    assert answer[0].text == " Berlin"


def test_variants_are_folded(space: EmbeddingSpace) -> None:
    """Apple and apple are one entry by default, and two with raw=True."""
    assert " Apple" not in [n.text for n in space.neighbors("apple", k=60)]
    assert space.neighbors("apple", k=1, raw=True)[0].text == " Apple"
