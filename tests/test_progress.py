"""A question whose time grows with its terms reports how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from embgeo import EmbeddingSpace

WORDS = ("cat", "dog", "red", "blue", "one")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda space, report: space.similarity(*WORDS, report=report), "Comparing"),
        (lambda space, report: space.similarity("A cat.", "A dog.", texts=True, report=report), "Reading"),
        (lambda space, report: space.dot(*WORDS, report=report), "Multiplying"),
        (lambda space, report: space.cluster(*WORDS, groups=5, report=report), "Naming groups"),
    ],
)
def test_work_on_many_terms_is_reported(
    ask: Callable[[EmbeddingSpace, Any], object], said: str, minilm: EmbeddingSpace
) -> None:
    """Step by step to the last."""
    steps: dict[str, list[tuple[int, int]]] = {}
    ask(minilm, lambda what, done, total, unit: steps.setdefault(what, []).append((done, total)))
    done, totals = zip(*steps[said], strict=True)
    assert list(done) == sorted(done)
    assert {done[-1]} == set(totals)
