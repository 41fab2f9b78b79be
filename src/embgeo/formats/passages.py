"""The user's own text files in, passages out: lines, paragraphs, or some lines at a time."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from embgeo.errors import UsageError

LINE: Final = "line"
PARAGRAPH: Final = "paragraph"
STANDARD_INPUT: Final = "-"
IGNORES: Final = ".gitignore"
SNIFFED: Final = 8192  # bytes in which a NUL tells a binary file


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
    """

    passages: list[Passage]
    files: int
    binary: list[str]


def read_passages(names: Sequence[str], by: str) -> Passages:
    """Read files, folders (what .gitignore names is left out) and globs; `-` is standard input.

    Args:
        by: `line`, `paragraph` (parted by empty lines) or a number of lines.

    Raises:
        UsageError: an unknown `by`, or a file that isn't there or can't be read.
    """
    count = _lines_at_once(by)
    passages, binary, files = list[Passage](), list[str](), 0
    for name in dict.fromkeys(file for given in names for file in _files(given)):
        lines = _lines(name)
        if lines is None:
            binary.append(name)
            continue
        files += 1
        parts = _paragraphs(lines) if by == PARAGRAPH else _runs(lines, count)
        passages += [Passage(name, first, last, text) for first, last, text in parts]
    return Passages(passages, files, binary)


def _lines_at_once(by: str) -> int:
    if by in (LINE, PARAGRAPH):
        return 1
    if by.isdecimal() and 0 < int(by) < 10**6:
        return int(by)
    raise UsageError(f"unknown passages '{by}'; expected line, paragraph or a number of lines")


def _runs(lines: list[str], count: int) -> Iterator[tuple[int, int, str]]:
    """So many lines at a time."""
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


def _files(name: str) -> Iterator[str]:
    """The files that a name means, in order."""
    if name == STANDARD_INPUT:
        yield name
    elif Path(name).is_dir():
        yield from _in_folder(Path(name))
    elif not Path(name).exists() and glob.has_magic(name):
        found = sorted(glob.glob(name, recursive=True))  # noqa: PTH207  # a Path has no glob of an absolute pattern
        if not found:
            raise UsageError(f"no file matches '{name}'")
        for one in found:
            yield from _files(one)
    else:
        yield name


def _in_folder(folder: Path) -> Iterator[str]:
    """All files in a folder that no .gitignore in it names, without hidden ones."""
    from pathspec import GitIgnoreSpec

    ignores: list[tuple[Path, GitIgnoreSpec]] = []
    for place, folders, files in os.walk(folder):
        here = Path(place)
        if IGNORES in files:
            lines = (here / IGNORES).read_text(encoding="utf-8", errors="replace").splitlines()
            ignores.append((here, GitIgnoreSpec.from_lines(lines)))
        ours = [(root, spec) for root, spec in ignores if here.is_relative_to(root)]

        def ignored(path: Path, mark: str, rules: Sequence[tuple[Path, GitIgnoreSpec]] = ours) -> bool:
            hidden = path.name.startswith(".")
            return hidden or any(spec.match_file(f"{path.relative_to(root).as_posix()}{mark}") for root, spec in rules)

        folders[:] = sorted(one for one in folders if not ignored(here / one, "/"))
        yield from (str(here / one) for one in sorted(files) if not ignored(here / one, ""))


def _lines(name: str) -> list[str] | None:
    """The lines of a file, or of standard input; None if it is not UTF-8 text.

    Raises:
        UsageError: it can't be read.
    """
    try:
        content = sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"can't read '{name}': {error.strerror or error}", "Check that it is there.") from None
    if b"\0" in content[:SNIFFED]:
        return None
    try:
        return content.decode("utf-8-sig").split("\n")
    except ValueError:
        return None
