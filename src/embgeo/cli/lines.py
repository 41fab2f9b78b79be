"""Questions from standard input, one per line; answers in order, as soon as they are ready."""

from __future__ import annotations

import contextlib
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from embgeo.cli import output
from embgeo.cli.fast_json import ListWriter
from embgeo.cli.forms import JsonLines
from embgeo.cli.threads import NumberedText, in_order
from embgeo.errors import EmbgeoError, TermError, UsageError
from embgeo.models.model import Model
from embgeo.models.store import check_current
from embgeo.questions.batch import AnswerOrError, Listing
from embgeo.questions.ranking import ListOptions

BATCH_LINES: Final = 1024  # lines answered together, if that many are waiting
MAX_RESULTS: Final = 1 << 15  # results of all lists in memory at once
MIN_BATCH: Final = 4  # fewer lines than this are answered one by one
PAUSE: Final = 0.005  # seconds without another line, after which the waiting ones are answered
MAX_LINE_LENGTH: Final = 4_000_000  # characters; input without a line end would fill the memory
MAX_WAIT: Final = 0.1  # seconds that a line waits at most, however fast others arrive


class RefusedLine(NamedTuple):
    """Why a line has no answer."""

    message: str


Reply = str | RefusedLine
ListingOrAnswer = Listing | AnswerOrError
End = Exception | None  # why reading stopped; None at the end of the file


def json_lines(space: Model, ask: Callable[[list[str]], Sequence[ListingOrAnswer]], options: ListOptions) -> JsonLines:
    """A line of JSON for each line of standard input.

    Args:
        ask: answers several lines in one pass over the matrix.
        options: of the lists.
    """
    writer = ListWriter(space, raw=options.raw, ascii_only=output.is_narrow())
    return JsonLines(answer_lines(ask, options.k, writer))


def answer_lines(
    ask: Callable[[list[str]], Sequence[ListingOrAnswer]], k: int, writer: ListWriter
) -> Iterator[str | None]:
    """The answers to the lines of standard input; None where the output should be flushed.

    A line that can't be answered is reported on stderr with its number.

    Args:
        k: how many results an answer has at most.
        writer: writes the lists that `ask` doesn't make whole.

    Raises:
        TermError: no line could be answered.
        ModelError: the model's files were modified meanwhile.
        UsageError: standard input can't be read, or not to its end; the lines before that are answered.
    """
    good = bad = 0

    def reply(lines: list[str]) -> list[Reply]:
        check_current(writer.model)
        found = ask(lines)
        check_current(writer.model)  # as well after the rows were read
        lists = iter(output.escape_controls(lambda: writer.lines([one for one in found if isinstance(one, Listing)])))
        return [next(lists) if isinstance(one, Listing) else _alone(one) for one in found]

    reply([])  # refuse bad options before any line is read
    full = min(BATCH_LINES, max(MIN_BATCH, MAX_RESULTS // max(1, k)))
    for lines, replies in in_order(reply, _batches(full), full):
        for (number, _), found in zip(lines, replies, strict=True):
            if isinstance(found, RefusedLine):
                bad += 1
                output.print_error(f"line {number}: {found.message}")
            else:
                good += 1
                yield found
        if not lines:
            yield None
    if bad and not good:
        raise TermError(f"no line of {bad:,} could be answered")
    if bad:
        output.print_error(f"{bad:,} of {good + bad:,} lines could not be answered")


def _alone(found: AnswerOrError) -> Reply:
    return RefusedLine(found.message) if isinstance(found, EmbgeoError) else output.as_json(found, lines=True)


def in_threes(
    ask: Callable[[list[tuple[str, str, str]]], Sequence[ListingOrAnswer]],
) -> Callable[[list[str]], Sequence[ListingOrAnswer]]:
    """Turn a function of triples into one of lines: three words each, separated by tabs or white space."""

    def of_lines(lines: list[str]) -> Sequence[ListingOrAnswer]:
        split = [[part.strip() for part in line.split("\t" if "\t" in line else None)] for line in lines]
        fine = [(words[0], words[1], words[2]) for words in split if len(words) == 3]
        answers = iter(ask(fine))
        return [
            next(answers) if len(words) == 3 else TermError(f"three words are expected, not {len(words)}: '{line}'")
            for words, line in zip(split, lines, strict=True)
        ]

    return of_lines


def _batches(full: int) -> Iterator[list[NumberedText]]:
    """Batches of waiting lines, and an empty one before each wait: short while a person types, long from a file.

    Args:
        full: how many at most.

    Raises:
        ModelError: the model's files were written over meanwhile.
        UsageError: standard input can't be read.
    """
    waiting: queue.Queue[NumberedText | End] = queue.Queue(4 * BATCH_LINES)
    threading.Thread(target=_read, args=(waiting,), daemon=True).start()
    line: NumberedText | End = (0, "")
    while isinstance(line, tuple):
        lines: list[NumberedText] = []
        line = waiting.get()
        since = time.monotonic()
        with contextlib.suppress(queue.Empty):
            while isinstance(line, tuple):
                lines.append(line)
                if len(lines) == full:
                    yield lines
                    lines, since = [], time.monotonic()
                elif time.monotonic() - since > MAX_WAIT:
                    break
                line = waiting.get(timeout=PAUSE)
        if lines:
            yield lines
        yield []
    if isinstance(line, OSError):
        raise UsageError(
            f"standard input can't be read: {line.strerror or line}", "Pipe the lines into it, or name a file: < FILE"
        ) from line
    if line is not None:
        raise line


def _read(waiting: queue.Queue[NumberedText | End]) -> None:
    end: End = None
    try:
        # -sig: some editors write a byte order mark before the first line.
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")  # type: ignore[union-attr]  # a TextIOWrapper
        for number, line in enumerate(iter(lambda: sys.stdin.readline(MAX_LINE_LENGTH), ""), 1):
            if len(line) == MAX_LINE_LENGTH:
                why = f"line {number:,} has {MAX_LINE_LENGTH:,} characters or more"
                end = UsageError(why, "One question per line.")
                break
            if text := line.strip("\r\n"):
                waiting.put((number, text))
    except Exception as error:  # noqa: BLE001  # raised in the waiting thread
        end = error
    waiting.put(end)
