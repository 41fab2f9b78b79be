"""Analogies as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType

from embgeo.cli.drawing import title
from embgeo.cli.lists import excluded, left_out, ranked, sheet, whole_words
from embgeo.cli.outline import Outline
from embgeo.numerics.objectives import ANALOGY_METHODS
from embgeo.results.analogy import Analogy


def table(answer: Analogy) -> RenderableType:
    """The tokens that complete the analogy, then where the inputs would have stood."""
    head = title(answer, answer.query.text, *_how(answer))
    return Group(head, ranked(answer.results, "score"), *excluded(answer.excluded))


def outline(answer: Analogy) -> Outline:
    """The same, to show next to other models'."""
    return Outline(
        answer.query.text, _how(answer), [sheet(answer.results, "score", left_out(answer.excluded))]
    )  # fmt: skip


def _how(answer: Analogy) -> list[str]:
    return [ANALOGY_METHODS[answer.method].label, *whole_words(answer)]
