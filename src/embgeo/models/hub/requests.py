"""One request: redirects, status, encoding and speed are checked here, and no more of a body is read than is wanted.

The client would read and decode the bodies of redirects and errors whole, and any encoding that a server chooses.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import httpx2

from embgeo.errors import NetworkError
from embgeo.models.hub.client import hf_hub_url, hf_raise_for_status, session, token
from embgeo.models.hub.transfer import Transfer
from embgeo.models.hub.waits import LONG_WAIT, in_thread

REDIRECTS: Final = 10
MAX_DRAINED_BYTES: Final = 1 << 14  # of a redirect's body that is read, to keep the connection
IN_THE_WAY: Final = "Something between here and the Hub may be in the way. If HF_ENDPOINT names a mirror, unset it."
ERROR_HEADERS: Final = ("x-error-code", "x-error-message", "retry-after")  # all that is used of the headers of an error


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository at one commit."""

    repo: str
    commit: str
    name: str

    def __str__(self) -> str:
        return f"{self.repo}/{self.name}"


@contextmanager
def open_remote(remote: RemoteFile, headers: Mapping[str, str], transfer: Transfer) -> Iterator[httpx2.Response]:
    """Request a file, always through the Hub, since the addresses that it redirects to expire."""
    url = hf_hub_url(remote.repo, remote.name, revision=remote.commit)
    with open_url(url, str(remote), headers, transfer) as response:
        if response.headers.get("content-type", "").startswith("text/html"):
            hint = "Does this network require a sign-in? Try a browser."
            raise NetworkError(f"a web page came back in place of '{remote}'", hint)
        yield response


@contextmanager
def open_url(url: str, what: str, headers: Mapping[str, str], transfer: Transfer) -> Iterator[httpx2.Response]:
    """Request an address, and check everything that comes before the body.

    Args:
        url: the address.
        what: its name for errors.
        headers: of this request; the client drops the token if a redirect leaves the Hub.
        transfer: how to fetch.

    Raises:
        NetworkError: something else came back than a file, or in an encoding that was not requested.
        HfHubHTTPError, httpx2.TransportError: the request failed.
    """
    secret = token()
    headers = {"user-agent": "embgeo", "accept-encoding": "identity", **headers}
    if secret:
        headers["authorization"] = f"Bearer {secret}"
    with transfer.waits.on(f"waiting for {httpx2.URL(url).host} to answer"):
        response = _start_response(url, what, headers, transfer)
    try:
        _check_status(response, what)
        yield response
    finally:
        response.close()


def body(response: httpx2.Response, wanted: int, transfer: Transfer) -> Iterator[bytes]:
    """The next pieces of a body, up to `wanted` bytes in all; a server that goes on is cut off.

    Raises:
        httpx2.ReadTimeout: the server sends less than the floor.
        httpx2.TransportError: the connection broke off.
    """
    pieces = response.iter_raw()  # no fixed chunk size: on an error its buffer would be lost
    received, begun, brought, unsaid = 0, time.monotonic(), 0, 0
    with transfer.waits.on(f"waiting for {response.url.host}, which sends little or nothing") as lasting:
        for piece in pieces:
            part = piece[: wanted - received]
            received, brought, unsaid = received + len(part), brought + len(part), unsaid + len(part)
            if part:
                yield part
            if received >= wanted and not _ends(response, wanted):
                return
            if unsaid >= transfer.floor * LONG_WAIT:
                lasting.renew()
                unsaid = 0
            if time.monotonic() - begun >= transfer.window:
                if brought < transfer.floor * transfer.window:
                    raise httpx2.ReadTimeout("less than the floor", request=response.request)
                begun, brought = time.monotonic(), 0


def _ends(response: httpx2.Response, wanted: int) -> bool:
    """Whether a body surely ends after `wanted` bytes, so that the connection can be used again."""
    headers = response.headers
    return headers.get("content-length") == str(wanted) and "transfer-encoding" not in headers


def _start_response(url: str, what: str, headers: Mapping[str, str], transfer: Transfer) -> httpx2.Response:
    """A response whose headers are complete in time: the client limits the time between bytes, and no look-up."""
    answer = in_thread(lambda: _follow(url, what, headers, transfer))
    if not wait({answer}, transfer.opening).done:
        answer.add_done_callback(_close)
        raise httpx2.ReadTimeout("no response in time")
    return answer.result()


def _close(abandoned: Future[httpx2.Response]) -> None:
    if abandoned.exception() is None:
        abandoned.result().close()


def _follow(url: str, what: str, headers: Mapping[str, str], transfer: Transfer) -> httpx2.Response:
    """Send a request, and those that redirects lead to."""
    client, history = session(), list[httpx2.Response]()
    request: httpx2.Request | None = client.build_request("GET", url, headers=headers, timeout=transfer.timeout)
    while request is not None and len(history) <= REDIRECTS:
        if history and request.url.scheme not in ("http", "https"):
            raise NetworkError(f"a redirect to '{request.url.scheme}:' came back in place of '{what}'", IN_THE_WAY)
        response = client.send(request, stream=True, follow_redirects=False)
        if response.next_request is None:
            response.history = history
            return response
        _drain(response)
        history.append(response)
        request = response.next_request
    raise NetworkError(f"redirects without end came back in place of '{what}'", IN_THE_WAY)


def _drain(response: httpx2.Response) -> None:
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdecimal() and int(length[:9]) <= MAX_DRAINED_BYTES:
        with suppress(httpx2.TransportError):
            for _ in response.iter_raw():
                pass
    response.close()


def _check_status(response: httpx2.Response, what: str) -> None:
    status, headers = response.status_code, response.headers
    if status >= 400:
        told = {name: headers[name].encode("ascii", "replace").decode() for name in ERROR_HEADERS if name in headers}
        bare = httpx2.Response(status, headers=told, request=response.request, content=b"")  # without the body
        bare.history = response.history
        hf_raise_for_status(bare)
    if response.has_redirect_location:  # the client makes no request of it
        raise NetworkError(f"a redirect to nowhere came back in place of '{what}'", IN_THE_WAY)
    if status not in (200, 206):
        raise NetworkError(f"HTTP {status} came back in place of '{what}'", IN_THE_WAY)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise NetworkError(f"'{what}' came back encoded as {encoding!r:.40}, which was not requested", IN_THE_WAY)
