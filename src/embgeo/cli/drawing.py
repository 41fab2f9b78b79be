"""Layout for a terminal: its width, its colors if it has any, and only characters that it can show."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from embgeo.cli.text import can_show, has_colors, visible
from embgeo.numerics.names import parse_control, without_control
from embgeo.results.base import Answer, Query
from embgeo.results.tabular import at_revision

FULL_COSINE: Final = 0.5
COSINE_BAR: Final = f"-{FULL_COSINE:g}{'cosine':^14}{FULL_COSINE:g}"  # the heading of its column, a scale
HALF_BAR: Final = 10  # columns on each side of the middle
SHADES: Final = " ░▒▓█"
COLUMN_GAP: Final = 2  # blank columns between two columns of a table
MAX_CHARACTERS: Final = 2_000  # characters of a cell or a title
MAX_NAME_WIDTH: Final = 24  # width of the name of a row or fact, after which it may fold
# Substitutes for the drawn characters where the encoding lacks them.
PLAIN = {ord("␣"): "_", ord("█"): "#", ord("│"): "|", ord("·"): "-", ord("×"): "x", ord("…"): "~", ord("—"): "-"}
PLAIN |= {ord("←"): "<-", ord("→"): "->", ord("«"): "<", ord("»"): ">"}
PLAIN |= {ord("●"): "*", ord("○"): "o"}
PLAIN |= {ord("░"): ".", ord("▒"): ":", ord("▓"): "*", ord("±"): "+-", ord("°"): " degrees"}
PLAIN |= dict(zip(map(ord, "▁▂▃▄▅▆▇"), "._-~=+*", strict=True))


def draw(body: RenderableType) -> str:
    """Render for this terminal."""
    colors = has_colors(sys.stdout)
    out = io.StringIO()
    console = Console(
        file=out, width=shutil.get_terminal_size((80, 24)).columns, force_terminal=colors or None,
        highlight=False, markup=False, emoji=False, no_color=None if colors else True,
    )  # fmt: skip
    console.print(body, crop=False)
    text = "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())
    drawn = "".join(chr(character) for character in PLAIN if chr(character) in text)
    return text if can_show(drawn) else text.translate(PLAIN)


def in_columns(parts: list[RenderableType]) -> RenderableType:
    """Parts next to each other if the terminal is wide enough, else one below the other."""
    if len(parts) == 1:
        return parts[0]
    width = shutil.get_terminal_size((80, 24)).columns
    console = Console(file=io.StringIO(), width=10_000)
    widths = [Measurement.get(console, console.options, part).maximum for part in parts]
    if sum(widths) + 2 * COLUMN_GAP * (len(parts) - 1) > width:
        return Group(*(one for number, part in enumerate(parts) for one in ([Text(), part] if number else [part])))
    grid = Table.grid(padding=(0, 2 * COLUMN_GAP, 0, 0))
    grid.add_row(*parts)
    return grid


def facts(rows: Iterable[tuple[str, str]], indent: int = COLUMN_GAP) -> Table:
    """Names and values, one per line; values start at column `indent` or further right."""
    table = Table(box=None, padding=(0, COLUMN_GAP, 0, 0), show_header=False, pad_edge=False)
    rows = [(visible(name), visible(value)) for name, value in rows]
    longest = max((cell_len(name) for name, _ in rows), default=0)
    table.add_column(style="dim", overflow="fold", min_width=max(indent - COLUMN_GAP, min(longest, MAX_NAME_WIDTH)))
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


def bar(value: float, full: float) -> str:
    """A bar from the middle: to the left for negative values, to the right for positive ones.

    Args:
        full: the value of a full bar; a longer one ends in an arrow.
    """
    length = min(HALF_BAR, round(HALF_BAR * abs(value) / full))
    beyond = abs(value) > full
    left, right = (
        ("«" * beyond + "█" * (length - beyond), "") if value < 0 else ("", "█" * (length - beyond) + "»" * beyond)
    )
    return f"{left:>{HALF_BAR}}│{right:<{HALF_BAR}}"


def cosine_bar(cosine: float) -> str:
    """A bar for a cosine, of the same scale in every answer; `COSINE_BAR` is its heading."""
    return bar(cosine, FULL_COSINE)


def shade(share: float) -> str:
    """A share from 0 to 1 as one character: the larger, the darker."""
    return SHADES[min(len(SHADES) - 1, int(len(SHADES) * share))]


def ordinal(rank: int) -> str:
    """first, 2nd, 3rd, 1,234th."""
    if rank == 1:
        return "first"
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank:,}{ending}"


def size(count: int) -> str:
    """A count of bytes in decimal units."""
    left = float(count)
    for unit in ("B", "kB", "MB"):
        if left < 1000:
            return f"{left:.0f} {unit}" if unit == "B" else f"{left:.1f} {unit}"
        left /= 1000
    return f"{left:.1f} GB"


def cut(text: str) -> str:
    """A text short enough for Rich to lay out quickly; longer text is for JSON and CSV."""
    return text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + "…"


def title(answer: Answer, question: str, *more: str) -> RenderableType:
    """The question, the model that answers it, and how."""
    details = visible(" · ".join([model_title(answer), *more]))
    return Text.assemble((visible(cut(question)), "bold"), (f"   {details}\n", "dim"))


def added_rows(query: Query) -> list[str]:
    """For a title: whether the rows of an expression were scaled to length 1 before they were added."""
    if query.unit:
        return ["unit rows"]
    return ["raw rows"] if len(query.terms) > 1 else []


def model_title(answer: Any) -> str:
    """The model of an answer, or of a part of one: its name, revision and transformation."""
    name = at_revision(answer.model, answer.revision)
    return visible(f"{name} · {transform_title(answer.transform)}" if answer.transform else name)


def transform_title(transform: str) -> str:
    """A transformation as its name; a control in words."""
    found = parse_control(transform)
    if found is None:
        return transform
    rows = "before training" if found[0] == "random" else "rows under other words"
    said = f"{rows} (control, {found[0]}, seed {found[1]})"
    moved = without_control(transform)
    return f"{moved} · {said}" if moved else said
