"""A figure as text for a terminal of any size: braille lines, and every word placed or listed below with its letter."""

from __future__ import annotations

from typing import Final

from embgeo.pictures.canvas import Canvas, escape
from embgeo.pictures.cells import NO_LETTER, draw_panel, named_width, rows_of
from embgeo.pictures.figure import Panel, Picture
from embgeo.pictures.text import cells

MIN_PANEL_COLUMNS: Final = 26  # columns; panels stand below each other if they would have fewer
MIN_PANEL_ROWS: Final = 6  # rows of a panel
PANEL_GAP: Final = 2  # columns between panels


def draw(figure: Picture, columns: int, rows: int, *, colored: bool) -> str:
    """The figure in a terminal of this size, one row shorter than it where possible."""
    columns = max(columns, 10)
    head = [*_painted(figure.title, "bold", columns, colored), *_painted(figure.subtitle, "muted", columns, colored)]
    foot = [line for one in figure.caption for line in _painted(one, "muted", columns, colored)]
    groups = [figure.panels] if _fit_side_by_side(figure, columns) else [(panel,) for panel in figure.panels]
    labels = [line for panel in figure.panels for line in _axes(panel, columns)]
    room = rows - 1 - len(head) - len(foot) - len(labels)
    body: list[str] = []
    listed: list[tuple[str, str]] = []
    for panels in groups:
        canvas, more = _in_one_row(panels, columns, max(MIN_PANEL_ROWS, room // len(groups)), len(listed))
        body += canvas.lines(colored=colored)
        listed += more
    legend = "  ".join(f"{mark} {word}" for mark, word in listed if mark != NO_LETTER)
    if left := sum(mark == NO_LETTER for mark, _ in listed):
        legend += f"  {NO_LETTER} {left:,} more word{'s' if left > 1 else ''}"
    under = [line for text in (*labels, legend) if text for line in _painted(text, "muted", columns, colored)]
    return "".join(f"{line}\n" for line in (*head, *body, *under, *foot))


def wrapped(text: str, columns: int) -> list[str]:
    """Text in lines of at most this width; a longer word is broken."""
    lines = [""]
    for word in text.split(" "):
        left = word
        if lines[-1] and cells(lines[-1]) + 1 + cells(left) > columns:
            lines.append("")
        while cells(left) > columns:
            cut = columns if left.isascii() else columns // 2
            lines[-1], left = left[:cut], left[cut:]
            lines.append("")
        lines[-1] += f" {left}" if lines[-1] else left
    return lines


def _painted(text: str, color: str, columns: int, colored: bool) -> list[str]:
    code = escape(color) if colored else ""
    return [f"{code}{line}\033[0m" if code else line for line in wrapped(text, columns)]


def _axes(panel: Panel, columns: int) -> list[str]:
    """What the two axes of a panel measure."""
    across, up = panel.x.label.removesuffix(" →"), panel.y.label.removesuffix(" →")
    text = "   ".join(part for part in (f"→ {across}" if across else "", f"↑ {up}" if up else "") if part)
    title = f"{panel.title}: " if panel.title and text else ""
    return wrapped(title + text, columns) if text else []


def _fit_side_by_side(figure: Picture, columns: int) -> bool:
    """Rows that have names belong together; other panels stand side by side where there is room."""
    return any(panel.y.named for panel in figure.panels) or columns // len(figure.panels) >= MIN_PANEL_COLUMNS


def _in_one_row(
    panels: tuple[Panel, ...], columns: int, height: int, listed: int
) -> tuple[Canvas, list[tuple[str, str]]]:
    """Panels side by side, and their words without room, after those that are `listed` already."""
    named = [panel for panel in panels if panel.y.named]
    height = max(rows_of(panel, height) for panel in named or panels)
    canvas = Canvas(columns, height)
    found: list[tuple[str, str]] = []
    shares = sum(panel.share for panel in panels)
    names = [named_width(panel, columns) for panel in panels]
    room = columns - PANEL_GAP * (len(panels) - 1) - sum(names)
    left = 0
    for panel, name in zip(panels, names, strict=True):
        width = max(2, int(room * panel.share / shares)) + name
        found += draw_panel(canvas, panel, left, min(width, columns - left), height, listed + len(found))
        left += width + PANEL_GAP
    return canvas, found
