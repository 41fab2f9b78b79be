"""A vector file as a stream of bytes, plain or gzip, that reports its position."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from embgeo.errors import FormatError, ModelError, Report

GZIP: Final = b"\x1f\x8b"
BLOCK: Final = 4 << 20  # bytes read at a time
LARGEST_ROW: Final = 1_000_000  # numbers; a file that claims more is damaged


class Stream:
    """The bytes of a file, decompressed where it is gzip; see `opened`.

    Attributes:
        size: bytes of the file on disk.
        packed: whether it is gzip, so that the stream may be longer than `size`.
    """

    def __init__(self, path: Path, raw: IO[bytes], report: Report) -> None:
        self.path, self._raw, self._report = path, raw, report
        self.size = path.stat().st_size
        self.packed = raw.read(2) == GZIP
        raw.seek(0)
        self._bytes: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if self.packed else raw

    def read(self, count: int = BLOCK) -> bytes:
        """The next bytes; empty at the end.

        Raises:
            FormatError: the gzip data is damaged or cut off.
        """
        try:
            block = self._bytes.read(count)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise damaged(self.path, f"its gzip data breaks off at byte {self._raw.tell():,} ({error})") from None
        self._report(f"Converting {self.path.name}", self._raw.tell(), self.size)
        return block


def first_unpacked(start: bytes, count: int) -> bytes:
    """The first bytes inside gzip data; empty where that is damaged."""
    try:
        return zlib.decompressobj(31).decompress(start, count)
    except zlib.error:
        return b""


@contextlib.contextmanager
def opened(path: Path, report: Report) -> Iterator[Stream]:
    """Open a file as a stream.

    Raises:
        ModelError: it can't be read.
    """
    with reading(path), path.open("rb") as raw:
        yield Stream(path, raw, report)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn an OSError while reading a file into a ModelError."""
    try:
        yield
    except OSError as error:
        raise ModelError(f"can't read '{path}': {error.strerror or error}", "Check that it can be read.") from None


def damaged(path: Path, why: str) -> FormatError:
    """The error for a damaged file."""
    return FormatError(f"'{path}' is damaged: {why}", "Fetch or copy the file again, or name its --file-format.")
