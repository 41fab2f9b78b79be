"""GGUF files, as llama.cpp reads them: the token embedding and the tokens, out of the header and one tensor.

The format (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): magic, version, counts, then keys with their
values, then each tensor's name, shape, type and offset, all little-endian, then the aligned data. A shape is written
with the shortest stride first: an embedding is [dims, rows] there. Every length is held against the file's size.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from embgeo.errors import FormatError, ModelError, Report
from embgeo.formats.converted import Converted
from embgeo.formats.safetensors import Tensor
from embgeo.formats.stream import damaged, reading

EMBEDDING: Final = "token_embd.weight"
UNEMBEDDING: Final = "output.weight"
MAPPED: Final = {0: "F32", 1: "F16", 28: "F64", 30: "BF16"}
ITEM: Final = {"F32": 4, "F16": 2, "F64": 8, "BF16": 2}
Q8_0: Final = 8
Q8_0_BLOCK: Final = np.dtype([("scale", "<f2"), ("values", "i1", 32)])
SCALARS: Final = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
STRING, ARRAY = 8, 9
STEP: Final = 1 << 20  # numbers converted at a time


class GgufTensor(NamedTuple):
    """A tensor as the file lists it: its shape (shortest stride first), ggml's number of its type, its first byte."""

    shape: tuple[int, ...]
    kind: int
    start: int


class Gguf(NamedTuple):
    """What a file's header says; of the keys, those that were asked for."""

    path: Path
    keys: dict[str, Any]
    tensors: dict[str, GgufTensor]
    size: int


def read_gguf(path: Path, wanted: frozenset[str]) -> Gguf:
    """Read a header: all tensors, and the values of the keys that are wanted.

    Raises:
        FormatError: the file is damaged, or of a version that embgeo doesn't read.
    """
    with reading(path), path.open("rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Cursor(path, data).header(wanted | {"general.alignment"})
        except ValueError as error:
            raise damaged(path, str(error)) from None


def chosen(gguf: Gguf, tensor: str | None, side: str) -> str:
    """The name of a tensor by its own name, or by its side of the model, `input` or `output`.

    Raises:
        ModelError: the file has none of that name.
    """
    tied = side == "input" or UNEMBEDDING not in gguf.tensors
    name = tensor or (EMBEDDING if tied else UNEMBEDDING)
    if name not in gguf.tensors:
        matrices = [tensor for tensor, stored in gguf.tensors.items() if len(stored.shape) == 2]
        hint = f"Its matrices are {', '.join(matrices[:5])}." if matrices else "Is it a language model's own file?"
        raise ModelError(f"'{gguf.path}' has no tensor {name}", hint)
    return name


def mapped(gguf: Gguf, name: str) -> Tensor | None:
    """A matrix [rows, dims], where its numbers can be searched as they lie; None where it must be converted.

    Raises:
        FormatError: it reaches past the file's end, or is no matrix, or its rows are no whole blocks.
        ModelError: the quantisation needs the package `gguf`, and that is not installed.
    """
    rows, dims, stored = _matrix(gguf, name)
    if stored.kind not in MAPPED:
        _blocks(gguf, name)
        return None
    dtype = MAPPED[stored.kind]
    stop = stored.start + rows * dims * ITEM[dtype]
    _check_end(gguf, name, stop)
    return Tensor(name, dtype, (rows, dims), stored.start, stop)


def shape(gguf: Gguf, name: str) -> tuple[int, int]:
    """Rows and dimensions of a matrix."""
    return _matrix(gguf, name)[:2]


def convert(gguf: Gguf, name: str, out: Converted, report: Report) -> None:
    """Write a quantised matrix as float32, which holds what its blocks stand for exactly.

    Raises:
        as `mapped`.
    """
    rows, dims, stored = _matrix(gguf, name)
    row_bytes, decode = _blocks(gguf, name)
    blocks = np.memmap(gguf.path, np.uint8, "r", stored.start, (rows, row_bytes))
    step = max(1, STEP // dims)
    for at in range(0, rows, step):
        block = np.ascontiguousarray(blocks[at : at + step])
        with np.errstate(invalid="ignore", over="ignore"):  # a scale may be NaN or infinite
            numbers = decode(block).astype("<f4", copy=False)
        out.add(numbers.reshape(len(block), dims))
        report(f"Converting {gguf.path.name}", min(at + step, rows) * row_bytes, rows * row_bytes)


def _blocks(gguf: Gguf, name: str) -> tuple[int, Any]:
    """Bytes of a row of a quantised matrix, and what turns rows [rows, bytes] into numbers."""
    rows, dims, stored = _matrix(gguf, name)
    width, length, decode = _quantisation(stored.kind, gguf.path)
    if dims % width:
        raise damaged(gguf.path, f"rows of {dims:,} numbers are no whole blocks of {width}")
    row_bytes = dims // width * length
    _check_end(gguf, name, stored.start + rows * row_bytes)
    return row_bytes, decode


def _quantisation(kind: int, path: Path) -> tuple[int, int, Any]:
    """Numbers and bytes of a block, and what turns blocks [rows, bytes] into numbers."""
    if kind == Q8_0:
        return 32, Q8_0_BLOCK.itemsize, _decode_q8_0
    try:
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
        from gguf.quants import dequantize
    except ImportError:
        raise ModelError(
            f"the token embedding of '{path}' has ggml's quantisation {kind}, for which embgeo needs the package gguf",
            "Install it: python -m pip install 'embgeo[gguf]'",
        ) from None
    try:
        named = GGMLQuantizationType(kind)
        width, length = GGML_QUANT_SIZES[named]
        dequantize(np.zeros((1, length), np.uint8), named)
    except (ValueError, KeyError, NotImplementedError):
        raise FormatError(f"the token embedding of '{path}' has ggml's type {kind}, which can't be read") from None
    return width, length, lambda blocks: dequantize(blocks, named)


def _decode_q8_0(blocks: Any) -> Any:
    """A float16 scale and 32 whole numbers a block: the products are exact in float32 (11 and 8 bits of 24)."""
    parts = blocks.reshape(-1).view(Q8_0_BLOCK)  # [blocks]
    return parts["scale"].astype(np.float32)[:, None] * parts["values"]  # [blocks, 1] * [blocks, 32]


def _matrix(gguf: Gguf, name: str) -> tuple[int, int, GgufTensor]:
    stored = gguf.tensors[name]
    if len(stored.shape) != 2 or min(stored.shape) < 1:
        raise damaged(gguf.path, f"{name} has the shape {list(stored.shape)}, not that of a matrix")
    return stored.shape[1], stored.shape[0], stored


def _check_end(gguf: Gguf, name: str, stop: int) -> None:
    if stop > gguf.size:
        raise damaged(gguf.path, f"{name} ends at byte {stop:,} but the file has {gguf.size:,}")


class _Cursor:
    """Reads a header from its first byte on; a ValueError says what is wrong, and where."""

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
        """A count of things that take at least so many bytes each."""
        where, count = self.at, int(self.number("<Q"))
        if count * least > self.size - self.at:
            raise ValueError(f"byte {where:,} claims {count:,} {what}, more than the file has room for")
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
