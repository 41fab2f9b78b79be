"""A vector file as a stream of bytes, plain or compressed, that reports its position."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import Final

from embgeo.errors import FormatError, ModelError, Report
from embgeo.formats.packed import DamagedDataError, Unpacked, damage_errors, first_bytes, packing_of
from embgeo.formats.regular import check_regular
from embgeo.formats.system_faults import enough_memory

BLOCK_BYTES: Final = 4 << 20  # bytes read at a time
MAGIC_BYTES: Final = 8  # bytes that show how a file is packed
MAX_ROW_NUMBERS: Final = 1_000_000  # numbers; a file that claims more is damaged
MAX_WORD_BYTES: Final = 10_000  # bytes; as for a row


class Stream:
    """The bytes of a file, decompressed where it is packed; see `open_vectors`.

    Attributes:
        size: bytes of the file on disk.
        packed: whether it is compressed, so that the stream may be longer than `size`.
    """

    def __init__(self, path: Path, raw: BufferedReader, report: Report) -> None:
        self.path, self._raw, self._report = path, raw, report
        self.size = path.stat().st_size
        self._packing = packing_of(raw.read(MAGIC_BYTES))
        self.packed = self._packing is not None
        raw.seek(0)
        self._bytes: Unpacked = raw
        if self._packing:
            try:
                self._bytes = self._packing.open(raw, path)
            except DamagedDataError as error:
                raise self._broken(error) from None

    def read(self, count: int = BLOCK_BYTES) -> bytes:
        """The next bytes; empty at the end.

        Raises:
            FormatError: the compressed data is damaged or cut off.
        """
        block = self._checked(self._bytes.read, count)
        self._report(f"Converting {self.path.name}", self._raw.tell(), self.size)
        return block

    def first(self, count: int) -> bytes:
        """The first bytes, as far as they can be decompressed; errors as `read`."""
        return self._checked(partial(first_bytes, self._bytes), count)

    def _checked(self, read: Callable[[int], bytes], count: int) -> bytes:
        try:
            return read(count)
        except Exception as error:
            if self._packing and isinstance(error, damage_errors()):
                raise self._broken(error) from None
            raise

    def _broken(self, error: Exception) -> FormatError:
        name = self._packing.name if self._packing else ""
        return damaged(self.path, f"its {name} data breaks off at byte {self._raw.tell():,} ({error})")


@contextlib.contextmanager
def open_vectors(path: Path, report: Report) -> Iterator[Stream]:
    """Open a file as a stream.

    Raises:
        ModelError: it can't be read.
    """
    with read_errors(path), path.open("rb") as raw:
        yield Stream(path, raw, report)


@contextlib.contextmanager
def read_errors(path: Path) -> Iterator[None]:
    """Turn an OSError while reading a file into a ModelError, or a SystemRefusalError if it is not the file's."""
    try:
        check_regular(path)
        with enough_memory(path):
            yield
    except OSError as error:
        raise ModelError(f"can't read '{path}': {error.strerror or error}", "Check that it can be read.") from None


def damaged(path: Path, why: str) -> FormatError:
    """The error for a damaged file."""
    return FormatError(f"'{path}' is damaged: {why}", "Fetch or copy the file again, or name its --file-format.")
