"""The files that were written as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType

from embgeo.cli.columns import columns
from embgeo.cli.drawing import title
from embgeo.cli.text import visible
from embgeo.results.export import Export


def table(answer: Export) -> RenderableType:
    """What was written, and where."""
    rows = "1 row" if answer.rows == 1 else f"{answer.rows:,} rows"
    what = f"{rows} × {answer.dimensions:,} dimensions, {answer.numbers}"
    files = columns(("written", "left"), ("bytes", "right"))
    for file in answer.files:
        files.add_row(visible(file.path), f"{file.bytes:,}")
    return Group(title(answer, answer.form, what + (", unit length" if answer.unit else "")), files)
