"""How answers are laid out on a terminal: its width, its colours if it has any, only characters that it can show."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from embgeo.cli.text import visible
from embgeo.results.base import Answer

GAP = 2  # columns between those of a table
# What stands for the drawn characters where the encoding lacks them.
PLAIN = {ord("␣"): "_", ord("█"): "#", ord("│"): "|", ord("·"): "-", ord("×"): "x", ord("…"): "~", ord("—"): "-"}
PLAIN |= {ord("░"): ".", ord("▒"): ":", ord("▓"): "*", ord("±"): "+-"}
PLAIN |= dict(zip(map(ord, "▁▂▃▄▅▆▇"), "._-~=+*", strict=True))


def draw(body: RenderableType) -> str:
    """The text of a Rich renderable, for this terminal."""
    watched = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    out = io.StringIO()
    console = Console(
        file=out, width=shutil.get_terminal_size((80, 24)).columns, force_terminal=watched or None,
        highlight=False, markup=False, emoji=False, no_color=None if watched else True,
    )  # fmt: skip
    console.print(body, crop=False)
    text = "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())
    return text if _can_show(text) else text.translate(PLAIN)


def _can_show(text: str) -> bool:
    try:
        "".join(chr(character) for character in PLAIN if chr(character) in text).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def columns(*names: tuple[str, str]) -> Table:
    """A table without lines: (name, how it is aligned)."""
    table = Table(box=None, padding=(0, GAP, 0, 0), header_style="dim", pad_edge=False)
    for name, align in names:
        table.add_column(name, justify="right" if align == "right" else "left", no_wrap=True, overflow="ellipsis")
    return table


def facts(rows: Iterable[tuple[str, str]], beside: int = GAP) -> Table:
    """Names and values, a line each; the values from column `beside` on, or further to the right."""
    table = Table(box=None, padding=(0, GAP, 0, 0), show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True, min_width=beside - GAP)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, visible(value))
    return table


def bar(value: float, most: float, half: int = 10) -> str:
    """A bar from the middle: to the left below zero, to the right above."""
    length = round(half * abs(value) / most) if most > 0 else 0
    left, right = ("█" * length, "") if value < 0 else ("", "█" * length)
    return f"{left:>{half}}│{right:<{half}}"


def ordinal(rank: int) -> str:
    """first, 2nd, 3rd, 1,234th."""
    if rank == 1:
        return "first"
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank:,}{ending}"


def size(count: int) -> str:
    """Bytes in the units that disks are sold in."""
    left = float(count)
    for unit in ("B", "kB", "MB"):
        if left < 1000:
            return f"{left:.0f} {unit}" if unit == "B" else f"{left:.1f} {unit}"
        left /= 1000
    return f"{left:.1f} GB"


def title(answer: Answer, question: str, *more: str) -> RenderableType:
    """What was asked, of which model, and how."""
    told = visible(" · ".join([model_named(answer), *more]))
    return Text.assemble((visible(question), "bold"), (f"   {told}\n", "dim"))


def model_named(answer: Answer) -> str:
    """The model that answers: its name, revision and transformation."""
    name = f"{answer.model}@{short(answer.revision)}" if answer.revision else answer.model
    return visible(f"{name} · {answer.transform}" if answer.transform else name)


def short(revision: str) -> str:
    """A commit's first digits, which is how people name it; anything else whole."""
    return revision[:12] if len(revision) == 40 else revision
