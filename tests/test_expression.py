"""Expressions: how they are parsed, their errors, and their values."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SpaceOf
from embgeo import EmbeddingSpace, TermError
from embgeo.vocabulary.expression import WeightedTerm, parse

PARSED = {
    "king": [("king", 1)],
    "new york": [("new york", 1)],
    "well-known": [("well-known", 1)],
    "C++": [("C++", 1)],
    "-": [("-", 1)],
    "2": [("2", 1)],
    "king -man": [("king -man", 1)],
    "king - man + woman": [("king", 1), ("man", -1), ("woman", 1)],
    "0.5 * cat + dog * .25": [("cat", 0.5), ("dog", 0.25)],
    "- king + 2e1 * man": [("king", -1), ("man", 20)],
    "cat + cat": [("cat", 1), ("cat", 1)],
    "2 * (cat - 3 * (dog - new york))": [("cat", 2), ("dog", -6), ("new york", 6)],
    "cat - (dog - (mouse))": [("cat", 1), ("dog", -1), ("mouse", 1)],
    "C++ - well-known - f(x)": [("C++", 1), ("well-known", -1), ("f(x)", -1)],
    "(f(x) - g(y)) * 2": [("f(x)", 2), ("g(y)", -2)],
    "\" a - b\" + 'it's' - id:7": [('" a - b"', 1), ("'it's'", 1), ("id:7", -1)],
    '" a - b"': [('" a - b"', 1)],
    "2 + 3 * (7)": [("2", 1), ("7", 3)],
    "2 * 3 * cat": [("cat", 6)],
    "cat - 0 * dog": [("cat", 1), ("dog", -0.0)],
    "king − man – woman": [("king", 1), ("man", -1), ("woman", -1)],
    "2 × cat": [("cat", 2)],
    "king / 4": [("king", 0.25)],
    "(king + queen) / 2": [("king", 0.5), ("queen", 0.5)],
    "(king + queen)/2": [("king", 0.5), ("queen", 0.5)],
    "3 / 2 * cat": [("cat", 1.5)],
    "E(king) - e(man) + E(new york)": [("king", 1), ("man", -1), ("new york", 1)],
    "E(king)-E(man)+E(woman)": [("king", 1), ("man", -1), ("woman", 1)],
    "E(king)": [("king", 1)],
    "2 * E(king - f(x))": [("king", 2), ("f(x)", -2)],
    "24/7": [("24/7", 1)],
    "cats-cat": [("cats-cat", 1)],
}
REFUSED = {
    "king -": (7, "a term is missing"),
    "king - - man": (8, "a term is missing"),
    "* king + man": (1, "a term is missing"),
    "cat + () + dog": (8, "a term is missing"),
    "cat + (C +)": (11, "a term is missing"),
    "(-) + cat": (3, "a term is missing"),
    "king - (man": (8, "never closed"),
    "king - man)": (11, "never opened"),
    "king (man) + woman": (6, "an operator is missing"),
    '"king" "man" - woman': (8, "an operator is missing"),
    '("a" "b") - woman': (6, "an operator is missing"),
    '("king")x - man': (9, "an operator"),
    'woman - "king': (9, "this quote has no end"),
    "king * man": (1, "two vectors can't be multiplied"),
    "cat + 2 * 3": (7, "only numbers"),
    "cat + 1e999 * dog": (15, "too large"),
    "king / queen": (8, "only a number divides"),
    "king / 0": (8, "can't be divided by 0"),
    "3 / 2": (1, "only numbers"),
    "king /": (7, "a term is missing"),
    "E(king) E(man)": (9, "an operator is missing"),
    "(king)(man) - woman": (7, "a space and an operator"),
    "(" * 51 + "a + b" + ")" * 51: (51, "more than 50"),
}


@pytest.mark.parametrize("text", PARSED)
def test_parsed(text: str) -> None:
    """Expressions parse to weighted terms in order; text without an operator between spaces is one term."""
    assert parse(text) == tuple(PARSED[text])


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    """The error of a malformed expression is one line that quotes it and names the position."""
    place, why = REFUSED[text]
    with pytest.raises(
        TermError, match=re.escape(f"'{text}' is not a valid expression: at character {place}, ")
    ) as refused:
        parse(text)
    assert why in refused.value.message
    assert "\n" not in refused.value.message


WORDS = st.sampled_from(["king", "C++", "well-known", "f(x)", "new york", "it's", "id:12", "1990s", "é"])
EXACT = st.text(st.characters(exclude_characters="\"'", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1)
NUMBERS = st.floats(0, 1e9, width=32).map(lambda value: f"{value:.9g}")


def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Sums, products and parentheses of simpler expressions."""
    pairs = st.tuples(inner, st.sampled_from("+-"), inner)
    return (
        pairs.map(lambda part: f"({part[0]} {part[1]} {part[2]})")
        | st.tuples(NUMBERS, inner).map(lambda part: f"{part[0]} * {part[1]}")
        | inner.map(lambda part: f"(- {part})")
    )


TERMS = WORDS | EXACT.map(lambda text: f'"{text}"') | NUMBERS.map(lambda number: f"({number})")
EXPRESSIONS = st.lists(st.recursive(TERMS, deeper, max_leaves=8), min_size=2, max_size=4).map(" - ".join)


@given(EXPRESSIONS)
def test_parentheses_around_the_whole(text: str) -> None:
    """2 * (an expression) doubles all its weights."""
    terms = parse(text)
    assert len(terms) >= 2
    assert parse(f"2 * ({text})") == tuple(WeightedTerm(term, 2 * weight) for term, weight in terms)


@given(
    st.lists(
        st.sampled_from(["king", "man", "+", "-", "*", "/", "−", "(", "E(", ")", "2", '"', "'", "f(x)"]), max_size=9
    )
)
def test_every_error_points_into_the_text(pieces: list[str]) -> None:
    """Any text is parsed, or gives an error with a position inside the text or just after its end."""
    text = " ".join(pieces)
    try:
        assert all(isinstance(term, WeightedTerm) and term.term for term in parse(text)) or text == ""
    except TermError as refused:
        result = re.fullmatch(r"'(.*)' is not a valid expression: at character (\d+), .+", refused.message)
        assert result is not None
        assert result[1] == text
        assert 1 <= int(result[2]) <= len(text) + 1


ROWS = {"a": (1.0, 0.0, 0.0), "b": (0.0, 2.0, 0.0), "c": (0.0, 0.0, 4.0), "A": (9.0, 9.0, 9.0), "d": (1.0, 1.0, 1.0)}


def test_raw_rows_are_added(space_of: SpaceOf) -> None:
    """2 (a - b) + 0.5 c adds raw rows, here of lengths 1, 2 and 4, without normalizing them."""
    result = space_of(ROWS).vector("2 * (a - b) + 0.5 * c")
    assert result.values.tolist() == [2.0, -4.0, 2.0]


def test_neighbors_of_an_expression(space_of: SpaceOf) -> None:
    """Neighbors are ranked by cosine with the sum; all terms and their spellings are excluded."""
    answer = space_of(ROWS).neighbors("a - b + 2 * id:2")
    assert [n.text for n in answer] == [" d"]
    vector = np.array([1.0, -2.0, 8.0])
    assert answer[0].score == pytest.approx(vector.sum() / np.linalg.norm(vector) / np.sqrt(3), abs=1e-7)
    assert [(term.term, term.weight, term.tokens[0].id) for term in answer.query.terms] == [
        ("a", 1.0, 0), ("b", -1.0, 1), ("id:2", 2.0, 2)
    ]  # fmt: skip
    raw = space_of(ROWS).neighbors("a - b + 2 * id:2", raw=True)
    assert [n.text for n in raw] == [" A", " d"]


def test_dot_of_expressions(space_of: SpaceOf) -> None:
    """(a - b) . (c - b) = |b|^2 = 4."""
    pair = space_of(ROWS).dot("a - b", "c - b").pairs[0]
    assert (pair.a, pair.b, pair.dot) == ("a - b", "c - b", 4.0)


def test_an_analogy_takes_expressions(space_of: SpaceOf) -> None:
    """Each expression is one vector, normalized as a whole; the title shows it in parentheses."""
    space = space_of({**ROWS, "e": (0.0, -1.0, 1.0)})
    answer = space.analogy("a + c", "b", "d", raw=True)
    target = np.array([1.0, 0, 4]) / np.sqrt(17) - np.array([0, 1.0, 0]) + np.array([1.0, 1, 1]) / np.sqrt(3)
    rows = {" A": np.array([9.0, 9, 9]), " e": np.array([0, -1.0, 1])}
    expected = {text: row @ target / np.linalg.norm(row) / np.linalg.norm(target) for text, row in rows.items()}
    assert {n.text: n.score for n in answer if n.text in rows} == pytest.approx(expected, abs=1e-6)
    assert answer.query.text == "(a + c) - b + d"


@pytest.mark.parametrize("text", ["a - a", "0.1 * a + 0.2 * a - 0.3 * a", "a + b - b - a"])
def test_terms_that_cancel_out(space_of: SpaceOf, text: str) -> None:
    """A sum that leaves only rounding error is an error, not a direction."""
    with pytest.raises(TermError, match=re.escape(f"'{text}' has no direction")):
        space_of(ROWS).neighbors(text)


def test_split_terms_are_noted(minilm: EmbeddingSpace) -> None:
    """A word of several tokens has the same note in an expression as alone."""
    assert minilm.vector("embeddings - cat").notes == minilm.vector("embeddings").notes
