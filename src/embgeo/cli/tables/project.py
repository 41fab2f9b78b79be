"""The part of a vector along directions as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import COSINE_BAR, cosine_bar, facts, title
from embgeo.cli.text import visible
from embgeo.results.project import Projection


def table(answer: Projection) -> RenderableType:
    """Its coordinates along each axis, and the lengths of the two parts."""
    table = columns(
        ("direction", "left"), ("dot", "right"), ("coordinate", "right"), ("cosine", "right"), (COSINE_BAR, "bar")
    )
    several = {part.direction for part in answer.components if part.number > 1}
    for part in answer.components:
        name = visible(part.direction) + (f" ({part.number})" if part.direction in several else "")
        numbers = (f"{part.dot:z.4f}", f"{part.coordinate:z.4f}", f"{part.cosine:z.4f}")
        table.add_row(Text(name, "bold"), *numbers, cosine_bar(part.cosine))
    where = "along it" if answer.axes == 1 else f"in their {answer.axes} dimensions"
    rows = (
        ("length", f"{answer.norm:z.4f}"),
        (where, f"{answer.inside:z.4f}, {100 * answer.share:z.2f}% of the squared length"),
        ("remainder", f"{answer.outside:z.4f}, {100 * (1 - answer.share):z.2f}%"),
    )
    word = "onto" if answer.command == "project" else "without"
    names = ", ".join(dict.fromkeys(part.direction for part in answer.components))
    return Group(title(answer, f"{answer.query.text} {word} {names}"), table, Text(), facts(rows))
