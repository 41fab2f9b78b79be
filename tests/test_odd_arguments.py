"""Wrong arguments in Python: a text for a list, a name for a model, a fractional count, an empty list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from embgeo import EmbeddingSpace, EmbgeoError, TermError, UsageError

Call = Callable[[Any], object]  # the library is typed; these are mistakes of users without a type checker

MISTAKES: dict[str, tuple[Call, type[EmbgeoError], str]] = {
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


@pytest.mark.parametrize(("call", "kind", "message"), MISTAKES.values(), ids=MISTAKES)
def test_wrong_arguments(call: Call, kind: type[EmbgeoError], message: str, minilm: EmbeddingSpace) -> None:
    """Each raises an EmbgeoError that says what was expected."""
    with pytest.raises(kind, match=message):
        call(minilm)


def test_numpy_integers_are_accepted(minilm: EmbeddingSpace) -> None:
    """An int64 works like an int."""
    assert minilm.neighbors("cat", np.int64(2)).results == minilm.neighbors("cat", 2).results  # type: ignore[arg-type]


def test_pairs_that_are_not_on_the_map(minilm: EmbeddingSpace) -> None:
    """MiniLM's first fifty tokens are unused ones; the hint suggests a larger map."""
    with pytest.raises(TermError, match="no pair has two words") as error:
        minilm.map(top=50, pairs=[("man", "woman")])
    assert error.value.hint == "The first is man:woman. Raise or omit --top, and name words of one token."
