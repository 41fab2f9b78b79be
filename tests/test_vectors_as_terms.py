"""Vectors in place of terms: arrays, vector answers, and their sums."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from conftest import SpaceOf
from embgeo import EmbeddingSpace, TermError

KING: Any = {"king": [5, 1, 0], "man": [5, 0, 1], "woman": [0, 0, 5], "queen": [0, 1, 4.5], "tree": [-1, -4, 0.5]}


def contents(answer: Any) -> Any:
    """An answer's query and results."""
    return answer.query.text, answer.query.terms, answer.results


def test_a_sum_of_vectors_is_the_expression(minilm: EmbeddingSpace) -> None:
    """Query, excluded inputs, ranks and scores are those of `king - man + woman`, to the last bit."""
    total = minilm["king"] - minilm["man"] + minilm["woman"]
    assert total.text == "king - man + woman"
    for options in ({}, {"unit": True}, {"raw": True}, {"metric": "dot"}, {"without": "cats - cat"}):
        expected = minilm.neighbors("king - man + woman", **options)  # type: ignore[arg-type]
        assert contents(minilm.neighbors(total, **options)) == contents(expected), options  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("total", "text"),
    [
        (lambda s: s["king"] * 2, "2 * king"),
        (lambda s: 2 * s["king"], "2 * king"),
        (lambda s: np.float64(0.5) * s["king"], "0.5 * king"),
        (lambda s: (s["king"] + s["man"]) / 2, "0.5 * king + 0.5 * man"),
        (lambda s: -s["king"], "- king"),
        (lambda s: +s["king"], "king"),
        (lambda s: s["king"] - (s["man"] - s["woman"]), "king - man + woman"),
        (lambda s: sum([s["king"], s["man"]]), "king + man"),
        (lambda s: s["king - man"] + s["woman"], "(king - man) + woman"),
        (lambda s: s["king"] + s["king"], "king + king"),
    ],
)
def test_arithmetic_reads_as_an_expression(space_of: SpaceOf, total: Callable[..., Any], text: str) -> None:
    """A sum's text is an expression that has the same vector."""
    space = space_of(KING)
    found = total(space)
    assert found.text == text
    assert found.values.tolist() == space[text].values.tolist()
    assert found.norm == pytest.approx(float(np.linalg.norm(found.values)))


def test_only_sums_exclude_their_inputs(space_of: SpaceOf) -> None:
    """A sum knows its terms; an array of its numbers doesn't."""
    space = space_of(KING)
    total = space["king"] - space["man"] + space["woman"]  # (0, 1, 4)
    assert [token.text.strip() for token in space.neighbors(total)] == ["queen", "tree"]
    assert [token.text.strip() for token in space.neighbors(total.values)][:3] == ["queen", "woman", "man"]
    assert space.neighbors(space["king"])[0].text.strip() == "man"
    assert space.neighbors(space["king"].values)[0].text.strip() == "king"


def test_values_are_the_row_in_float64_and_read_only(minilm: EmbeddingSpace) -> None:
    """Exactly the file's numbers, which no caller can change."""
    cat = minilm["cat"]
    (token,) = cat.term.tokens
    assert cat.values.dtype == np.float64
    assert np.array_equal(cat.values, minilm.matrix[token.id].astype(np.float64))
    assert np.asarray(cat) is cat.values
    assert np.asarray(cat, np.float32).dtype == np.float32
    for values in (cat.values, (cat + cat).values, minilm.project("cat", "dog").values):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


def test_with_an_array_the_result_is_an_array(space_of: SpaceOf) -> None:
    """NumPy's arithmetic and functions take vectors for their numbers."""
    king, ones = space_of(KING)["king"], np.ones(3)
    for found in (king - ones, king + -ones, -(ones - king), (king - ones) * ones, np.subtract(king, ones)):
        assert isinstance(found, np.ndarray)
        assert found.tolist() == [4, 0, -1]
    assert (king / (2 * ones)).tolist() == (king * (ones / 2)).tolist() == [2.5, 0.5, 0]
    assert np.linalg.norm(king) == pytest.approx(king.norm)


def test_every_method_takes_vectors(minilm: EmbeddingSpace) -> None:
    """The answer for the vector of a word is the answer for the word."""
    words = ("king", "man", "queen", "woman")
    vectors = [minilm[word] for word in words]
    arrays = [vector.values for vector in vectors]
    king, man, queen, woman = arrays
    assert minilm.analogy(*vectors[:3]) == minilm.analogy(*words[:3])
    assert minilm.analogy(king, man, woman, keep_inputs=True)[1].text == "queen"
    assert minilm.similarity(*arrays).matrix == minilm.similarity(*words).matrix
    assert [pair.dot for pair in minilm.dot(*vectors).pairs] == [pair.dot for pair in minilm.dot(*arrays).pairs]
    assert minilm.odd(*vectors) == minilm.odd(*words)
    assert minilm.cluster(*vectors) == minilm.cluster(*words)
    assert minilm.parallel(*vectors, samples=50) == minilm.parallel(*words, samples=50)
    assert minilm.parallel(*arrays, samples=50).cosine == minilm.parallel(*words, samples=50).cosine
    assert minilm.project(queen, woman - man).share == minilm.project("queen", "woman - man").share
    assert (
        minilm.reject(vectors[2], minilm["woman"] - minilm["man"]).share == minilm.reject("queen", "woman - man").share
    )
    assert minilm.unembed(vectors[0]).results == minilm.unembed("king").results
    assert minilm.positions(vectors[0], at=3).results == minilm.positions("king", at=3).results
    assert minilm.vector(vectors[0]) == minilm.vector("king")
    without = minilm.neighbors("queen", without="woman - man")
    assert minilm.neighbors("queen", without=woman - man).results == without.results
    assert minilm.neighbors("queen", without=np.array([woman - man])).results == without.results
    assert minilm.direction(*vectors[2:]).score(vectors[:2]) == minilm.direction(*words[2:]).score(words[:2])
    assert (
        minilm.direction(vectors[2] - vectors[3]).vector.tolist() == minilm.direction("queen - woman").vector.tolist()
    )


@pytest.mark.slow
def test_a_batch_of_vectors(minilm: EmbeddingSpace) -> None:
    """The rows of an array [n, dims] or a mixed list give the answers of single queries, even for long lists."""
    words = ["king", "man", "queen", "woman", "cat", "dog"]
    rows = np.array([minilm[word] for word in words])
    for k in (3, 2000):
        many = minilm.neighbors_batch(rows, k)
        assert [contents(answer) for answer in many] == [contents(minilm.neighbors(row, k)) for row in rows]
    mixed = minilm.neighbors_batch([minilm["king"], "man", rows[0], minilm["cat"] + minilm["dog"]], 3)
    assert contents(mixed[0]) == contents(minilm.neighbors("king", 3))
    assert contents(mixed[3]) == contents(minilm.neighbors("cat + dog", 3))


def test_neighbors_of_a_rejection(minilm: EmbeddingSpace) -> None:
    """`neighbors(reject(...))` lists what `neighbors --without` lists, without the word itself."""
    rest = minilm.reject("queen", "woman - man")
    answer = minilm.neighbors(rest)
    assert answer.results == minilm.neighbors("queen", without="woman - man").results
    assert answer.query.text == "queen without woman - man"


def test_notes_stay_with_a_vector(minilm: EmbeddingSpace) -> None:
    """The note is that of `multi="sum"`, with which the vector was made."""
    notes = minilm.neighbors(minilm.vector("embeddings", multi="sum")).notes
    assert [note.endswith("their sum is used") for note in notes] == [True]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ones(4), r"an array of shape \(4,\); the vectors of .* have the shape \(3,\)"),
        (np.ones((1, 3)), r"an array of shape \(1, 3\)"),
        (np.float64(1), r"an array of shape \(\)"),
        (np.array([1, np.nan, 0]), "an array with NaN or infinity at 1"),
        (np.array([1, 0, -np.inf]), "an array with NaN or infinity at 2"),
        (np.array([1, 2, 3j]), "an array of complex128 is not a vector"),
        (np.array(["a", "b", "c"]), "an array of <U1 is not a vector"),
        (np.zeros(3), r"the vector of '\[0, 0, 0\]' has no direction"),
        (np.full(3, 1e300), "too long for a float64"),
        (None, "None is not a term; expected a text or a vector"),
        ([[1, 2], [3]], "list is not a term"),
    ],
)
def test_invalid_arrays(space_of: SpaceOf, given: Any, message: str) -> None:
    """The error says what was given and what was expected."""
    with pytest.raises(TermError, match=message):
        space_of(KING).neighbors(given)


def test_invalid_factors(space_of: SpaceOf) -> None:
    """Division by zero and NaN raise a TermError, other types a TypeError."""
    king: Any = space_of(KING)["king"]
    with pytest.raises(TermError, match="can't be divided by 0"):
        _ = king / 0
    with pytest.raises(TermError, match="can't be scaled by nan"):
        _ = king * float("nan")
    for wrong in (lambda: king + 1, lambda: king * "2", lambda: king * king, lambda: "man" - king, lambda: 1 / king):
        with pytest.raises(TypeError, match=r"unsupported operand|can't multiply"):
            wrong()


def test_terms_that_cancel_out(minilm: EmbeddingSpace) -> None:
    """What remains from rounding doesn't count as a direction."""
    king, man = minilm["king"], minilm["man"]
    for total in (king - king, 0.1 * king + 0.2 * king - 0.3 * king, minilm["0.1 * king + 0.2 * king - 0.3 * king"]):
        with pytest.raises(TermError, match="has no direction"):
            minilm.neighbors(total)
    assert minilm.neighbors(king - king + man)[0].text == minilm.neighbors(man, raw=True)[0].text


def test_vectors_of_another_space(minilm: EmbeddingSpace, space_of: SpaceOf) -> None:
    """Adding or querying them is an error that names both spaces."""
    other = space_of(KING)
    with pytest.raises(TermError, match=r"'king' is a vector of minilm@.*, and this space is .*model"):
        other.neighbors(minilm["king"])
    with pytest.raises(TermError, match=r"'king' is a vector of minilm@.*, 'man' of .*model"):
        _ = minilm["king"] + other["man"]
    same_rows = dataclasses.replace(minilm, manifest=minilm.manifest._replace(transform="center"))
    with pytest.raises(TermError, match=r"and this space is minilm@.* center"):
        same_rows.neighbors(minilm["king"])


@pytest.mark.parametrize(
    ("word", "there"),
    [("cat", True), ("Cat", True), ("id:5", True), ('"##s"', True), ("embeddings", False), ("id:99999999", False),
     ('"nosuch"', False), ("", False), ("king - man", False), ("zzzzzz", False), (5, False), (None, False)],
)  # fmt: skip
def test_membership(minilm: EmbeddingSpace, word: object, there: bool) -> None:
    """A word of one token is in the space; a word of several isn't, though it has a vector."""
    assert (word in minilm) is there


def test_a_space_is_not_iterable(minilm: EmbeddingSpace) -> None:
    """Python would otherwise iterate over integers, which aren't terms."""
    with pytest.raises(TypeError, match="not iterable"):
        iter(minilm)  # type: ignore[call-overload]


def test_repr_of_vectors(space_of: SpaceOf) -> None:
    """One line, without the numbers."""
    space = space_of(KING)
    assert repr(space["king"] - space["man"]) == "<VectorSum king - man: 3 dims, length 1.4142>"
    assert repr(space["king"]).endswith("model: 3 dims, length 5.0990>")
