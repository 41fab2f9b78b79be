"""A batch of questions gives the same answers as the same questions one at a time."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import SpaceOf, write_model
from embgeo import EmbeddingSpace, load
from embgeo.errors import EmbgeoError
from embgeo.formats.token_marks import WORD
from embgeo.models.model import Model
from embgeo.numerics.objectives import ANALOGY_METHODS
from embgeo.questions.batch import analogy_batch, neighbors_batch
from embgeo.questions.ranking import ListOptions
from embgeo.results.analogy import Analogy
from embgeo.results.neighbors import Neighbors


def words_of(space: Model, count: int, seed: int = 5) -> list[str]:
    """Random whole words, as `id:` terms."""
    rows = np.flatnonzero(space.vocabulary.table.flags & WORD)
    return [f"id:{row}" for row in np.random.default_rng(seed).choice(rows, count, replace=False)]


OPTIONS = (ListOptions(), ListOptions(3, raw=True), ListOptions(20, words=True))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.slow
def test_neighbors_in_a_batch(minilm: EmbeddingSpace, options: ListOptions) -> None:
    """80 words of the bundled model: equal answers, with scores equal to the last bit."""
    words = words_of(minilm, 80)
    alone = [minilm.neighbors(word, **options._asdict()) for word in words]
    assert neighbors_batch(minilm, words, options) == alone


@pytest.mark.parametrize("k", [100, 700, 2000])
def test_long_lists_in_a_batch(minilm: EmbeddingSpace, k: int) -> None:
    """Lists longer than the number of groups in a block, and longer than those searched in one batch."""
    words = words_of(minilm, 6)
    alone = [minilm.neighbors(word, k) for word in words]
    assert neighbors_batch(minilm, words, ListOptions(k)) == alone


@pytest.mark.parametrize("method", ANALOGY_METHODS)
@pytest.mark.parametrize(
    "options", [OPTIONS[0], *(pytest.param(options, marks=pytest.mark.slow) for options in OPTIONS[1:])]
)
def test_analogies_in_a_batch(minilm: EmbeddingSpace, options: ListOptions, method: str) -> None:
    """16 random analogies: equal lists; excluded inputs have the same rank, or none if they fall below the list."""
    words = words_of(minilm, 48)
    triples = [(words[at], words[at + 1], words[at + 2]) for at in range(0, 48, 3)]
    for triple, result in zip(triples, analogy_batch(minilm, triples, options, method=method), strict=True):
        alone = minilm.analogy(*triple, method=method, **options._asdict())
        assert isinstance(result, Analogy)
        assert result.results == alone.results
        places = {left.id: (left.rank, left.score) for left in alone.excluded}
        assert {left.id for left in result.excluded} == set(places)
        for left in result.excluded:
            rank, score = places[left.id]
            assert left.score == score
            assert left.rank in (rank, None)
            assert left.rank is not None or rank > len(result.results)


def test_analogies_that_keep_inputs(minilm: EmbeddingSpace) -> None:
    """With keep_inputs, nothing is excluded from either."""
    triples = [("king", "man", "woman"), ("paris", "france", "italy"), ("cats", "cat", "dog"), ("king", "man", "king")]
    result = analogy_batch(minilm, triples, ListOptions(5), keep_inputs=True)
    assert result == [minilm.analogy(*triple, k=5, keep_inputs=True) for triple in triples]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["<f4", "<f2", "<u2", "<f8"]), st.integers(1, 90))
@pytest.mark.slow
def test_any_matrix(tmp_path_factory: pytest.TempPathFactory, seed: int, dtype: str, rows: int) -> None:
    """Matrices of every dtype with equal, opposite, zero and huge rows."""
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-2, 3, (rows, 4)).astype(np.float32)
    matrix[rng.integers(0, rows)] *= 2.0**100 if dtype not in ("<f2",) else 2.0**10
    stored = (matrix.view(np.uint32) >> 16).astype("<u2") if dtype == "<u2" else matrix.astype(dtype)
    space = load(
        write_model(tmp_path_factory.mktemp("any"), stored, [f"w{'abcdefghij'[i % 10]}{i}" for i in range(rows)])
    )
    terms = [f"id:{row}" for row in rng.integers(0, rows, 12)]
    options = ListOptions(4, raw=bool(seed % 2))
    check(neighbors_batch(space, terms, options), [("neighbors", (term,)) for term in terms], space, options)
    triples = [(terms[i], terms[i + 1], terms[i + 2]) for i in range(9)]
    check(analogy_batch(space, triples, options), [("analogy", triple) for triple in triples], space, options)


Questions = list[tuple[str, tuple[str, ...]]]  # method and terms


def check(
    result: list[Neighbors | EmbgeoError], questions: Questions, space: EmbeddingSpace, options: ListOptions
) -> None:
    """Check that each answer or error is that of the same question on its own."""
    for answer, (name, terms) in zip(result, questions, strict=True):
        if isinstance(answer, EmbgeoError):
            with pytest.raises(type(answer), match=re.escape(str(answer))):
                getattr(space, name)(*terms, **options._asdict())
        else:
            assert answer.results == getattr(space, name)(*terms, **options._asdict()).results


def test_an_error_takes_the_place_of_its_answer(space_of: SpaceOf) -> None:
    """An unknown word yields an error in place of its answer."""
    space = space_of({"a": (1, 0), "b": (3, 3), "c": (7, 7), "d": (5, 5), "e": (1, 1)})
    result = neighbors_batch(space, ["a", "b", "qqq", "c", "d"], ListOptions(1))
    assert [isinstance(answer, EmbgeoError) for answer in result] == [False, False, True, False, False]
    assert [answer[0].text for answer in result if isinstance(answer, Neighbors)] == [" b", " c", " b", " b"]


def test_a_matrix_of_one_row(tmp_path: Path) -> None:
    """A matrix with one row has no neighbors to list."""
    space = load(write_model(tmp_path / "one", np.ones((1, 3), np.float32), ["only"]))
    result = neighbors_batch(space, ["only"] * 5, ListOptions())
    assert [len(answer) for answer in result if isinstance(answer, Neighbors)] == [0] * 5
