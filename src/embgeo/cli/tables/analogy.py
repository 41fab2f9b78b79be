"""Analogies as a table and as rows."""

from __future__ import annotations

from rich.console import Group, RenderableType

from embgeo.cli.drawing import title
from embgeo.cli.lists import excluded, ranked
from embgeo.cli.records import Record, as_data
from embgeo.numerics.objectives import ANALOGY_METHODS
from embgeo.results.analogy import Analogy


def table(answer: Analogy) -> RenderableType:
    """The tokens that complete the analogy, then where the inputs would have stood."""
    head = title(answer, answer.query.text, ANALOGY_METHODS[answer.method].label)
    return Group(head, ranked(answer.results, "score"), *excluded(answer.excluded))


def rows(answer: Analogy) -> list[Record]:
    """A row for each token."""
    return [as_data(token) for token in answer.results]
