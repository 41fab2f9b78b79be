"""Analogies as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType

from embgeo.cli.drawing import title
from embgeo.cli.lists import excluded, ranked, whole_words
from embgeo.numerics.objectives import ANALOGY_METHODS
from embgeo.results.analogy import Analogy


def table(answer: Analogy) -> RenderableType:
    """The tokens that complete the analogy, then where the inputs would have stood."""
    head = title(answer, answer.query.text, ANALOGY_METHODS[answer.method].label, *whole_words(answer))
    return Group(head, ranked(answer.results, "score"), *excluded(answer.excluded))
