"""Every word against every other as a table and as rows."""

from __future__ import annotations

import shutil

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import columns, title
from embgeo.cli.records import Record
from embgeo.cli.text import visible
from embgeo.results.similarity import Similarity

SHADES = " ░▒▓█"
NAMED = 5  # words that a title lists


def table(answer: Similarity) -> RenderableType:
    """The matrix, cut into strips that fit the width; each cell is a number and a shade."""
    names = [visible(term.term) for term in answer.terms]
    most = max(abs(value) for row in answer.matrix for value in row)
    room = shutil.get_terminal_size((80, 24)).columns - max(map(len, names)) - 2
    strips: list[list[int]] = [[]]
    used = 0
    for column, name in enumerate(names):
        width = max(len(name), 8) + 2
        if strips[-1] and used + width > room:
            strips.append([])
            used = 0
        strips[-1].append(column)
        used += width
    words = " · ".join(names) if len(names) <= NAMED else f"{len(names)} words"
    parts: list[RenderableType] = [title(answer, words, answer.metric)]
    for strip in strips:
        table = columns(("", "left"), *((names[column], "right") for column in strip))
        for name, row in zip(names, answer.matrix, strict=True):
            table.add_row(Text(name, "bold"), *(_cell(row[column], most) for column in strip))
        parts += [table, Text()]
    return Group(*parts[:-1])


def rows(answer: Similarity) -> list[Record]:
    """A row for each cell."""
    names = [term.term for term in answer.terms]
    return [
        {"a": a, "b": b, answer.metric: value}
        for a, row in zip(names, answer.matrix, strict=True)
        for b, value in zip(names, row, strict=True)
    ]


def _cell(value: float, most: float) -> Text:
    level = min(len(SHADES) - 1, int(len(SHADES) * abs(value) / most)) if most > 0 else 0
    return Text.assemble(f"{value:z.2f} ", (SHADES[level] * 2, "blue" if value < 0 else "red"))
