"""The one way out: answers to stdout in the format asked for; notes, errors and nothing else to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from embgeo.cli.records import to_csv, to_json
from embgeo.cli.text import visible

LONGEST = 1000  # characters of a line on stderr


def write(answer: object, form: str) -> None:
    """Print an answer.

    Args:
        answer: one of `embgeo.results`.
        form: `table`, `json`, `jsonl`, `csv` or `tsv`.
    """
    if form == "table":
        from embgeo.cli.drawing import draw
        from embgeo.cli.tables import layout

        text = draw(layout(answer))
    elif form in ("json", "jsonl"):
        narrow = not (sys.stdout.encoding or "").lower().startswith("utf")
        text = to_json(answer, lines=form == "jsonl", ascii_only=narrow)
    else:
        text = to_csv(answer, "," if form == "csv" else "\t")
    _put(text)


def notes(lines: Iterable[str]) -> None:
    """Say what was chosen or left out."""
    for line in lines:
        complain(f"note: {line}")


def complain(line: str) -> None:
    """One line on stderr, with nothing in it that a terminal would obey, and no file's megabytes."""
    shown = visible(line if len(line) <= LONGEST else line[:LONGEST] + "…")
    if sys.stderr.isatty():  # for people, broken between words; for programs, one line
        import shutil
        import textwrap

        shown = textwrap.fill(shown, shutil.get_terminal_size().columns - 1, break_on_hyphens=False)
    sys.stderr.write(shown + "\n")


def prepare_streams() -> None:
    """Characters that a stream's encoding lacks are written as escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _put(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
