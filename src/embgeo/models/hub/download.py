"""Fetch one range of a remote file in parallel chunks, and resume it after an interruption.

Next to the part file is a journal: what is being fetched, then a line for each chunk that is complete and on disk. A
killed run loses only the chunks that were in transit.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from embgeo.errors import EmbgeoError, NetworkError, Report, SystemRefusalError, silent
from embgeo.formats.atomic import unwritable
from embgeo.models.hub.blobs import UNKNOWN, Blob
from embgeo.models.hub.client import errors
from embgeo.models.hub.ranges import FileVersion, fetch_range
from embgeo.models.hub.requests import IN_THE_WAY, RemoteFile
from embgeo.models.hub.transfer import DEFAULT, Transfer, system_shortage
from embgeo.models.hub.waits import TICK, in_thread

# Digits of a number in the journal. They are fixed, so that a truncated line is never taken for another number.
WIDTH: Final = 16
BLOCK_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A file to write: `head`, then bytes `span` of a remote file.

    Attributes:
        remote, stamp: the remote file, and its version.
        span: which of its bytes.
        head: what to write before them.
        start: the remote file's first bytes, up to the end of its header; empty if they are not known.
        blob: what the Hub lists of the remote file.
    """

    remote: RemoteFile
    stamp: FileVersion
    span: range
    head: bytes
    start: bytes = b""
    blob: Blob = UNKNOWN

    @property
    def is_all(self) -> bool:
        """Whether `start` and `span` are all of the remote file, so that its digest can be checked."""
        return bool(self.blob.oid) and self.span == range(len(self.start), self.stamp.size)


def fetch_excerpt(excerpt: Excerpt, target: Path, report: Report = silent, transfer: Transfer = DEFAULT) -> None:
    """Write the file `target`, resuming an earlier run of the same excerpt.

    Raises:
        ModelError: the folder can't be written to, or is full.
        NetworkError, HfHubHTTPError, httpx2.TransportError: as `fetch_range`.
    """
    part, journal = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.journal.part")
    with on_disk(target, part, journal):
        download = _Download(excerpt, part, journal, transfer)
        download.run(report)
        _check_digest(excerpt, part)
        part.replace(target)
        journal.unlink()


@contextmanager
def on_disk(target: Path, *parts: Path) -> Iterator[None]:
    """Translate disk errors, and remove part files that can't be resumed; those of an interrupted transfer can."""
    try:
        yield
    except (errors.HfHubHTTPError, errors.OfflineModeIsEnabled):  # these are OSErrors too, but not disk errors
        raise
    except SystemRefusalError:
        raise
    except (EmbgeoError, OSError) as error:
        if system_shortage(error):
            raise unwritable(target.parent, cast("OSError", error)) from None
        for part in parts:
            part.unlink(missing_ok=True)
        if isinstance(error, EmbgeoError):
            raise
        raise unwritable(target.parent, error) from None


def _check_digest(excerpt: Excerpt, part: Path) -> None:
    """Check the digest of the whole remote file, if the whole of it was fetched."""
    if not excerpt.is_all:
        return

    def pieces() -> Iterator[bytes]:
        yield excerpt.start
        with part.open("rb") as file:
            file.seek(len(excerpt.head))
            while piece := file.read(BLOCK_BYTES):
                yield piece

    if not excerpt.blob.fits(excerpt.stamp.size, pieces()):
        raise NetworkError(f"'{excerpt.remote}' arrived damaged: it is not the file that the Hub lists", IN_THE_WAY)


class _Download:
    """A part file being filled by several threads, and the journal of its complete chunks."""

    def __init__(self, excerpt: Excerpt, part: Path, journal: Path, transfer: Transfer) -> None:
        self._excerpt, self._part, self._journal, self._transfer = excerpt, part, journal, transfer
        self._chunks = range(0, len(excerpt.span), transfer.chunk)
        self._lock, self._halted = threading.Lock(), threading.Event()
        done = self._resume()
        self._todo = deque(start for start in self._chunks if start not in done)
        self._received = len(excerpt.span) - sum(len(self._span(start)) for start in self._todo)

    def run(self, report: Report) -> None:
        workers = [in_thread(self._work) for _ in range(min(self._transfer.workers, len(self._todo)))]
        pending = set(workers)
        try:
            while pending:
                finished, pending = wait(pending, timeout=TICK, return_when=FIRST_EXCEPTION)
                self._transfer.waits.say()
                report(f"Fetching {self._excerpt.remote.name}", self._received, len(self._excerpt.span))
                for worker in finished:
                    worker.result()
        finally:
            self._halted.set()
            wait(workers, timeout=1.0)  # a stalled thread is abandoned; it writes nothing more

    def _resume(self) -> set[int]:
        """Start offsets of the chunks that an earlier run of the same excerpt completed."""
        excerpt, size = self._excerpt, len(self._excerpt.head) + len(self._excerpt.span)
        stamp = {"etag": excerpt.stamp.etag, "size": excerpt.stamp.size, "chunk": self._transfer.chunk}
        key = json.dumps({**stamp, "start": excerpt.span.start, "stop": excerpt.span.stop, "head": len(excerpt.head)})
        lines = self._journal.read_text("utf-8").split("\n")[:-1] if self._journal.exists() else []
        if lines[:1] == [key] and self._part.exists() and self._part.stat().st_size == size:
            with self._part.open("r+b") as file:
                file.write(excerpt.head)
            return {int(line) for line in lines[1:] if len(line) == WIDTH and line.isdecimal()}
        if shutil.disk_usage(self._part.parent).free < size:
            raise OSError(errno.ENOSPC, f"it has less than the {size:,} bytes needed")
        self._journal.unlink(missing_ok=True)
        with self._part.open("wb") as file:
            file.write(excerpt.head)
            file.truncate(size)
        self._journal.write_text(key + "\n", "utf-8")
        return set()

    def _span(self, start: int) -> range:
        return self._excerpt.span[start : start + self._transfer.chunk]

    def _work(self) -> None:
        with self._part.open("r+b") as part, self._journal.open("ab") as journal:
            while True:
                try:
                    start = self._todo.popleft()
                except IndexError:
                    return
                self._fetch(start, part)
                with self._lock:
                    journal.write(f"{start:0{WIDTH}}\n".encode())
                    journal.flush()

    def _fetch(self, start: int, part: BinaryIO) -> None:
        def sink(data: bytes) -> None:
            if self._halted.is_set():
                raise InterruptedError
            part.write(data)
            with self._lock:
                self._received += len(data)

        part.seek(len(self._excerpt.head) + start)
        fetch_range(self._excerpt.remote, self._span(start), sink, self._excerpt.stamp, self._transfer)
        part.flush()
        os.fsync(part.fileno())  # before the journal says that the chunk is on disk
