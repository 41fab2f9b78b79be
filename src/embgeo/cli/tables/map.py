"""A page that was written as a table and as rows."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import columns, title
from embgeo.cli.records import Record, as_data
from embgeo.cli.text import visible
from embgeo.results.map import WrittenMap


def table(answer: WrittenMap) -> RenderableType:
    """What was written, and how much the picture keeps."""
    live = (f"matrix in {answer.live}",) if answer.live else ()
    files = columns(("written", "left"), ("bytes", "right"))
    files.add_row(visible(answer.path), f"{answer.bytes:,}")
    near = answer.neighbors
    kept = f"of each token's {near} nearest, {answer.kept:.1%} are among its {near} nearest here"
    legend = Text(f"\n{kept}; the page marks the others. Far-apart distances mean little.", "dim")
    return Group(title(answer, f"{answer.tokens:,} tokens", answer.layout, *live), files, legend)


def rows(answer: WrittenMap) -> list[Record]:
    """One row."""
    data = as_data(answer)
    return [{name: data[name] for name in ("path", "bytes", "tokens", "layout", "neighbors", "kept", "live")}]
