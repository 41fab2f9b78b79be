"""The gensim adapter against gensim itself, and in gensim's own tests."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors as Original
from gensim.test.utils import datapath

from conftest import SpaceOf
from embgeo import EmbeddingSpace, TermError, UsageError, load
from embgeo.compat.gensim import KeyedVectors

GENSIM_TESTS = [
    "test_most_similar", "test_most_similar_vector", "test_most_similar_parameter_types",
    "test_most_similar_raises_keyerror", "test_most_similar_restrict_vocab", "test_most_similar_with_vector_input",
    "test_most_similar_to_given", "test_similar_by_word", "test_similar_by_vector", "test_distance", "test_similarity",
]  # fmt: skip
LUNCH = ["breakfast", "cereal", "dinner", "lunch"]


def published(name: str) -> Path:
    """A file of vectors that gensim's package ships with its tests."""
    path = Path(datapath(name))
    if not path.is_file():
        pytest.skip(f"this gensim ships no {name}")
    return path


@pytest.fixture
def euclidean() -> KeyedVectors:
    """The vectors of gensim's own tests, read by embgeo."""
    return KeyedVectors(load(published("euclidean_vectors.bin")))


@pytest.fixture
def original() -> Any:
    """The same, read by gensim."""
    return Original.load_word2vec_format(published("euclidean_vectors.bin"), binary=True)


@pytest.mark.parametrize("name", GENSIM_TESTS)
def test_gensims_own_tests(name: str, euclidean: KeyedVectors) -> None:
    """Gensim's test of that name passes with the adapter in place of its class."""
    case = importlib.import_module("gensim.test.test_keyedvectors").TestKeyedVectors(name)
    case.vectors = euclidean
    getattr(case, name)()


def same_list(result: list[tuple[str, float]], expected: list[tuple[str, float]]) -> bool:
    """Whether two lists have the same keys in the same order, and scores equal up to gensim's float32 rounding."""
    scores = np.allclose([score for _, score in result], [score for _, score in expected], atol=2e-6)
    return [key for key, _ in result] == [key for key, _ in expected] and scores


@pytest.mark.parametrize(
    "question",
    [
        {"positive": ["war"]},
        {"positive": "war", "negative": "peace"},
        {"positive": ["war", "minister"], "negative": ["peace"], "topn": 30},
        {"positive": [("war", 2.0), ("minister", 0.5)], "negative": [("peace", -1.5)]},
        {"positive": ["war"], "restrict_vocab": 200, "topn": 7},
        {"negative": ["war"]},
        {"positive": ["war", "war"]},
        {"positive": [3, "war"]},
        {"positive": ["war"], "topn": 10_000},
        {"positive": ["war"], "topn": 0},
    ],
    ids=str,
)
def test_lists(question: Any, euclidean: KeyedVectors, original: Any) -> None:
    """With excluded inputs, weights and restrict_vocab, the list is gensim's."""
    assert same_list(euclidean.most_similar(**question), original.most_similar(**question))


def test_lists_of_vectors(euclidean: KeyedVectors, original: Any) -> None:
    """Vectors are used as they are, and no key is excluded for them."""
    vector = original["war"] + original["peace"]
    assert same_list(euclidean.similar_by_vector(vector), original.similar_by_vector(vector))
    mixed = [vector, "minister"]
    assert same_list(euclidean.most_similar(mixed), original.most_similar(mixed))
    assert (
        euclidean.similar_by_word("war", 5)
        == euclidean.similar_by_key("war", 5)
        == euclidean.most_similar("war", topn=5)
    )


def test_look_ups(euclidean: KeyedVectors, original: Any) -> None:
    """Keys, indexes and vectors are equal."""
    assert euclidean.index_to_key == original.index_to_key
    assert euclidean.key_to_index == original.key_to_index
    assert (len(euclidean), euclidean.vector_size) == (len(original), original.vector_size)
    assert np.array_equal(euclidean.vectors, original.vectors)
    assert euclidean["war"].dtype == np.float32
    assert np.array_equal(euclidean["war"], original["war"])
    assert np.array_equal(euclidean[["war", "peace"]], original[["war", "peace"]])
    assert np.allclose(euclidean.get_vector("war", norm=True), original.get_vector("war", norm=True), atol=1e-7)
    assert ("war" in euclidean, "no_such_key" in euclidean, euclidean.get_index("no_such_key", 7)) == (True, False, 7)


def test_similarities(euclidean: KeyedVectors, original: Any) -> None:
    """Similarities of keys and of sets."""
    sets = (["war", "peace"], ["minister", "president"])
    assert euclidean.similarity("war", "peace") == pytest.approx(original.similarity("war", "peace"), abs=1e-6)
    assert euclidean.n_similarity(*sets) == pytest.approx(original.n_similarity(*sets), abs=1e-6)
    with pytest.raises(ZeroDivisionError):
        euclidean.n_similarity([], ["war"])


@pytest.mark.slow
def test_on_the_bundled_model(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """With MiniLM's words in gensim, lists, the odd one out and rows are equal."""
    file = tmp_path / "words.bin"
    minilm.export(file, to="word2vec-binary", words=True)
    other, vectors = Original.load_word2vec_format(file, binary=True), KeyedVectors(minilm)
    inputs = {"positive": ["king", "woman"], "negative": ["man"]}
    words = [key for key, _ in vectors.most_similar(**inputs, topn=200) if key in other][:50]
    assert words == [key for key, _ in other.most_similar(**inputs, topn=50)]
    assert vectors.doesnt_match(LUNCH) == other.doesnt_match(LUNCH) == "cereal"
    assert vectors.doesnt_match([*LUNCH, "not a word"]) == "cereal"
    assert np.array_equal(vectors["king"], other["king"])
    assert np.array_equal(vectors.vectors, minilm.matrix.astype(np.float32))


@pytest.mark.slow
def test_every_row_of_the_bundled_model_has_a_key(minilm: EmbeddingSpace) -> None:
    """Words are keys as they are, pieces in the vocabulary's spelling, each of them once."""
    vectors = KeyedVectors(minilm)
    assert len(vectors.key_to_index) == len(vectors.index_to_key) == len(minilm)
    assert [key in vectors for key in ("king", "##ing", "[CLS]", "##zzz")] == [True, True, True, False]
    assert np.array_equal(vectors["king"], np.asarray(minilm["king"], np.float32))


def test_errors(euclidean: KeyedVectors, space_of: SpaceOf) -> None:
    """Missing keys raise KeyError as in gensim; questions without an answer raise an error that says why."""
    for look_up in (euclidean.most_similar, euclidean.get_vector, euclidean.__getitem__):
        with pytest.raises(KeyError, match="Key 'no_such_key' not present"):
            look_up("no_such_key")
    with pytest.raises(ValueError, match="no input"):
        euclidean.most_similar()
    with pytest.raises(ValueError, match="empty list"):
        euclidean.doesnt_match(["no_such_key"])
    with pytest.raises(TermError, match="cancel out"):
        euclidean.most_similar("war", "war")
    with pytest.raises(UsageError, match="three or more"):
        KeyedVectors(space_of({"a": [1, 0], "b": [0, 1]})).doesnt_match(["a", "b"])
