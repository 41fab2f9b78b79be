"""The header of a GGUF file: keys with their values, and where each tensor is.

The format (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): magic, version, counts, then keys with their
values, then each tensor's name, shape, type and offset, all little-endian, then the aligned data. Every length is
checked against the file's size.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from embgeo.formats.stream import damaged, read_errors

SCALARS: Final = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
STRING, ARRAY = 8, 9


class GgufTensor(NamedTuple):
    """A tensor as the file lists it: its shape (shortest stride first), ggml's number for its type, its first byte."""

    shape: tuple[int, ...]
    kind: int
    start: int


class Gguf(NamedTuple):
    """A header: the requested keys, all tensors, and the size of the file."""

    path: Path
    keys: dict[str, Any]
    tensors: dict[str, GgufTensor]
    size: int


def read_gguf(path: Path, wanted: frozenset[str]) -> Gguf:
    """Read a header: all tensors, and the values of the keys that are wanted.

    Raises:
        FormatError: the file is damaged, or of a version that embgeo doesn't read.
    """
    with read_errors(path), path.open("rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Cursor(path, data).header(wanted | {"general.alignment"})
        except ValueError as error:
            raise damaged(path, str(error)) from None


class _Cursor:
    """Reads a header from its first byte; a ValueError says what is wrong, and where."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self.path, self.data, self.at, self.size = path, data, 4, len(data)

    def header(self, wanted: frozenset[str]) -> Gguf:
        if self.data[:4] != b"GGUF":
            raise ValueError("it does not begin with GGUF")
        if (version := self.number("<I")) not in (2, 3):
            raise ValueError(f"its version {version} is not 2 or 3, or it is big-endian")
        tensors, keys = self.count("tensors", 24), self.count("keys", 12)
        values = {name: value for name, value in (self.pair(wanted) for _ in range(keys)) if name in wanted}
        listed = dict(self.tensor() for _ in range(tensors))
        align = values.get("general.alignment", 32)
        if not isinstance(align, int) or not 1 <= align <= 1 << 20:
            raise ValueError(f"its alignment is {align!r:.40}")
        origin = self.at + -self.at % align
        return Gguf(
            self.path, values, {name: t._replace(start=origin + t.start) for name, t in listed.items()}, self.size
        )

    def number(self, form: str) -> Any:
        start, self.at = self.at, self.at + struct.calcsize(form)
        if self.at > self.size:
            raise ValueError(f"it breaks off at byte {self.size:,}, inside the header")
        return struct.unpack_from(form, self.data, start)[0]

    def count(self, what: str, least: int) -> int:
        """A count of items of at least `least` bytes each."""
        where, count = self.at, int(self.number("<Q"))
        if count * least > self.size - self.at:
            raise ValueError(f"byte {where:,} claims {count:,} {what}, more than fit in the file")
        return count

    def string(self) -> str:
        length = self.count("characters", 1)
        start, self.at = self.at, self.at + length
        try:
            return self.data[start : self.at].decode()
        except UnicodeDecodeError:
            raise ValueError(f"the text at byte {start:,} is not valid UTF-8") from None

    def pair(self, wanted: frozenset[str]) -> tuple[str, Any]:
        name = self.string()
        return name, self.value(self.number("<I"), keep=name in wanted)

    def value(self, kind: int, *, keep: bool) -> Any:
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            return self.array(keep=keep)
        if kind not in SCALARS:
            raise ValueError(f"byte {self.at - 4:,} has the unknown type {kind}")
        return self.number(SCALARS[kind])

    def array(self, *, keep: bool) -> Any:
        kind = self.number("<I")
        if kind == STRING:
            texts = (self.string() for _ in range(self.count("texts", 8)))
            if keep:
                return list(texts)
            for _ in texts:
                pass
            return None
        if kind not in SCALARS:
            raise ValueError(f"byte {self.at - 4:,} has an array of the unknown type {kind}")
        item = np.dtype(SCALARS[kind])
        count = self.count("numbers", item.itemsize)
        start, self.at = self.at, self.at + count * item.itemsize
        return np.frombuffer(self.data[start : self.at], item).tolist() if keep else None

    def tensor(self) -> tuple[str, GgufTensor]:
        name, rank = self.string(), self.number("<I")
        if rank > 8:
            raise ValueError(f"'{name[:80]}' has {rank:,} dimensions")
        lengths = tuple(int(self.number("<Q")) for _ in range(rank))
        return name, GgufTensor(lengths, int(self.number("<I")), int(self.number("<Q")))
