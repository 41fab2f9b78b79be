"""Fetch byte ranges of files on the Hub: every response is checked before its body is used.

An interrupted range is resumed, and an expired signed address is requested again. Permanent failures are raised as the
client's exceptions; `refusals` translates them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx2

from embgeo.errors import NetworkError
from embgeo.formats.safetensors import PREFIX, Header, header_end, parse_header
from embgeo.models.hub.client import hf_hub_url, hf_raise_for_status, session, token
from embgeo.models.hub.transfer import DEFAULT, FAILURES, Budget, Transfer

CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


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
    """Version of a file's content: its etag and its size in bytes."""

    etag: str
    size: int


def hub_headers() -> dict[str, str]:
    """Headers of every request to the Hub; the client drops the token if a redirect leaves the Hub.

    The client's own `build_hf_headers` is not used, since it sends a telemetry request.

    Raises:
        ModelError: the user's token can't be read, or is invalid.
    """
    secret = token()
    return {"user-agent": "embgeo", **({"authorization": f"Bearer {secret}"} if secret else {})}


@contextmanager
def open_remote(remote: RemoteFile, headers: Mapping[str, str], transfer: Transfer) -> Iterator[httpx2.Response]:
    """Request a file, always through the Hub, since the addresses that it redirects to expire."""
    url = hf_hub_url(remote.repo, remote.name, revision=remote.commit)
    headers = {**hub_headers(), **headers}
    with session().stream("GET", url, headers=headers, timeout=transfer.timeout, follow_redirects=True) as response:
        hf_raise_for_status(response)
        if response.headers.get("content-type", "").startswith("text/html"):
            raise NetworkError(
                f"a web page came back in place of '{remote}'",
                "Does this network require a sign-in? Try a browser.",
            )
        yield response


def fetch_range(
    remote: RemoteFile,
    span: range,
    sink: Callable[[bytes], object],
    stamp: Stamp | None = None,
    transfer: Transfer = DEFAULT,
) -> Stamp:
    """Pass bytes `span` of a file, or as many of them as exist, to `sink`, in order and each once.

    Args:
        remote: the file.
        span: the bytes.
        sink: called with the bytes as they arrive.
        stamp: the version that the file must still have.
        transfer: how to fetch.

    Raises:
        NetworkError: the server sends something else than requested.
        HfHubHTTPError, httpx2.TransportError: the request failed permanently or too often.
    """
    budget, at, stop = Budget(transfer), span.start, span.stop
    while True:
        begun, failure = at, None
        headers = {"range": f"bytes={at}-{stop - 1}", "accept-encoding": "identity"}
        try:
            with open_remote(remote, headers, transfer) as response:
                stamp = _check_range(response, remote, range(at, stop), stamp)
                stop = min(stop, stamp.size)
                for piece in response.iter_raw():  # no fixed chunk size: on an error its buffer would be lost
                    wanted = piece[: stop - at]
                    sink(wanted)
                    at += len(wanted)
        except FAILURES as error:
            failure = error
        if stamp is not None and at >= stop:
            return stamp
        if at > begun:
            budget.refill()
        if failure is not None or at == begun:
            budget.spend(failure or httpx2.RemoteProtocolError("empty body"))


def fetch_header(remote: RemoteFile, transfer: Transfer = DEFAULT) -> tuple[Header, Stamp]:
    """Read the header of a safetensors file on the Hub: one range, and a second if it is long.

    Raises:
        FormatError: the header is damaged, or longer than the format allows.
        NetworkError, HfHubHTTPError, httpx2.TransportError: as `fetch_range`.
    """
    text = io.BytesIO()
    stamp = fetch_range(remote, range(transfer.first), text.write, None, transfer)
    end = header_end(text.getvalue()[:PREFIX], str(remote))
    if text.tell() < min(end, stamp.size):
        fetch_range(remote, range(text.tell(), min(end, stamp.size)), text.write, stamp, transfer)
    return parse_header(text.getvalue()[PREFIX:end], stamp.size, str(remote)), stamp


def _check_range(response: httpx2.Response, remote: RemoteFile, requested: range, stamp: Stamp | None) -> Stamp:
    """Check, before the body is read, that it is the requested range."""
    match = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    encoding = response.headers.get("content-encoding", "identity")
    if response.status_code != HTTPStatus.PARTIAL_CONTENT or match is None or encoding != "identity":
        raise NetworkError(
            f"the server does not send parts of '{remote}' (HTTP {response.status_code} to a byte range)",
            "If HF_ENDPOINT names a mirror, unset it; or download the model and give embgeo its folder.",
        )
    first, last, size = map(int, match.groups())
    if first != requested.start or not first <= last < min(requested.stop, size):
        raise NetworkError(
            f"the server sent {match[0]} of '{remote}' where {requested.start}-{requested.stop - 1} was requested",
            "If HF_ENDPOINT names a mirror, unset it; else try again later.",
        )
    # The Hub's redirect has the etag of the content; the storage's own etag may be of another kind.
    linked = (hop.headers.get("x-linked-etag") for hop in response.history)
    etag = next(filter(None, linked), response.headers.get("etag", ""))
    received = Stamp(etag.removeprefix("W/").strip('"'), size)
    if stamp is not None and received != stamp:
        raise NetworkError(f"'{remote}' changed on the server while it was fetched", "Run the command again.")
    return received
