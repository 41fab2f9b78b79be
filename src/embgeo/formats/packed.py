"""Compressed files: gzip, bzip2, xz, and a zip archive with one file; never more bytes at once than are requested."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, Protocol

from embgeo.errors import ModelError, first_of

CHUNK_BYTES: Final = 1 << 16  # compressed bytes at a time
MAX_XZ_MEMORY: Final = 1 << 28  # bytes that xz may use; `xz -9` needs 65 MB
MAX_DIRECTORY_BYTES: Final = 1 << 24  # bytes of the list of files in a zip archive
ASIDE: Final = r"(?i)(^|.*/)(__MACOSX/.*|\..*|(readme|licen[cs]e|notice|copying|changelog)[^/]*)"
STORED, DEFLATED = 0, 8  # the ways of packing a file of a zip archive that are read


class DamagedDataError(Exception):
    """Compressed data that can't be unpacked."""


class Unpacked(Protocol):
    """The bytes inside a compressed file."""

    def read(self, count: int) -> bytes:
        """`count` bytes, fewer only at the end."""

    def read1(self, count: int) -> bytes:
        """The next bytes, at most `count`; empty at the end."""


class Packing(NamedTuple):
    """A way of packing.

    Attributes:
        name: for messages.
        suffix: how names of such files end.
        magic: their first bytes.
        command: unpacks one.
        open: reads an open file.
    """

    name: str
    suffix: str
    magic: bytes
    command: str
    open: Callable[[IO[bytes], Path], Unpacked]


def packing_of(start: bytes) -> Packing | None:
    """How a file with these first bytes is packed; None if it isn't."""
    return next((row for row in TABLE if start.startswith(row.magic)), None)


def damage_errors() -> tuple[type[Exception], ...]:
    """What reading damaged data raises."""
    import gzip
    import zipfile

    return DamagedDataError, EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile


def first_bytes(content: Unpacked, count: int) -> bytes:
    """The first bytes of a compressed file, as far as they can be unpacked.

    Raises:
        what `damage_errors` lists: not even the first byte can be unpacked.
    """
    found = b""
    try:
        while len(found) < count and (piece := content.read1(count - len(found))):
            found += piece
    except damage_errors():
        if not found:
            raise
    return found


class _Streams:
    """One compressed stream after another, as bz2 and xz files have them."""

    def __init__(self, raw: IO[bytes], make: Callable[[], Any]) -> None:
        self._raw, self._make, self._now = raw, make, make()

    def read(self, count: int) -> bytes:
        found = bytearray()
        while len(found) < count and (piece := self.read1(count - len(found))):
            found += piece
        return bytes(found)

    def read1(self, count: int) -> bytes:
        piece = b""
        while not piece:
            data = b""
            if self._now.eof:  # zeros may follow, which fill up a block
                data = (self._now.unused_data or self._raw.read(CHUNK_BYTES)).lstrip(b"\0")
                if not data:
                    return b""
                self._now = self._make()
            elif self._now.needs_input:
                data = self._raw.read(CHUNK_BYTES)
                if not data:
                    raise DamagedDataError("it ends before its last block does")
            try:
                piece = self._now.decompress(data, count)
            except (OSError, ValueError, _lzma_error()) as error:
                raise DamagedDataError(str(error)) from None
        return piece


def _lzma_error() -> type[Exception]:
    import lzma

    return lzma.LZMAError


def _gzip(raw: IO[bytes], _path: Path) -> Unpacked:
    import gzip

    return gzip.GzipFile(fileobj=raw)


def _bzip2(raw: IO[bytes], _path: Path) -> Unpacked:
    import bz2

    return _Streams(raw, bz2.BZ2Decompressor)


def _xz(raw: IO[bytes], _path: Path) -> Unpacked:
    import lzma

    return _Streams(raw, partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, MAX_XZ_MEMORY))


class CappedFile:
    """A file of which a zip archive's directory can't request more than `MAX_DIRECTORY_BYTES` bytes at once."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw, self.seek, self.tell = raw, raw.seek, raw.tell

    def seekable(self) -> bool:
        """Whether it can be read from any byte on."""
        return True

    def read(self, count: int = -1) -> bytes:
        """`count` bytes; without a count, as many as a directory may have."""
        if count > MAX_DIRECTORY_BYTES:
            raise DamagedDataError(f"it claims a list of files of {count:,} bytes")
        return self._raw.read(MAX_DIRECTORY_BYTES if count < 0 else count)


def _zip(raw: IO[bytes], path: Path) -> Unpacked:
    """The only file of a zip archive.

    Raises:
        ModelError: it has several, or can't be unpacked here.
        DamagedDataError: it is not a zip archive.
    """
    import zipfile

    try:
        archive = zipfile.ZipFile(CappedFile(raw))
        files = [entry for entry in archive.infolist() if not (entry.is_dir() or re.fullmatch(ASIDE, entry.filename))]
        if len(files) != 1:
            raise _several(path, [entry.filename for entry in files])
        (only,) = files
        if only.flag_bits & 1 or only.compress_type not in (STORED, DEFLATED):
            how = "encrypted" if only.flag_bits & 1 else "packed in a way that embgeo doesn't unpack"
            raise ModelError(f"'{only.filename}' in '{path}' is {how}", "Unpack it first, and name the file itself.")
        found: Any = archive.open(only)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeDecodeError, OverflowError) as error:
        raise DamagedDataError(str(error)) from None
    content: Unpacked = found
    return content


def _several(path: Path, names: list[str]) -> ModelError:
    if not names:
        return ModelError(f"the zip archive '{path}' holds no file", "Name a file of vectors.")
    hint = f"Unpack the one you want, and name it: unzip '{path}' '{names[-1]}'"
    return ModelError(f"the zip archive '{path}' holds {len(names):,} files: {first_of(names)}", hint)


TABLE: Final = (
    Packing("gzip", ".gz", b"\x1f\x8b", "gunzip -k", _gzip),
    Packing("bzip2", ".bz2", b"BZh", "bunzip2 -k", _bzip2),
    Packing("xz", ".xz", b"\xfd7zXZ\0", "unxz -k", _xz),
    Packing("zip", ".zip", b"PK\x03\x04", "unzip", _zip),
)
SUFFIXES: Final = tuple(row.suffix for row in TABLE)
