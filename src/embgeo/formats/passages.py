"""The user's own text files in, passages out: lines, paragraphs, or runs of lines."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final, NamedTuple

from embgeo.errors import UsageError
from embgeo.formats.lines import STANDARD_INPUT
from embgeo.formats.regular import check_regular, open_stream, special_kind
from embgeo.formats.text_files import TextFile, text_files

LINE: Final = "line"
PARAGRAPH: Final = "paragraph"
SNIFF_BYTES: Final = 8192  # bytes in which a NUL tells a binary file
MAX_READS: Final = 3  # of a file that is written to meanwhile


class Passage(NamedTuple):
    """A part of a file: its lines `first` to `last`, counted from 1, and their text without white space around it."""

    file: str
    first: int
    last: int
    text: str


class Passages(NamedTuple):
    """What was read.

    Attributes:
        passages: none of them empty.
        files: how many files they are from.
        binary: files that were left out since they are not UTF-8 text.
        unread: files and folders that can't be read, each with the reason; none of them was named.
        changed: files that were written to while they were read, each time.
    """

    passages: list[Passage]
    files: int
    binary: list[str]
    unread: list[str]
    changed: list[str]


def read_passages(names: Sequence[str], by: str) -> Passages:
    """Read files, folders (what .gitignore names is left out) and globs; `-` is standard input.

    Args:
        by: `line`, `paragraph` (separated by empty lines) or a number of lines.

    Raises:
        UsageError: an unknown `by`, or a file that is named and isn't there or can't be read.
    """
    count = _lines_at_once(by)
    read = Passages([], 0, [], [], [])
    files = 0
    for file in text_files(names):
        try:
            if file.problem:
                raise OSError(0, file.problem)  # noqa: TRY301
            content, changed = _content(file) or (None, False)
        except OSError as error:
            why = error.strerror or str(error)
            if file.named:
                raise UsageError(f"can't read '{file.name}': {why}", "Name a text file, a folder or a glob.") from None
            read.unread.append(f"{file.name} ({why})")
            continue
        lines = None if content is None else _lines(content)
        if lines is None:
            read.binary.append(file.name)
            continue
        files += 1
        if changed:
            read.changed.append(file.name)
        parts = _paragraphs(lines) if by == PARAGRAPH else _runs(lines, count)
        read.passages.extend(Passage(file.name, first, last, text) for first, last, text in parts)
    return read._replace(files=files)


def _lines_at_once(by: str) -> int:
    if by in (LINE, PARAGRAPH):
        return 1
    if by.isdecimal() and 0 < int(by) < 10**6:
        return int(by)
    raise UsageError(f"unknown unit of passages '{by}'; expected line, paragraph or a number of lines from 1")


def _runs(lines: list[str], count: int) -> Iterator[tuple[int, int, str]]:
    """`count` lines at a time."""
    for at in range(0, len(lines), count):
        if text := "\n".join(lines[at : at + count]).strip():
            yield at + 1, min(at + count, len(lines)), text


def _paragraphs(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Runs of lines between empty ones."""
    start = 0
    for number, line in enumerate([*lines, ""]):
        if line.strip():
            continue
        if text := "\n".join(lines[start:number]).strip():
            yield start + 1, number, text
        start = number + 1


def _content(file: TextFile) -> tuple[bytes, bool] | None:
    """A file's bytes, and whether it was written to meanwhile; None if it is a binary file.

    Raises:
        OSError: it can't be read.
    """
    if file.name == STANDARD_INPUT:
        return sys.stdin.buffer.read(), False
    for _ in range(MAX_READS):
        with _opened(file) as opened:
            before = _state(opened)
            first = opened.read(SNIFF_BYTES)
            if b"\0" in first:
                return None
            content = first + opened.read()
            changed = _state(opened) != before
        if not changed:
            break
    return content, changed


def _opened(file: TextFile) -> IO[bytes]:
    """A file, opened; of FIFOs only one that the user names, such as <(command)."""
    if file.named and special_kind(Path(file.name)) == "a FIFO":
        return open_stream(Path(file.name))
    check_regular(Path(file.name))
    return Path(file.name).open("rb")


def _state(opened: IO[bytes]) -> tuple[int, int] | None:
    """What changes when a file is written to; None for a FIFO, which can be read only once."""
    status = os.fstat(opened.fileno())
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def _lines(content: bytes) -> list[str] | None:
    """The lines of a file; None if it is not UTF-8 text."""
    if b"\0" in content[:SNIFF_BYTES]:
        return None
    try:
        text = content.decode("utf-8-sig")
    except ValueError:
        return None
    return text.removesuffix("\n").split("\n")
