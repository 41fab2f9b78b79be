"""Helpers for tests of vector files: words with vectors, and the same in gensim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from numpy.typing import NDArray

from embgeo import EmbeddingSpace, load

DIMS = 7
WORDS = [
    "cat", "dog", "Zürich", "猫", "👍", "don't", "the", "of", "New_York", "1984", "...", "id:3", '"', "ÅNGSTRÖM",
    *(f"word{number}" for number in range(60)),
]  # fmt: skip


def rows(count: int = len(WORDS), dims: int = DIMS) -> NDArray[np.float32]:
    """Random rows [count, dims], the same in every run."""
    return np.random.default_rng(3).standard_normal((count, dims), np.float32)


def keyed(words: list[str] | None = None, matrix: NDArray[np.float32] | None = None) -> KeyedVectors:
    """Words and rows as gensim's KeyedVectors."""
    vectors = KeyedVectors(DIMS if matrix is None else matrix.shape[1])
    vectors.add_vectors(WORDS if words is None else words, rows() if matrix is None else matrix)
    return vectors


def assert_same_as_gensim(space: EmbeddingSpace, vectors: KeyedVectors, words: list[str]) -> None:
    """Check that these words have the same ten neighbors in the same order, with scores within 1e-6."""
    for word in words:
        expected = vectors.most_similar(word, topn=10)
        result = space.neighbors(f"'{word}'", raw=True)
        assert [token.text for token in result] == [name for name, _ in expected], word
        assert np.allclose([token.score for token in result], [score for _, score in expected], atol=1e-6), word


def read(path: Path, text: str | bytes, **options: str) -> EmbeddingSpace:
    """Write a file, and load it."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(path, **options)  # type: ignore[arg-type]  # one option, file_format
