"""The one way out: answers to stdout in the format asked for; notes, errors and nothing else to stderr."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path

from embgeo.cli.records import rows_to_csv, to_json
from embgeo.cli.text import visible
from embgeo.errors import TermError, UsageError

LONGEST = 1000  # characters of a line on stderr
# What JSON leaves as it is, and a terminal obeys: delete and C1, marks of direction, separators of lines, no-breaks.
OBEYED = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


class ReaderLeft(Exception):  # noqa: N818  # no fault
    """Whoever reads has enough and closed the pipe; of a BrokenPipeError Click itself would make exit code 1."""


def write(answer: object, form: str, command: str) -> None:
    """Print an answer.

    Args:
        answer: one of `embgeo.results`.
        form: `table`, `json`, `jsonl`, `csv` or `tsv`.
        command: its command, under whose name `tables/` lays it out.
    """
    if form in ("json", "jsonl"):
        _put(_json(answer, lines=form == "jsonl"))
        return
    layout = import_module(f"embgeo.cli.tables.{command}")
    if form == "table":
        from embgeo.cli.drawing import draw

        text = draw(layout.table(answer))
    else:
        text = rows_to_csv(layout.rows(answer), "," if form == "csv" else "\t")
        if sys.stdout.isatty():  # in a pipe or a file it is data, and exact
            text = "".join(c if c in "\n\t" else visible(c) for c in text)
    _put(text)


def stream(lines: Iterable[str | None]) -> None:
    """Print lines as they come; with None what waits is written, before more is waited for."""
    for line in lines:
        _put(line or "", flush=line is None)


def as_line(answer: object) -> str:
    """An answer as a line of JSON for stdout."""
    return _json(answer, lines=True)


def check_free(path: Path | None, *, force: bool) -> None:
    """Refuse to write over a file, unless that is asked for, or where no file can be; before the work is done.

    Raises:
        UsageError: the file is there, it is a folder, or its folder isn't there.
    """
    from embgeo.formats.atomic import check_free as check_name

    if path is None:
        return
    check_name(path, force=force)
    if not path.parent.is_dir():
        raise UsageError(f"'{path}' can't be written: there is no folder '{path.parent}'", "Make it, or name another.")


def write_file(path: Path, rows: Sequence[object]) -> None:
    """Write results into a file, all or nothing: CSV where its name ends so, else TSV.

    Raises:
        UsageError: it can't be written.
    """
    from embgeo.cli.records import as_data
    from embgeo.formats.atomic import replacing

    text = rows_to_csv([as_data(row) for row in rows], "," if path.suffix.lower() == ".csv" else "\t")
    try:
        with replacing(path) as file:
            file.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"'{path}' can't be written: {error.strerror or error}") from None


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
    with contextlib.suppress(OSError):  # whoever closed stderr doesn't want to know
        sys.stderr.write(shown + "\n")
        sys.stderr.flush()


def prepare_streams() -> None:
    """Characters that a stream's encoding lacks are written as escapes instead of failing.

    A stream that is closed is opened on nothing, lest a file that is opened later takes its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  # to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _json(answer: object, *, lines: bool) -> str:
    """An answer as JSON in which nothing is left that a terminal would obey: such characters as their escapes.

    Raises:
        TermError: a number in it is infinite.
    """
    try:
        text = to_json(answer, lines=lines, ascii_only=_is_narrow())
    except ValueError:
        raise TermError(
            "the answer is beyond what a number can hold", "Take smaller factors, or smaller rows."
        ) from None
    if text.isascii() and "\x7f" not in text:
        return text
    return OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _is_narrow() -> bool:
    return not (sys.stdout.encoding or "").lower().startswith("utf")


def _put(text: str, *, flush: bool = True) -> None:
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderLeft from None
