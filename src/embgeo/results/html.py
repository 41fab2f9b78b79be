"""Rows as a table for notebooks: colors of the page itself, so that it suits light and dark ones, and no script."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from embgeo.results.records import Record

MAX_ROWS: Final = 40  # rows shown
LAST_ROWS: Final = 5  # of these, the last ones
CELL_STYLE: Final = (
    "padding: 0.15em 0.8em 0.15em 0; border: none; background: none; color: inherit; white-space: pre-wrap"
)
FAINT_STYLE: Final = "opacity: 0.65"
RULE_STYLE: Final = "border-top: 1px solid rgba(128, 128, 128, 0.4)"


def table(heading: str, details: Iterable[str], rows: list[Record], notes: Iterable[str]) -> str:
    """HTML with a caption, a row for each record and the notes.

    Args:
        details: the command and the model, after the question; empty ones are left out.
        rows: long lists are cut in the middle, and say so.
    """
    faint = _safe(" · ".join(part for part in details if part))
    caption = f"<b>{_safe(heading)}</b> " if heading else ""
    names = list(dict.fromkeys(name for row in rows for name in row))
    left = {name for name in names if any(isinstance(row.get(name), str) for row in rows)}
    head = _row("th", [(name, name in left) for name in names], FAINT_STYLE)
    shown = rows if len(rows) <= MAX_ROWS else [*rows[: MAX_ROWS - LAST_ROWS], None, *rows[-LAST_ROWS:]]
    more = f"… {len(rows) - MAX_ROWS:,} more …"
    between = f'<tr><td colspan="{len(names)}" style="{CELL_STYLE}; {FAINT_STYLE}">{more}</td></tr>'
    body = "".join(
        _row("td", [(row.get(name), name in left) for name in names], RULE_STYLE) if row is not None else between
        for row in shown
    )
    lines = "".join(f'<div style="{FAINT_STYLE}">note: {_safe(note)}</div>' for note in notes)
    return (
        f'<div style="color: inherit"><div>{caption}<span style="{FAINT_STYLE}">{faint}</span></div>'
        f'<table style="border-collapse: collapse; border: none; color: inherit"><thead>{head}</thead>'
        f"<tbody>{body}</tbody></table>{lines}</div>"
    )


def _row(tag: str, cells: Iterable[tuple[Any, bool]], style: str) -> str:
    """A table row from pairs of a value and whether it is aligned left."""
    written = "".join(
        f'<{tag} style="text-align: {"left" if left else "right"}; {CELL_STYLE}; font-weight: normal">'
        f"{_cell(value)}</{tag}>"
        for value, left in cells
    )
    return f'<tr style="background: none; {style}">{written}</tr>'


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:z.4f}" if isinstance(value, float) else _safe(str(value))


def _safe(text: str) -> str:
    """Text with markup and everything unprintable escaped."""
    return escape("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))
