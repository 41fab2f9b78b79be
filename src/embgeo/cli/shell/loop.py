"""Line after line: from a script, up to its first error, or from a person at a terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from embgeo.cli import output
from embgeo.cli.main import Outcome, attempt
from embgeo.cli.shell.session import Session
from embgeo.errors import UsageError

MAX_LINE_LENGTH: Final = 1_000_000  # characters of a line
CONTINUED: Final = "\\"


class NumberedLine(NamedTuple):
    """A line, or several that end in a backslash, and the number of the first."""

    number: int
    text: str


def run_script(session: Session) -> int:
    """Answer the lines of standard input, up to the first error; returns the exit code.

    Raises:
        ReaderLeft: nobody reads the answers.
        UsageError: standard input can't be read.
    """
    for line in join_lines(_lines()):
        outcome = outcome_of(session, line.text)
        if not outcome.is_read:
            raise output.ReaderLeft
        if outcome.code:
            why = outcome.message or f"ended with exit code {outcome.code}"
            output.print_error(f"embgeo: line {line.number:,}: {why}")
            return outcome.code
        if session.has_ended:
            break
    return 0


def outcome_of(session: Session, text: str) -> Outcome:
    """Answer one line; every error becomes the outcome."""
    with _own_input():
        return attempt(lambda: session.answer(text))


def join_lines(lines: Iterable[str]) -> Iterator[NumberedLine]:
    """Numbered lines; one that ends in a backslash goes on in the next, as in a system's shell."""
    first, parts = 1, list[str]()
    for number, line in enumerate(lines, 1):
        if not parts:
            first = number
        text = line.rstrip()
        parts.append(text.removesuffix(CONTINUED))
        if not text.endswith(CONTINUED):
            yield NumberedLine(first, " ".join(parts))
            parts = []
    if parts:
        yield NumberedLine(first, " ".join(parts))


def _lines() -> Iterator[str]:
    try:
        # -sig: some editors write a byte order mark before the first line.
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")  # type: ignore[union-attr]  # a TextIOWrapper
        for line in iter(lambda: sys.stdin.readline(MAX_LINE_LENGTH), ""):
            if len(line) == MAX_LINE_LENGTH:
                raise UsageError(f"a line of {MAX_LINE_LENGTH:,} characters or more", "One question per line.")
            yield line
    except OSError as error:
        raise UsageError(f"standard input can't be read: {error.strerror or error}", "Name a file: < FILE") from error


class _ShellInput:
    """Standard input as a command sees it in a shell: a command that reads lines from it would take the shell's."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        if name in ("buffer", "reconfigure"):
            raise UsageError("standard input is the shell's own here", "Read a file: --from FILE; or leave the shell.")
        return getattr(self._real, name)


@contextlib.contextmanager
def _own_input() -> Iterator[None]:
    real = sys.stdin
    sys.stdin = _ShellInput(real)
    try:
        yield
    finally:
        sys.stdin = real
