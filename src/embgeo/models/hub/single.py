"""Fetch a part of a remote file whose versions can't be told apart: with one request, so that all is of one version.

Without an etag, two ranges may be of two versions. So one response brings everything from the file's first byte on: the
header again, which must be the one that the part was chosen by, and the part. If the Hub lists a digest, it is of the
whole file, which is then read to its end.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

import httpx2

from embgeo.errors import NetworkError, Report, silent
from embgeo.formats.atomic import storing
from embgeo.models.hub.download import Excerpt, fetch_excerpt
from embgeo.models.hub.ranges import check_range
from embgeo.models.hub.requests import IN_THE_WAY, body, open_remote
from embgeo.models.hub.transfer import DEFAULT, Transfer, retried
from embgeo.models.hub.waits import wait_for


def fetch_part(excerpt: Excerpt, target: Path, report: Report, transfer: Transfer) -> None:
    """Write the file `target`: in ranges, if they can be checked to be of one version, else with one request."""
    fetch = fetch_excerpt if excerpt.stamp.etag else fetch_at_once
    fetch(excerpt, target, report, transfer)


def fetch_at_once(excerpt: Excerpt, target: Path, report: Report = silent, transfer: Transfer = DEFAULT) -> None:
    """Write the file `target`; an interrupted transfer starts over.

    Raises:
        StoreError: the folder can't be written to, or is full.
        NetworkError, HfHubHTTPError, httpx2.TransportError: as `ranges.fetch_range`.
    """

    def attempt() -> None:
        with storing(target) as file:
            one = _SingleResponse(excerpt, file)

            def tick() -> None:
                transfer.waits.say()
                report(f"Fetching {excerpt.remote.name}", one.at, one.stop)

            wait_for(lambda: one.run(transfer), tick)

    retried(attempt, transfer)


class _SingleResponse:
    """One response: its bytes are compared with the header, written where wanted, and digested."""

    def __init__(self, excerpt: Excerpt, file: IO[bytes]) -> None:
        self._excerpt, self._file = excerpt, file
        self.at, self.stop = 0, excerpt.stamp.size if excerpt.blob.oid else excerpt.span.stop
        self._digest = excerpt.blob.hasher(excerpt.stamp.size)

    def run(self, transfer: Transfer) -> None:
        excerpt, remote = self._excerpt, self._excerpt.remote
        self._file.write(excerpt.head)
        with open_remote(remote, {"range": f"bytes=0-{self.stop - 1}"}, transfer) as response:
            check_range(response, remote, range(self.stop), excerpt.stamp)
            for piece in body(response, self.stop, transfer):
                self._pass(piece)
        if self.at < self.stop:
            raise httpx2.RemoteProtocolError("short body")
        if excerpt.blob.oid and self._digest.hexdigest() != excerpt.blob.oid:
            raise NetworkError(f"'{remote}' arrived damaged: it is not the file that the Hub lists", IN_THE_WAY)

    def _pass(self, piece: bytes) -> None:
        span, start = self._excerpt.span, self._excerpt.start
        expected = start[self.at : self.at + len(piece)]
        if piece[: len(expected)] != expected:
            again = "Run the command again."
            raise NetworkError(f"'{self._excerpt.remote}' changed on the server while it was fetched", again)
        if self._excerpt.blob.oid:
            self._digest.update(piece)
        self._file.write(piece[max(0, span.start - self.at) : max(0, span.stop - self.at)])
        self.at += len(piece)
