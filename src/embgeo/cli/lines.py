"""Questions from standard input, a line each: answers in order, as soon as they are there."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from embgeo.cli import output
from embgeo.errors import EmbgeoError, TermError
from embgeo.many import Answered

INPUT: Final = "-"
BATCH: Final = 1024  # lines answered together, if so many wait

Line = tuple[int, str]


def answered(ask: Callable[[list[str]], Sequence[Answered]]) -> Iterator[object]:
    """The answers to the lines of standard input; None where nothing waits and what is written should be seen.

    A line that can't be answered is named on stderr with its number.

    Raises:
        TermError: no line could be answered.
    """
    good = bad = 0
    for lines in _batches():
        for (number, _), answer in zip(lines, ask([text for _, text in lines]), strict=True):
            if isinstance(answer, EmbgeoError):
                bad += 1
                output.complain(f"line {number}: {answer.message}")
            else:
                good += 1
                yield answer
        yield None
    if bad and not good:
        raise TermError(f"no line of {bad:,} could be answered")
    if bad:
        output.complain(f"{bad:,} of {good + bad:,} lines could not be answered")


def in_threes(
    ask: Callable[[list[tuple[str, str, str]]], Sequence[Answered]],
) -> Callable[[list[str]], Sequence[Answered]]:
    """A function of lines from one of three words each, separated by tabs or else by white space."""

    def of_lines(lines: list[str]) -> Sequence[Answered]:
        split = [[part.strip() for part in line.split("\t" if "\t" in line else None)] for line in lines]
        fine = [(words[0], words[1], words[2]) for words in split if len(words) == 3]
        answers = iter(ask(fine))
        return [
            next(answers) if len(words) == 3 else TermError(f"three words are expected, not {len(words)}: '{line}'")
            for words, line in zip(split, lines, strict=True)
        ]

    return of_lines


def _batches() -> Iterator[list[Line]]:
    """The lines that wait, whenever the last ones are answered: few while a person types, many from a file."""
    waiting: queue.Queue[Line | None] = queue.Queue(4 * BATCH)
    threading.Thread(target=_read, args=(waiting,), daemon=True).start()
    done = False
    while not done:
        lines = [waiting.get()]
        while len(lines) < BATCH and lines[-1] is not None and not waiting.empty():
            lines.append(waiting.get())
        done = lines[-1] is None
        if found := [line for line in lines if line is not None]:
            yield found


def _read(waiting: queue.Queue[Line | None]) -> None:
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]  # it is a TextIOWrapper
    try:
        for number, line in enumerate(sys.stdin, 1):
            if text := line.strip("\r\n"):
                waiting.put((number, text))
    finally:
        waiting.put(None)
