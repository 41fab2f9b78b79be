"""A page that was written as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import model_title, title
from embgeo.cli.text import visible
from embgeo.results.map import WrittenMap


def table(answer: WrittenMap) -> RenderableType:
    """What was written, and how much the picture keeps."""
    live = (f"matrix in {answer.live}",) if answer.live else ()
    files = columns(("written", "left"), ("bytes", "right"))
    files.add_row(visible(answer.path), f"{answer.bytes:,}")
    near = answer.neighbors
    kept = f"of each token's {near} nearest, {answer.kept:.1%} are among its {near} nearest here"
    parts: list[RenderableType] = [title(answer, f"{answer.tokens:,} tokens", answer.layout, *live), files]
    if second := answer.second:
        parts.append(Text(f"\nbeside it: {model_title(second)}, {second.tokens:,} tokens", "dim"))
        kept += f", and {second.kept:.1%} in the second map"
    return Group(*parts, Text(f"\n{kept}; the page marks the others. Far-apart distances mean little.", "dim"))
