"""A file made of one range of a remote file: fetched in chunks, several at a time, and gone on with after a break.

Beside the part file lies a journal: what is being fetched, then a line for each chunk that is whole and on the disk. A
run that was killed loses only the chunks that were on their way.
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
from typing import BinaryIO, Final

from embgeo.errors import EmbgeoError, ModelError, Report, silent
from embgeo.models.hub.client import errors
from embgeo.models.hub.ranges import DEFAULT, RemoteFile, Stamp, Transfer, fetch_range, in_thread

# Of a journal's numbers: one width for all, so that a line which was cut short is no other number.
WIDTH: Final = 16


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A file to make: a head of its own, then bytes `span` of a remote file."""

    remote: RemoteFile
    stamp: Stamp
    span: range
    head: bytes


def fetch_excerpt(excerpt: Excerpt, target: Path, report: Report = silent, transfer: Transfer = DEFAULT) -> None:
    """Make the file `target`, going on from what an earlier run of the same left.

    Raises:
        ModelError: the folder can't be written to, or is full.
        NetworkError, HfHubHTTPError, httpx2.TransportError: as `fetch_range`.
    """
    part, journal = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.journal.part")
    with on_disk(target, part, journal):
        download = _Download(excerpt, part, journal, transfer)
        download.run(report)
        part.replace(target)
        journal.unlink()


@contextmanager
def on_disk(target: Path, *parts: Path) -> Iterator[None]:
    """Translate what the disk refuses, and remove what can't be gone on with. A transfer that broke off can."""
    try:
        yield
    except (errors.HfHubHTTPError, errors.OfflineModeIsEnabled):  # OSErrors by descent, but no fault of the disk
        raise
    except (EmbgeoError, OSError) as error:
        for part in parts:
            part.unlink(missing_ok=True)
        if isinstance(error, EmbgeoError):
            raise
        hint = "Free some space there, or choose another folder for embgeo's cache."
        raise ModelError(f"can't write to '{target.parent}': {error.strerror or error}", hint) from None


class _Download:
    """Chunks on their way into a part file, and the journal of those that are in it."""

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
                finished, pending = wait(pending, timeout=0.1, return_when=FIRST_EXCEPTION)
                report(f"Fetching {self._excerpt.remote.name}", self._received, len(self._excerpt.span))
                for worker in finished:
                    worker.result()
        finally:
            self._halted.set()
            wait(workers, timeout=1.0)  # a stalled one stays behind, and writes no more

    def _resume(self) -> set[int]:
        """Chunks of an earlier run, by their start; none where it fetched something else, or had not begun."""
        excerpt, size = self._excerpt, len(self._excerpt.head) + len(self._excerpt.span)
        stamp = {"etag": excerpt.stamp.etag, "size": excerpt.stamp.size, "chunk": self._transfer.chunk}
        key = json.dumps({**stamp, "start": excerpt.span.start, "stop": excerpt.span.stop, "head": len(excerpt.head)})
        lines = self._journal.read_text("utf-8").split("\n")[:-1] if self._journal.exists() else []
        if lines[:1] == [key] and self._part.exists() and self._part.stat().st_size == size:
            with self._part.open("r+b") as file:
                file.write(excerpt.head)
            return {int(line) for line in lines[1:] if len(line) == WIDTH and line.isdecimal()}
        if shutil.disk_usage(self._part.parent).free < size:
            raise OSError(errno.ENOSPC, f"it has less than the {size:,} bytes that are needed")
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
        os.fsync(part.fileno())  # the journal must not outlive what it vouches for
