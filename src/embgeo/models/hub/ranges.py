"""Byte ranges of files on the Hugging Face Hub: nothing that a server sends is kept before it was checked.

A range that breaks off goes on from where it was, and a signed address that has expired is asked for again. What fails
for good is raised as the client raises it; `refusals` says it in words.
"""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar

import httpx2

from embgeo.errors import NetworkError
from embgeo.formats.safetensors import PREFIX, Header, header_end, parse_header
from embgeo.models.hub.client import constants, errors, hf_hub_url, hf_raise_for_status, session, token

T = TypeVar("T")
FAILURES: Final = (errors.HfHubHTTPError, httpx2.TransportError)
"""What the client raises when a request fails, be it in the middle of a body."""

PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})
CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Transfer:
    """How to fetch: bytes of a header's first range and of a chunk, chunks at a time, attempts and seconds between.

    Several connections pay where each of them is held to a speed of its own; small chunks lose less to a kill and keep
    all connections busy to the end, but each costs the Hub a request.
    """

    first: int = 1 << 16
    chunk: int = 8 << 20
    workers: int = 4
    tries: int = 5
    wait: float = 0.5
    longest_wait: float = 30.0
    timeout: float = constants.HF_HUB_DOWNLOAD_TIMEOUT


DEFAULT: Final = Transfer()


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository at one commit."""

    repo: str
    commit: str
    name: str

    def __str__(self) -> str:
        return f"{self.repo}/{self.name}"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one content of a file from another: its etag and its size in bytes."""

    etag: str
    size: int


class Budget:
    """How many failures in a row one request may have."""

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer
        self._failures = 0

    def refill(self) -> None:
        """Start counting anew, since something has arrived."""
        self._failures = 0

    def spend(self, error: Exception) -> None:
        """Wait before the next attempt; raise the error if that would not help, or this was the last."""
        pause = max(self._transfer.wait * 2.0**self._failures, _asked_pause(error))
        self._failures += 1
        if self._failures >= self._transfer.tries or pause > self._transfer.longest_wait or not _passes(error):
            raise error
        time.sleep(pause)


def in_thread(call: Callable[[], T]) -> Future[T]:
    """Run a call in a daemon thread, which never holds up the end of the process as an executor's thread does."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001  (handed over: whoever asks for the result raises it)
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def hub_headers() -> dict[str, str]:
    """Headers of every request to the Hub; the client drops the token from them where a redirect leaves the Hub.

    The client's own `build_hf_headers` isn't used: it sends a request of its own for telemetry.

    Raises:
        ModelError: the user's token can't be read, or is none.
    """
    known = token()
    return {"user-agent": "embgeo", **({"authorization": f"Bearer {known}"} if known else {})}


@contextmanager
def open_remote(remote: RemoteFile, headers: Mapping[str, str], transfer: Transfer) -> Iterator[httpx2.Response]:
    """Ask for a file, by way of the Hub each time, since the addresses that it redirects to expire."""
    url = hf_hub_url(remote.repo, remote.name, revision=remote.commit)
    headers = {**hub_headers(), **headers}
    with session().stream("GET", url, headers=headers, timeout=transfer.timeout, follow_redirects=True) as response:
        hf_raise_for_status(response)
        if response.headers.get("content-type", "").startswith("text/html"):
            raise NetworkError(
                f"a web page came back in place of '{remote}'", "Does this network ask to sign in first? Try a browser."
            )
        yield response


def fetch_range(
    remote: RemoteFile,
    span: range,
    sink: Callable[[bytes], object],
    stamp: Stamp | None = None,
    transfer: Transfer = DEFAULT,
) -> Stamp:
    """Hand bytes `span` of a file, or as many of them as it has, to `sink` in order, each once.

    Args:
        remote: the file.
        span: the bytes.
        sink: takes them as they arrive.
        stamp: what the file must still be.
        transfer: how to fetch.

    Raises:
        NetworkError: the server sends something else than it was asked for.
        HfHubHTTPError, httpx2.TransportError: the request failed, for good or too often.
    """
    budget, at, stop = Budget(transfer), span.start, span.stop
    while True:
        begun, failure = at, None
        headers = {"range": f"bytes={at}-{stop - 1}", "accept-encoding": "identity"}
        try:
            with open_remote(remote, headers, transfer) as response:
                stamp = _check_range(response, remote, range(at, stop), stamp)
                stop = min(stop, stamp.size)
                for piece in response.iter_raw():  # of any size: a fixed one loses its buffer on an error
                    kept = piece[: stop - at]
                    sink(kept)
                    at += len(kept)
        except FAILURES as error:
            failure = error
        if stamp is not None and at >= stop:
            return stamp
        if at > begun:
            budget.refill()
        if failure is not None or at == begun:
            budget.spend(failure or httpx2.RemoteProtocolError("empty body"))


def fetch_header(remote: RemoteFile, transfer: Transfer = DEFAULT) -> tuple[Header, Stamp]:
    """Read the header of a safetensors file on the Hub: one range, and a second where it is long.

    Raises:
        FormatError: the header is damaged, or longer than any header is.
        NetworkError, HfHubHTTPError, httpx2.TransportError: as `fetch_range`.
    """
    text = io.BytesIO()
    stamp = fetch_range(remote, range(transfer.first), text.write, None, transfer)
    end = header_end(text.getvalue()[:PREFIX], str(remote))
    if text.tell() < min(end, stamp.size):
        fetch_range(remote, range(text.tell(), min(end, stamp.size)), text.write, stamp, transfer)
    return parse_header(text.getvalue()[PREFIX:end], stamp.size, str(remote)), stamp


def by_storage(error: errors.HfHubHTTPError) -> bool:
    """Whether another server answered than the Hub, which had redirected there."""
    history = error.response.history
    return bool(history) and history[0].url.netloc != error.response.url.netloc


def _check_range(response: httpx2.Response, remote: RemoteFile, asked: range, stamp: Stamp | None) -> Stamp:
    """Make sure, before the body is read, that it is what was asked for."""
    match = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    encoding = response.headers.get("content-encoding", "identity")
    if response.status_code != HTTPStatus.PARTIAL_CONTENT or match is None or encoding != "identity":
        raise NetworkError(
            f"the server does not send parts of '{remote}' (HTTP {response.status_code} to a byte range)",
            "If HF_ENDPOINT names a mirror, unset it; or download the model and give embgeo its folder.",
        )
    first, last, size = map(int, match.groups())
    if first != asked.start or not first <= last < min(asked.stop, size):
        raise NetworkError(
            f"the server sent {match[0]} of '{remote}' where {asked.start}-{asked.stop - 1} was asked",
            "If HF_ENDPOINT names a mirror, unset it; else try again later.",
        )
    # The Hub's own redirect has the etag of the content; that of the storage behind it may be of another kind.
    linked = (hop.headers.get("x-linked-etag") for hop in response.history)
    etag = next(filter(None, linked), response.headers.get("etag", ""))
    found = Stamp(etag.removeprefix("W/").strip('"'), size)
    if stamp is not None and found != stamp:
        raise NetworkError(f"'{remote}' changed on the server while it was fetched", "Run the command again.")
    return found


def _passes(error: Exception) -> bool:
    """Whether the failure may be gone at the next attempt."""
    if isinstance(error, errors.HfHubHTTPError):
        status = error.response.status_code
        # Storage behind the Hub says 403 when the signed address has expired; the Hub itself means it.
        return status in PASSING or (status == HTTPStatus.FORBIDDEN and by_storage(error))
    return not isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError)


def _asked_pause(error: Exception) -> float:
    after = error.response.headers.get("retry-after", "") if isinstance(error, errors.HfHubHTTPError) else ""
    return float(after) if re.fullmatch(r"\d{1,6}", after.strip()) else 0.0
