"""What the threads of a transfer wait for; the main thread says so if it lasts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Final, TypeVar

from embgeo.errors import REMARK, Report, silent

T = TypeVar("T")
LONG_WAIT: Final = 2.0  # seconds after which a wait is said
TICK: Final = 0.1


class Wait:
    """Something that a thread is waiting for, and since when."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.since = time.monotonic()

    def renew(self) -> None:
        """Note that something has arrived: the wait starts over."""
        self.since = time.monotonic()


class Waits:
    """The waits of all threads; `report` is only called from `say`, thus from the main thread."""

    def __init__(self, report: Report = silent) -> None:
        self._report = report
        self._open: dict[int, Wait] = {}
        self._said: set[str] = set()

    @contextmanager
    def on(self, what: str) -> Iterator[Wait]:
        """Wait for something, described as in "waiting for huggingface.co to answer"."""
        one = Wait(what)
        self._open[id(one)] = one
        try:
            yield one
        finally:
            del self._open[id(one)]

    def say(self) -> None:
        """Report each wait that has lasted long; the same one of several threads only once."""
        now = time.monotonic()
        lasting = {one.what for one in list(self._open.values()) if now - one.since >= LONG_WAIT}
        for what in sorted(lasting - self._said):
            self._report(what, 0, 0, REMARK)
        self._said = lasting


def in_thread(call: Callable[[], T]) -> Future[T]:
    """Run a call in a daemon thread: unlike an executor's, it never delays the end of the process."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001  (the future raises it in the caller)
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def wait_for(call: Callable[[], T], tick: Callable[[], object], limit: float | None = None) -> T:
    """Run a call in a thread, and `tick` in this one until it ends.

    Raises:
        TimeoutError: it took longer than `limit` seconds. The thread can't be stopped; it is abandoned.
    """
    future, begun = in_thread(call), time.monotonic()
    while not wait({future}, TICK).done:
        tick()
        if limit is not None and time.monotonic() - begun >= limit:
            raise TimeoutError
    return future.result()
