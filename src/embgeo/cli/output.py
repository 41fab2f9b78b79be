"""The only file that writes output: answers to stdout, notes and errors to stderr."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from embgeo.cli.records import rows_to_csv, to_json
from embgeo.cli.text import visible
from embgeo.errors import STDERR, TermError, UsageError

SIDE_BY_SIDE = "side_by_side"  # lays out the answers of several models together
MAX_LINE_LENGTH = 1000  # characters of a line on stderr
# Characters that JSON leaves alone and a terminal obeys: DEL, C1, bidi marks, line separators, no-break characters.
CONTROLS = "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"

_pages = False  # whether long answers go through a pager


class ReaderLeft(Exception):  # noqa: N818  # not an error
    """The reader closed the pipe. Click itself would exit with 1 on a BrokenPipeError."""


def write(answer: Any, form: str, command: str) -> None:
    """Print an answer.

    Args:
        answer: one of `embgeo.results`.
        form: `table`, `json`, `jsonl`, `csv` or `tsv`.
        command: the file in `tables/` that lays it out: its command, or `side_by_side`.
    """
    if form in ("json", "jsonl"):
        each = getattr(answer, "answers", [answer]) if form == "jsonl" else [answer]
        write_text("".join(as_json(one, lines=form == "jsonl") for one in each))
        return
    if form == "table":
        from embgeo.cli.drawing import draw, in_columns

        table = import_module(f"embgeo.cli.tables.{command}").table
        each = [answer] if command == SIDE_BY_SIDE else getattr(answer, "answers", [answer])
        text = draw(in_columns([table(one) for one in each]))
    else:
        text = rows_to_csv(answer.records(), "," if form == "csv" else "\t")
        if sys.stdout.isatty():  # in a pipe or a file it is data, and exact
            text = "".join(c if c in "\n\t" else visible(c) for c in text)
    write_text(text)


def is_interactive() -> bool:
    """Whether a person reads the output at a terminal and can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def write_pages(answer: Any, command: str) -> None:
    """Print an answer page by page, waiting for Enter between them; the end of the input ends the answer.

    Args:
        command: the file in `tables/`, which has a function `pages`.
    """
    from embgeo.cli.drawing import draw

    for number, page in enumerate(import_module(f"embgeo.cli.tables.{command}").pages(answer)):
        if number:
            sys.stderr.write("Enter for the next stop ")
            sys.stderr.flush()
            if not sys.stdin.readline():
                sys.stderr.write("\n")
                return
        write_text(draw(page))


@contextlib.contextmanager
def paged() -> Iterator[None]:
    """Show answers that are longer than the screen through a pager, at a terminal."""
    global _pages  # noqa: PLW0603  # stdout is the process's, and so is how it is shown
    _pages = True
    try:
        yield
    finally:
        _pages = False


def write_text(text: str, *, flush: bool = True) -> None:
    """Print text as it is; at a terminal, where `paged` says so, through a pager."""
    if _pages and sys.stdout.isatty() and _is_long(text):
        import pydoc

        os.environ.setdefault("LESS", "-RX")  # colors as they are, and the answer stays on the screen
        pydoc.pager(text)
        return
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderLeft from None


def stream(lines: Iterable[str | None]) -> None:
    """Print lines as they come; None flushes what is buffered."""
    for line in lines:
        write_text(line or "", flush=line is None)


def as_json(answer: object, *, lines: bool) -> str:
    """An answer as JSON for stdout, indented or on one line; errors as in `escape_controls`."""
    return escape_controls(lambda: [to_json(answer, lines=lines, ascii_only=is_narrow())])[0]


def escape_controls(encode: Callable[[], Sequence[str]]) -> list[str]:
    """The JSON texts that a function writes, with characters that a terminal would obey as escapes.

    Raises:
        TermError: the function raises ValueError, since a number is infinite.
    """
    try:
        texts = encode()
    except ValueError:
        raise TermError(
            "the answer is beyond what a number can hold", "Use smaller factors, or smaller rows."
        ) from None
    return [
        text
        if text.isascii() and "\x7f" not in text
        else re.sub(CONTROLS, lambda found: f"\\u{ord(found[0]):04x}", text)
        for text in texts
    ]


def is_narrow() -> bool:
    """Whether stdout's encoding lacks characters, so that JSON must escape them."""
    return not (sys.stdout.encoding or "").lower().startswith("utf")


def check_output(name: str | None, *, force: bool) -> None:
    """Refuse an output file that exists (unless `force`) or can't be written, before any work is done.

    Raises:
        UsageError: the file exists, is a folder, or its folder doesn't exist.
    """
    from embgeo.formats.atomic import check_free, file_path

    if name is None:
        return
    path = file_path(name)
    check_free(path, force=force)
    if not path.parent.is_dir():
        raise UsageError(f"can't write '{path}': there is no folder '{path.parent}'", "Create it, or name another.")


def write_rows(path: Path, rows: Sequence[object]) -> None:
    """Write results to a file, all or nothing: CSV if it is called .csv, else TSV.

    Raises:
        UsageError: it can't be written.
    """
    from embgeo.results.records import as_data

    text = rows_to_csv([as_data(row) for row in rows], "," if path.suffix.lower() == ".csv" else "\t")
    write_file(path, text.encode("utf-8", "backslashreplace"))


def write_file(path: Path, content: bytes) -> None:
    """Write a file, all or nothing.

    Raises:
        UsageError: it can't be written.
    """
    from embgeo.formats.atomic import replacing

    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        raise UsageError(f"can't write '{path}': {error.strerror or error}") from None


def notes(lines: Iterable[str]) -> None:
    """Print notes on what was chosen or left out."""
    for line in lines:
        print_error(f"note: {line}")


def print_error(line: str) -> None:
    """Print one line on stderr: bounded in length, and without control characters."""
    shown = visible(line if len(line) <= MAX_LINE_LENGTH else line[:MAX_LINE_LENGTH] + "…")
    if sys.stderr.isatty():  # wrapped for people; one line for programs
        import shutil
        import textwrap

        shown = textwrap.fill(shown, shutil.get_terminal_size().columns - 1, break_on_hyphens=False)
    with STDERR, contextlib.suppress(OSError):  # stderr is closed
        sys.stderr.write(shown + "\n")
        sys.stderr.flush()


def print_last_error(line: str) -> None:
    """Print one line on stderr from a process that is about to end, bypassing Python's streams and locks."""
    shown = visible(line) + "\n"
    if os.isatty(2):
        shown = f"\r\x1b[K\x1b[?25h{shown}"  # a progress bar goes, and the cursor that it hid comes back
    os.write(2, shown.encode("utf-8", "backslashreplace"))


def prepare_streams() -> None:
    """Write characters that a stream's encoding lacks as escapes, instead of failing.

    A closed stream is opened on the null device, so that no file opened later takes its descriptor.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  # to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _is_long(text: str) -> bool:
    """Whether a text has more lines than the terminal."""
    import shutil

    return text.count("\n") >= shutil.get_terminal_size().lines
