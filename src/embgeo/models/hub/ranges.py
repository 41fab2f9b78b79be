"""Fetch byte ranges of files on the Hub: every response is checked before its body is used.

An interrupted range is resumed, and an expired signed address is requested again. Permanent failures are raised as the
client's exceptions; `refusals` translates them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx2

from embgeo.errors import NetworkError
from embgeo.formats.safetensors import PREFIX, Header, header_end, parse_header
from embgeo.models.hub.requests import RemoteFile, body, open_remote
from embgeo.models.hub.transfer import DEFAULT, FAILURES, Budget, Transfer
from embgeo.models.hub.waits import wait_for

CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


@dataclass(frozen=True, slots=True)
class FileVersion:
    """Version of a file's content: its etag, empty if the server gives none, and its size in bytes."""

    etag: str
    size: int


def fetch_range(
    remote: RemoteFile,
    span: range,
    sink: Callable[[bytes], object],
    stamp: FileVersion | None = None,
    transfer: Transfer = DEFAULT,
) -> FileVersion:
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
        try:
            with open_remote(remote, {"range": f"bytes={at}-{stop - 1}"}, transfer) as response:
                stamp = check_range(response, remote, range(at, stop), stamp)
                stop = min(stop, stamp.size)
                for piece in body(response, stop - at, transfer):
                    sink(piece)
                    at += len(piece)
        except FAILURES as error:
            failure = error
        if stamp is not None and at >= stop:
            return stamp
        budget.progress(at - begun)
        if failure is not None or at == begun:
            budget.spend(failure or httpx2.RemoteProtocolError("empty body"))


def fetch_header(remote: RemoteFile, transfer: Transfer = DEFAULT) -> tuple[Header, FileVersion, bytes]:
    """Read the header of a safetensors file on the Hub: one range, and a second if it is long.

    Returns:
        The header, the version of its file, and the file's bytes up to the header's end.

    Raises:
        FormatError: the header is damaged, or longer than the format allows.
        NetworkError, HfHubHTTPError, httpx2.TransportError: as `fetch_range`.
    """
    text = io.BytesIO()

    def fetch(span: range, stamp: FileVersion | None) -> FileVersion:
        return wait_for(lambda: fetch_range(remote, span, text.write, stamp, transfer), transfer.waits.say)

    stamp = fetch(range(transfer.first), None)
    end = header_end(text.getvalue()[:PREFIX], str(remote))
    if text.tell() < min(end, stamp.size):
        fetch(range(text.tell(), min(end, stamp.size)), stamp)
    head = text.getvalue()[:end]
    return parse_header(head[PREFIX:], stamp.size, str(remote)), stamp, head


def check_range(
    response: httpx2.Response, remote: RemoteFile, requested: range, stamp: FileVersion | None
) -> FileVersion:
    """Check, before the body is read, that it is the requested range."""
    match = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if response.status_code != HTTPStatus.PARTIAL_CONTENT or match is None:
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
    received = FileVersion(etag.removeprefix("W/").strip('"'), size)
    if stamp is not None and received != stamp:
        raise NetworkError(f"'{remote}' changed on the server while it was fetched", "Run the command again.")
    return received
