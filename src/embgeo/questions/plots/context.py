"""A word's path through the layers, to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from embgeo.errors import Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.questions.context import context
from embgeo.results.context import Context


def plot_context(
    model: Model, texts: Sequence[str], word: str, *, at: int | None = None, layers: str | None = None,
    precision: str = "float64", special: bool = True, cut: bool = False, report: Report = silent,
) -> Context:  # fmt: skip
    """The cosines between a word's occurrences; what each is near to is not drawn, and not computed."""
    answer = context(
        model, texts, word, at=at, layers=layers, near="none", precision=precision, special=special, cut=cut,
        report=report,
    )  # fmt: skip
    if len(answer.occurrences) < 2:
        raise UsageError(f"'{word}' occurs once, and a picture compares occurrences", "Give another text with it.")
    return answer
