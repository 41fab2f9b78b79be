"""How to fetch from the Hub: sizes, concurrency, and which failures are retried after how long."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Final, TypeVar

import httpx2

from embgeo.errors import Report
from embgeo.formats.system_faults import SHORTAGES
from embgeo.models.hub.client import constants, errors
from embgeo.models.hub.waits import Waits, wait_for

T = TypeVar("T")
FAILURES: Final = (errors.HfHubHTTPError, httpx2.TransportError)
"""What the client raises when a request fails, even in the middle of a body."""

PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})


class DamagedBodyError(httpx2.RemoteProtocolError):
    """A body that arrived, but is not what the Hub lists."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """How to fetch: sizes, concurrency and retries.

    Several connections are faster if the server limits the rate of each. Small chunks lose less when a run is killed
    and keep all connections busy to the end, but each costs the Hub a request.

    Attributes:
        first: bytes of the first request for a header.
        chunk: bytes per request for a matrix.
        workers: concurrent requests.
        tries: attempts for each stretch before giving up.
        stretch: bytes of progress after which there are as many attempts again.
        wait: seconds before the second attempt; doubled for each further one.
        longest_wait: give up if the next wait would be longer than this.
        timeout: seconds without a byte before a request counts as failed.
        opening: seconds until a response has begun, redirects included.
        floor: bytes per second; a body that brings less over `window` seconds counts as failed.
        waits: what is waited for.
    """

    first: int = 1 << 16
    chunk: int = 8 << 20
    workers: int = 4
    tries: int = 5
    stretch: int = 1 << 17
    wait: float = 0.4
    longest_wait: float = 30.0
    timeout: float = constants.HF_HUB_DOWNLOAD_TIMEOUT
    opening: float = 2.0 * constants.HF_HUB_DOWNLOAD_TIMEOUT
    floor: float = 512.0
    window: float = 15.0
    waits: Waits = field(default_factory=Waits)

    def saying(self, report: Report) -> Transfer:
        """The same, but reporting what it waits for."""
        return replace(self, waits=Waits(report))


DEFAULT: Final = Transfer()


class Budget:
    """The number of failures allowed for each stretch of progress."""

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer
        self._failures = 0
        self._progress = 0

    def progress(self, count: int) -> None:
        """Count bytes that have arrived for good; a whole stretch of them resets the failures."""
        self._progress += count
        if self._progress >= self._transfer.stretch:
            self._failures = self._progress = 0

    def spend(self, error: Exception) -> None:
        """Wait before the next attempt; raise the error if another attempt is pointless, or this was the last."""
        pause = max(self._transfer.wait * 2.0**self._failures, _retry_after(error))
        self._failures += 1
        if self._failures >= self._transfer.tries or pause > self._transfer.longest_wait or not _may_pass(error):
            raise error
        with self._transfer.waits.on(f"{_reason(error)}: trying again in {pause:.0f} s"):
            time.sleep(pause)


def retried(attempt: Callable[[], T], transfer: Transfer) -> T:
    """What an attempt returns; after a failure that may pass, there is another one."""
    budget = Budget(transfer)
    while True:
        try:
            return attempt()
        except (*FAILURES, TimeoutError) as error:
            wait_for(partial(budget.spend, error), transfer.waits.say)


def by_storage(error: errors.HfHubHTTPError) -> bool:
    """Whether the storage behind the Hub answered, after a redirect, rather than the Hub itself."""
    history = error.response.history
    return bool(history) and history[0].url.netloc != error.response.url.netloc


def system_shortage(error: BaseException | None) -> OSError | None:
    """The system's error (no memory, no descriptor) behind a failed request, if there is one."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in SHORTAGES and not isinstance(error, errors.HfHubHTTPError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _may_pass(error: Exception) -> bool:
    """Whether another attempt may succeed."""
    if isinstance(error, errors.HfHubHTTPError):
        status = error.response.status_code
        # From the storage, 403 means that the signed address has expired; from the Hub itself it is final.
        return status in PASSING or (status == HTTPStatus.FORBIDDEN and by_storage(error))
    final = httpx2.UnsupportedProtocol | httpx2.LocalProtocolError | httpx2.ProxyError
    return not isinstance(error, final) and system_shortage(error) is None


def _retry_after(error: Exception) -> float:
    after = error.response.headers.get("retry-after", "") if isinstance(error, errors.HfHubHTTPError) else ""
    return float(after) if re.fullmatch(r"\d{1,6}", after.strip()) else 0.0


def _reason(error: Exception) -> str:
    if isinstance(error, errors.HfHubHTTPError):
        return f"{error.response.url.host} answered HTTP {error.response.status_code}"
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return "no answer in time"
    return "a file arrived damaged" if isinstance(error, DamagedBodyError) else "the connection broke off"
