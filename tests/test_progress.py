"""Progress of queries whose time grows with the number of terms."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from embgeo import EmbeddingSpace
from embgeo.cli.progress import _draw

WORDS = ("cat", "dog", "red", "blue", "one")


@pytest.mark.parametrize(
    ("query", "task"),
    [
        (lambda space, report: space.similarity(*WORDS, report=report), "Comparing"),
        (lambda space, report: space.similarity("A cat.", "A dog.", texts=True, report=report), "Encoding texts"),
        (lambda space, report: space.dot(*WORDS, report=report), "Multiplying"),
        (lambda space, report: space.cluster(*WORDS, groups=5, report=report), "Naming groups"),
    ],
)
def test_progress_is_reported(
    query: Callable[[EmbeddingSpace, Any], object], task: str, minilm: EmbeddingSpace
) -> None:
    """The progress increases up to the total."""
    steps: dict[str, list[tuple[int, int]]] = {}
    query(minilm, lambda what, done, total, unit: steps.setdefault(what, []).append((done, total)))
    done, totals = zip(*steps[task], strict=True)
    assert list(done) == sorted(done)
    assert {done[-1]} == set(totals)


class Terminal(io.StringIO):
    """A terminal of eighty columns."""

    def isatty(self) -> bool:
        """Always true."""
        return True


def test_a_progress_bar_takes_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a long description the bar shrinks, so that the line fits 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with ExitStack() as stack:
        _draw(stack)("Running the vocabulary's words", 10_240, 22_501, "words")
    drawn = [line for line in screen.getvalue().replace("\r", "\n").splitlines() if "Running" in line]
    assert drawn
    assert all("/22,501 words" in line for line in drawn)
