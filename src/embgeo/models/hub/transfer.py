"""How to fetch from the Hub: sizes, concurrency, and which failures are retried after which pause."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar

import httpx2

from embgeo.models.hub.client import constants, errors

T = TypeVar("T")
FAILURES: Final = (errors.HfHubHTTPError, httpx2.TransportError)
"""What the client raises when a request fails, even in the middle of a body."""

PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Transfer:
    """How to fetch: sizes, concurrency and retries.

    Several connections are faster if the server limits the rate of each. Small chunks lose less when a run is killed
    and keep all connections busy to the end, but each costs the Hub a request.

    Attributes:
        first: bytes of the first request for a header.
        chunk: bytes per request for a matrix.
        workers: concurrent requests.
        tries: attempts without progress before giving up.
        wait: seconds before the second attempt; doubled for each further one.
        longest_wait: give up if the next wait would be longer than this.
        timeout: seconds without a byte before a request counts as failed.
    """

    first: int = 1 << 16
    chunk: int = 8 << 20
    workers: int = 4
    tries: int = 5
    wait: float = 0.5
    longest_wait: float = 30.0
    timeout: float = constants.HF_HUB_DOWNLOAD_TIMEOUT


DEFAULT: Final = Transfer()


class Budget:
    """The number of consecutive failures allowed for one request."""

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer
        self._failures = 0

    def refill(self) -> None:
        """Reset the count after progress."""
        self._failures = 0

    def spend(self, error: Exception) -> None:
        """Wait before the next attempt; raise the error if another attempt is pointless, or this was the last."""
        pause = max(self._transfer.wait * 2.0**self._failures, _retry_after(error))
        self._failures += 1
        if self._failures >= self._transfer.tries or pause > self._transfer.longest_wait or not _may_pass(error):
            raise error
        time.sleep(pause)


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


def by_storage(error: errors.HfHubHTTPError) -> bool:
    """Whether the storage behind the Hub answered, after a redirect, rather than the Hub itself."""
    history = error.response.history
    return bool(history) and history[0].url.netloc != error.response.url.netloc


def _may_pass(error: Exception) -> bool:
    """Whether another attempt may succeed."""
    if isinstance(error, errors.HfHubHTTPError):
        status = error.response.status_code
        # From the storage, 403 means that the signed address has expired; from the Hub itself it is final.
        return status in PASSING or (status == HTTPStatus.FORBIDDEN and by_storage(error))
    return not isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError)


def _retry_after(error: Exception) -> float:
    after = error.response.headers.get("retry-after", "") if isinstance(error, errors.HfHubHTTPError) else ""
    return float(after) if re.fullmatch(r"\d{1,6}", after.strip()) else 0.0
