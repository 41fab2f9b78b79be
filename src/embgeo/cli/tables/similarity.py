"""Every word against every other as a table."""

from __future__ import annotations

import itertools

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import Styled, columns
from embgeo.cli.drawing import shade, title
from embgeo.cli.outline import Outline, Sheet
from embgeo.cli.text import visible
from embgeo.results.similarity import Similarity

MAX_NAMED = 5  # words that a title lists


def table(answer: Similarity) -> RenderableType:
    """The matrix; each cell is a number and a shade."""
    names = [visible(term.term) for term in answer.terms]
    most = max(abs(value) for row in answer.matrix for value in row)
    table = columns(("", "left"), *((name, "right") for name in names))
    for name, row in zip(names, answer.matrix, strict=True):
        table.add_row(Text(name, "bold"), *(_cell(value, most) for value in row))
    return Group(title(answer, _question(answer), answer.metric), table)


def outline(answer: Similarity) -> Outline:
    """A row for each pair, to show next to other models'."""
    names = [term.term for term in answer.terms]
    pairs = itertools.combinations(range(len(names)), 2)
    rows = [(f"{names[a]} · {names[b]}", (f"{answer.matrix[a][b]:z.4f}",)) for a, b in pairs]
    return Outline(_question(answer), [answer.metric], [Sheet("pair", ((answer.metric, "right"),), rows)])


def _question(answer: Similarity) -> str:
    names = [visible(term.term) for term in answer.terms]
    return " · ".join(names) if len(names) <= MAX_NAMED else f"{len(names)} words"


def _cell(value: float, most: float) -> Styled:
    drawn = shade(abs(value) / most if most > 0 else 0.0)
    return Styled(f"{value:z.2f} ", drawn * 2, "blue" if value < 0 else "red")
