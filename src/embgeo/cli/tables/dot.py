"""Dot products as a table and as rows."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from embgeo.cli.drawing import columns, title
from embgeo.cli.records import Record, as_data
from embgeo.cli.text import visible
from embgeo.results.dot import DotProducts


def table(answer: DotProducts) -> RenderableType:
    """One pair, or a matrix of several terms."""
    head = title(answer, " · ".join(length.term for length in answer.terms))
    lengths = Text(", ".join(f"|{visible(length.term)}| = {length.norm:z.4f}" for length in answer.terms))
    if len(answer.terms) > 2:
        return Group(head, _dot_matrix(answer), Text(), lengths)
    table = columns(("a", "left"), ("b", "left"), ("dot", "right"), ("cosine", "right"), ("", "left"))
    for pair in answer.pairs:
        table.add_row(visible(pair.a), visible(pair.b), f"{pair.dot:z.4f}", f"{pair.cosine:z.4f}", pair.relation)
    return Group(head, table, Text(), lengths)


def rows(answer: DotProducts) -> list[Record]:
    """A row for each pair."""
    return [as_data(pair) for pair in answer.pairs]


def _dot_matrix(answer: DotProducts) -> RenderableType:
    """Dot products above the diagonal, cosines below it, squared lengths on it."""
    names = [visible(length.term) for length in answer.terms]
    table = columns(("", "left"), *((name, "right") for name in names))
    pairs = iter(answer.pairs)
    cells = [["" for _ in names] for _ in names]
    for row in range(len(names)):
        cells[row][row] = f"{answer.terms[row].norm ** 2:z.4f}"
        for column in range(row + 1, len(names)):
            pair = next(pairs)
            cells[row][column], cells[column][row] = f"{pair.dot:z.4f}", f"{pair.cosine:z.4f}"
    for name, row_cells in zip(names, cells, strict=True):
        table.add_row(Text(name, "bold"), *row_cells)
    relations = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    for pair in answer.pairs:
        relations.add_row(f"{visible(pair.a)} · {visible(pair.b)}", pair.relation)
    return Group(table, Text("above the diagonal: dot products; below: cosines", "dim"), Text(), relations)
