"""Arguments in Python that are nearly right: a text for a list, a name for a model, half a count, an empty list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from embgeo import EmbeddingSpace, EmbgeoError, TermError, UsageError

Ask = Callable[[Any], object]  # the library is typed; these are the mistakes of people without a type checker

MISTAKES: dict[str, tuple[Ask, type[EmbgeoError], str]] = {
    "a word for words": (
        lambda s: s.neighbors_batch("cat", 1),
        UsageError,
        "a list of texts, not a single text: 'cat'",
    ),
    "a word to score": (lambda s: s.direction("cats", "cat").score("one"), UsageError, "not a single text: 'one'"),
    "a text for texts": (lambda s: s.context("the cat sat", "cat"), UsageError, "not a single text: 'the cat sat'"),
    "no text": (lambda s: s.context([], "cat"), UsageError, "context needs at least one text"),
    "a list for a text": (lambda s: s.tokens(["a", "b"]), TermError, r"expected a text, not \['a', 'b'\]"),
    "two terms": (lambda s: s.analogy_batch([("king", "man")]), UsageError, r"three terms, not \('king', 'man'\)"),
    "a flat triple": (lambda s: s.analogy_batch(["king", "man", "woman"]), UsageError, "three terms, not 'king'"),
    "letters": (lambda s: s.analogy_batch(["cat"]), UsageError, "three terms, not 'cat'"),
    "a name to compare": (lambda s: s.compare("gpt2"), UsageError, "a loaded model, not 'gpt2'"),
    "a name for rows": (lambda s: s.compare_rows("gpt2"), UsageError, "a loaded model, not 'gpt2'"),
    "a name to go to": (lambda s: s.neighbors("cat", to="gpt2"), UsageError, "a loaded model, not 'gpt2'"),
    "half an answer": (lambda s: s.neighbors("cat", 2.5), UsageError, "can't show 2.5 answers"),
    "a count as text": (lambda s: s.neighbors("cat", "3"), UsageError, "can't show 3 answers"),
    "half a step": (lambda s: s.between("cat", "dog", steps=2.5), UsageError, "can't take 2.5 steps"),
    "half a group": (lambda s: s.cluster("cat", "dog", groups=1.5), UsageError, "can't make 1.5 groups"),
    "half a seed": (lambda s: s.control("random", seed=1.5), UsageError, "invalid seed '1.5'"),
    "half a position": (lambda s: s.positions("cat", 1.5), UsageError, "invalid position '1.5'"),
}


@pytest.mark.parametrize(("ask", "kind", "why"), MISTAKES.values(), ids=MISTAKES)
def test_nearly_right(ask: Ask, kind: type[EmbgeoError], why: str, minilm: EmbeddingSpace) -> None:
    """Each is an error that says what was expected: no answer about letters, and no error of Python's own."""
    with pytest.raises(kind, match=why):
        ask(minilm)


def test_numpy_counts_are_counts(minilm: EmbeddingSpace) -> None:
    """An int64 is a whole number as an int is."""
    assert minilm.neighbors("cat", np.int64(2)).results == minilm.neighbors("cat", 2).results  # type: ignore[arg-type]


def test_pairs_beyond_the_map(minilm: EmbeddingSpace) -> None:
    """MiniLM's first fifty tokens are unused ones: the way on is a larger map, and not the same pair again."""
    with pytest.raises(TermError, match="no pair has two words") as error:
        minilm.map(top=50, pairs=[("man", "woman")])
    assert error.value.hint == "The first is man:woman. Raise or omit --top, and name words of one token."
