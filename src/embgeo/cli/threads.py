"""Batches of lines answered in parallel, one thread per processor: NumPy releases Python's lock while it multiplies."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from embgeo.questions.workers import processors

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

Result = TypeVar("Result")
NumberedText = tuple[int, str]
SWITCH_INTERVAL: Final = 5e-4  # seconds: a thread that has finished a product must not wait for one that writes JSON


def in_order(
    answer: Callable[[list[str]], Result], batches: Iterable[list[NumberedText]], full: int
) -> Iterator[tuple[list[NumberedText], Result]]:
    """Each batch of numbered lines with its answer. From the first full batch on, threads answer them side by side.

    Args:
        full: how many lines a batch has at most. A smaller one is answered here unless others are being worked on.
    """
    threads, most = _Threads(answer), processors()
    pending: deque[tuple[list[NumberedText], Future[Result]]] = deque()

    def first() -> tuple[list[NumberedText], Result]:
        lines, future = pending.popleft()
        return lines, future.result()

    try:
        for lines in batches:
            if len(pending) == most:
                yield first()
            future = threads.start(lines) if most > 1 and lines and (pending or len(lines) == full) else None
            if future:
                pending.append((lines, future))
                continue
            while pending:
                yield first()
            yield lines, answer(_texts(lines))
    finally:
        threads.close()


def share_processors() -> None:
    """Give each thread one processor for its products, unless the user has set this. NumPy reads it on import."""
    if processors() > 1:
        for library in ("OPENBLAS", "MKL", "OMP"):
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")


class _Threads(Generic[Result]):
    """A pool that starts with the first batch: few lines need none."""

    def __init__(self, answer: Callable[[list[str]], Result]) -> None:
        self._answer = answer
        self._pool: ThreadPoolExecutor | None = None
        self._interval = sys.getswitchinterval()

    def start(self, lines: list[NumberedText]) -> Future[Result] | None:
        """Answer a batch in a thread; None if the system grants none."""
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(processors())
            sys.setswitchinterval(SWITCH_INTERVAL)
        try:
            return self._pool.submit(self._answer, _texts(lines))
        except RuntimeError:
            return None

    def close(self) -> None:
        """Start no further batch, and wait for none."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            sys.setswitchinterval(self._interval)


def _texts(lines: list[NumberedText]) -> list[str]:
    return [text for _, text in lines]
