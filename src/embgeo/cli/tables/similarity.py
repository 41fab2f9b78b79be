"""Every word against every other as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import title
from embgeo.cli.text import visible
from embgeo.results.similarity import Similarity

SHADES = " ░▒▓█"
NAMED = 5  # words that a title lists


def table(answer: Similarity) -> RenderableType:
    """The matrix; each cell is a number and a shade."""
    names = [visible(term.term) for term in answer.terms]
    most = max(abs(value) for row in answer.matrix for value in row)
    words = " · ".join(names) if len(names) <= NAMED else f"{len(names)} words"
    table = columns(("", "left"), *((name, "right") for name in names))
    for name, row in zip(names, answer.matrix, strict=True):
        table.add_row(Text(name, "bold"), *(_cell(value, most) for value in row))
    return Group(title(answer, words, answer.metric), table)


def _cell(value: float, most: float) -> Text:
    level = min(len(SHADES) - 1, int(len(SHADES) * abs(value) / most)) if most > 0 else 0
    return Text.assemble(f"{value:z.2f} ", (SHADES[level] * 2, "blue" if value < 0 else "red"))
