"""Copies of this process that answer batches of lines, one for each processor.

A copy shares the mapped matrix and all else that is read already. It lives on two pipes and ends with them, and with
the process that asked, whatever becomes of that one; and if a copy is killed, the process that asked answers itself.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Final, Generic, NoReturn, TypeVar

Answer = TypeVar("Answer")
Line = tuple[int, str]
MOST: Final = 8  # each has a block of its own
PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>


def in_order(
    answer: Callable[[list[str]], Answer], batches: Iterable[list[Line]], full: int
) -> Iterator[tuple[list[Line], Answer]]:
    """Each batch of numbered lines with its answer; from the first full one on, copies answer them side by side.

    Args:
        full: how many lines a batch has at most. One with less that none is worked on before is answered here.
    """
    asked: deque[tuple[list[Line], Worker[Answer]]] = deque()
    free: deque[Worker[Answer]] = deque()
    copies = None

    def here(lines: list[Line]) -> Answer:
        return answer([text for _, text in lines])

    def taken() -> tuple[list[Line], Answer]:
        lines, worker = asked.popleft()
        try:
            found = worker.take()
            free.append(worker)
        except EOFError:
            found = here(lines)
        return lines, found

    for lines in batches:
        if copies is None and len(lines) == full:
            copies = useful()
            with contextlib.suppress(OSError):  # as many as this user may have
                for _ in range(copies):
                    free.append(Worker(answer, free))
        done = [taken()] if asked and not free else []
        if free and lines and (asked or done or len(lines) == full):
            worker = free.popleft()
            worker.ask([text for _, text in lines])
            asked.append((lines, worker))
            yield from done
        else:
            yield from done
            while asked:
                yield taken()
            yield lines, here(lines)


def useful() -> int:
    """How many copies can work side by side; 0 where a process can't be copied safely, or has one processor."""
    if sys.platform != "linux":  # elsewhere the libraries for matrix products don't survive a fork
        return 0
    processors = len(os.sched_getaffinity(0))
    return min(processors, MOST) if processors > 1 else 0


def share_processors() -> None:
    """Let each copy multiply on one processor, unless the user says otherwise. NumPy reads this when it is imported."""
    if useful():
        for library in ("OPENBLAS", "MKL", "OMP"):
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")


class Worker(Generic[Answer]):
    """One copy.

    Args:
        answer: what it is asked.
        others: the copies there are already; it must not keep their pipes open.

    Raises:
        OSError: the system has no process or pipe to spare.
    """

    def __init__(self, answer: Callable[[list[str]], Answer], others: Iterable[Worker[Answer]]) -> None:
        asked, self._questions = _pipe()
        self._answers, answered = _pipe()
        known = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # Ctrl-C is for the process that asks
        try:
            parent = os.getpid()
            if os.fork() == 0:
                _serve(answer, asked, answered, [self, *others], parent)
        except OSError:
            self.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, known)
            asked.close()
            answered.close()

    def ask(self, lines: list[str]) -> None:
        """Hand it a batch; the answer of the one before must have been taken."""
        with contextlib.suppress(BrokenPipeError):  # it was killed; `take` will tell
            pickle.dump(lines, self._questions)
            self._questions.flush()

    def take(self) -> Answer:
        """The answer to its batch.

        Raises:
            EOFError: it was killed, if only in the middle of it.
        """
        try:
            found: Answer = pickle.load(self._answers)  # noqa: S301  # from our own copy
        except pickle.UnpicklingError as error:
            raise EOFError(str(error)) from None
        return found

    def close(self) -> None:
        """End it."""
        self._questions.close()
        self._answers.close()


def _pipe() -> tuple[BinaryIO, BinaryIO]:
    """A pipe's end to read from, and its end to write to."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb"), os.fdopen(writing, "wb")


def _end_with(parent: int) -> None:
    """Have this copy killed when the process that asks ends: in the middle of a batch it heeds no pipe."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # without it the pipes end it, a batch later
        from ctypes import CDLL

        CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it was too late for that
        os._exit(0)


def _serve(
    answer: Callable[[list[str]], Any],
    questions: BinaryIO,
    answers: BinaryIO,
    others: Iterable[Worker[Any]],
    parent: int,
) -> NoReturn:
    try:
        _end_with(parent)
        for other in others:
            other.close()
        while True:
            pickle.dump(answer(pickle.load(questions)), answers)  # noqa: S301  # from the process we are a copy of
            answers.flush()
    finally:  # at the end of either pipe; what failed otherwise fails again where it can be told
        os._exit(0)
