"""Dot products as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import Columns, columns
from embgeo.cli.drawing import title
from embgeo.cli.outline import Outline, Sheet
from embgeo.cli.text import visible
from embgeo.results.dot import PERPENDICULAR, DotPair, DotProducts

MAX_NAMED = 5  # terms that a title lists
MAX_SHOWN_WHOLE = 6  # pairs that are all listed
STRONGEST_SHOWN = 5  # pairs listed of more
MATRIX = "above the diagonal: dot products; below: cosines; on it: squared lengths"


def table(answer: DotProducts) -> RenderableType:
    """One pair; or a matrix of several terms, and their pairs from the strongest on."""
    names = [visible(length.term) for length in answer.terms]
    head = title(answer, _question(answer))
    lengths = Text("lengths: " + ", ".join(f"|{visible(one.term)}| = {one.norm:z.4f}" for one in answer.terms))
    matrix: list[RenderableType] = [] if len(names) == 2 else [_matrix(answer, names), Text(MATRIX, "dim"), Text()]
    return Group(head, *matrix, _pairs(answer.pairs), Text(f"\n{_meaning()}", "dim"), Text(), lengths)


def outline(answer: DotProducts) -> Outline:
    """Every pair, to show next to other models'."""
    rows = [
        (f"{pair.a} · {pair.b}", (f"{pair.dot:z.4f}", f"{pair.cosine:z.4f}", pair.relation)) for pair in answer.pairs
    ]
    said = ["lengths: " + ", ".join(f"|{one.term}| = {one.norm:z.4f}" for one in answer.terms), _meaning()]
    columns = (("dot", "right"), ("cosine", "right"), ("relation", "left"))
    return Outline(_question(answer), [], [Sheet("pair", columns, rows, said)])


def _question(answer: DotProducts) -> str:
    names = [visible(length.term) for length in answer.terms]
    return " · ".join(names) if len(names) <= MAX_NAMED else f"{len(names)} terms"


def _matrix(answer: DotProducts, names: Sequence[str]) -> Columns:
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
    return table


def _pairs(pairs: Sequence[DotPair]) -> Columns:
    """The pairs, the largest |cosine| first; the strongest only, of many."""
    shown = sorted(pairs, key=lambda pair: -abs(pair.cosine))
    name = "pair"
    if len(pairs) > MAX_SHOWN_WHOLE:
        shown, name = shown[:STRONGEST_SHOWN], f"strongest {STRONGEST_SHOWN} of {len(pairs)} pairs"
    table = columns((name, "left"), ("dot", "right"), ("cosine", "right"), ("angle", "right"), ("", "left"))
    for pair in shown:
        angle = "none" if pair.angle is None else f"{pair.angle:z.1f}°"
        both = Text(f"{visible(pair.a)} · {visible(pair.b)}", "bold")
        table.add_row(both, f"{pair.dot:z.4f}", f"{pair.cosine:z.4f}", angle, pair.relation)
    return table


def _meaning() -> str:
    """What the relations mean."""
    low = math.degrees(math.acos(PERPENDICULAR))
    return (
        f"aligned: cosine {PERPENDICULAR:g} or more; opposed: -{PERPENDICULAR:g} or less; "
        f"perpendicular: between, {low:.1f}° to {180 - low:.1f}°"
    )
