"""Safetensors files: a strict reader of the header, and tensors as memory maps.

The format (https://github.com/huggingface/safetensors): a little-endian u64 N, N bytes of JSON that give every tensor's
dtype, shape and offsets, then the buffer. The package's own NumPy reader copies what it reads and hides the offsets, so
the header is read here, and everything in it is checked.
"""

from __future__ import annotations

import json
import math
import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from embgeo.errors import FormatError
from embgeo.formats.regular import check_regular
from embgeo.numerics.dtypes import as_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

PREFIX = 8
# Published files stay far below this (their largest headers are a few MB); parsing more would cost hundreds of MB.
MAX_HEADER = 25_000_000
MAX_RANK = 64  # as NumPy's own

BITS = {
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32,
    "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip

# How a mapped tensor appears in NumPy; bfloat16 and the eight-bit floats, which NumPy lacks, as their bits.
NUMPY = {
    "U8": "u1", "F8_E4M3": "u1", "F8_E5M2": "u1", "I32": "<i4", "U32": "<u4", "I64": "<i8",
    "BF16": "<u2", "F16": "<f2", "F32": "<f4", "F64": "<f8",
}  # fmt: skip
DTYPES = {"f8": "F64", "f4": "F32", "i4": "I32", "u4": "U32", "u1": "U8"}  # of arrays to write


class Tensor(NamedTuple):
    """A tensor: its bytes are [start, stop) of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


class Place(NamedTuple):
    """Where a tensor is."""

    file: Path
    tensor: Tensor


class Header(NamedTuple):
    """A checked header: the tensors by name, the metadata, and the size of the file."""

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str]
    size: int


def header_end(prefix: bytes, file: str) -> int:
    """Offset of the first byte after the header, from the file's first eight bytes.

    Raises:
        FormatError: fewer than eight bytes, or an impossible length.
    """
    if len(prefix) < PREFIX:
        raise _damaged(file, f"it has {len(prefix)} bytes, less than the 8 that give the header's length")
    (length,) = struct.unpack("<Q", prefix[:PREFIX])
    if not 2 <= length <= MAX_HEADER:
        raise _damaged(file, f"its header claims {length:,} bytes; 2 to {MAX_HEADER:,} are possible")
    return PREFIX + int(length)


def parse_header(text: bytes, size: int, file: str) -> Header:
    """Check the JSON of a header against the size of its file.

    Args:
        text: the header without its eight length bytes.
        size: bytes of the whole file.
        file: the name that errors give.

    Raises:
        FormatError: whatever the official parser refuses, and duplicate keys.
    """
    try:
        entries = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_int=_natural)
    except (ValueError, RecursionError) as error:
        raise _damaged(file, f"its header is not valid JSON ({error})") from None
    if not isinstance(entries, dict):
        raise _damaged(file, "its header is not a JSON object")
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _damaged(file, "its __metadata__ is not an object of strings")
    origin = PREFIX + len(text)
    tensors = {name: _tensor(name, entry, origin, file) for name, entry in entries.items()}
    _check_cover(tensors, origin, size, file)
    return Header(tensors, metadata, size)


def read_header(path: Path) -> Header:
    """Read and check the header of a file on disk.

    Raises:
        FormatError: the file is damaged or truncated, or not a safetensors file.
        OSError: it can't be opened, or is a device, FIFO or socket.
    """
    check_regular(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        end = header_end(file.read(PREFIX), str(path))
        if end > size:
            raise _damaged(str(path), f"its header claims {end:,} bytes but the file has {size:,}")
        return parse_header(file.read(end - PREFIX), size, str(path))


def map_tensor(path: Path, tensor: Tensor) -> np.memmap[Any, np.dtype[Any]]:
    """Map one tensor read-only, in the file's own dtype (see `NUMPY`); nothing is read or copied.

    Raises:
        FormatError: a dtype that embgeo doesn't map, or a tensor without elements.
    """
    check_mappable(path, tensor)
    return np.memmap(path, np.dtype(NUMPY[tensor.dtype]), "r", tensor.start, tensor.shape)


def check_mappable(path: Path, tensor: Tensor) -> None:
    """Raise an error for a tensor that NumPy can't map; errors as for `map_tensor`."""
    if tensor.dtype not in NUMPY:
        raise FormatError(f"'{tensor.name}' in '{path}' has dtype {tensor.dtype}, which embgeo doesn't read")
    if not math.prod(tensor.shape):
        raise FormatError(f"'{tensor.name}' in '{path}' is empty (shape {list(tensor.shape)})")


def map_file(path: Path) -> memoryview:
    """Map a whole file read-only, for `tensor_in`, so that many tensors of one file share one mapping."""
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def tensor_in(mapped: memoryview, path: Path, tensor: Tensor) -> NDArray[Any]:
    """One tensor of a file that `map_file` has mapped, as `map_tensor` gives it; the same errors.

    Raises:
        FormatError: also if the file has become shorter since its header was read.
    """
    check_mappable(path, tensor)
    if tensor.stop > len(mapped):
        raise _damaged(str(path), f"'{tensor.name}' ends at byte {tensor.stop:,} but the file has {len(mapped):,}")
    count = math.prod(tensor.shape)
    return np.frombuffer(mapped, NUMPY[tensor.dtype], count, tensor.start).reshape(tensor.shape)


def file_head(
    tensors: Mapping[str, tuple[str, tuple[int, ...]]], metadata: Mapping[str, str], align: int = 64
) -> bytes:
    """The bytes before the buffer of a file that holds these tensors ({name: (dtype, shape)}) one after the other."""
    entries: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    at = 0
    for name, (dtype, shape) in tensors.items():
        size = math.prod(shape) * BITS[dtype] // 8
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-(PREFIX + len(text)) % align)
    return struct.pack("<Q", len(text)) + text


def array_file(arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> list[bytes | memoryview]:
    """The parts of a file that holds these arrays, to be written one after the other; nothing is copied.

    Those with the largest numbers come first, so that each is aligned.
    """
    arrays = dict(sorted(arrays.items(), key=lambda item: -item[1].itemsize))
    layout = {name: (DTYPES[array.dtype.str[1:]], array.shape) for name, array in arrays.items()}
    return [file_head(layout, metadata), *(as_bytes(array) for array in arrays.values())]


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table: dict[str, object] = {}
    for name, value in pairs:
        if name in table:
            raise ValueError(f"key {name[:80]!r} occurs twice")
        "".join(string for string in (name, value) if isinstance(string, str)).encode()  # no escaped lone surrogates
        table[name] = value
    return table


def _natural(digits: str) -> int:
    if digits.startswith("-"):  # also -0, which the official parser reads as a float
        raise ValueError(f"{digits[:40]} is negative")
    return int(digits)


def _tensor(name: str, entry: object, origin: int, file: str) -> Tensor:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise _damaged(file, f"the entry of '{name}' is not dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BITS:
        raise _damaged(file, f"'{name}' has the unknown dtype {str(dtype)[:40]!r}")
    if not _naturals(shape) or not _naturals(offsets) or len(offsets) != 2:
        raise _damaged(file, f"shape and offsets of '{name}' are not all whole numbers from 0")
    if len(shape) > MAX_RANK:
        raise _damaged(file, f"'{name}' has {len(shape)} dimensions; at most {MAX_RANK} are possible")
    if math.prod(length or 1 for length in shape) * BITS[dtype] >= 2**63:  # even if another length is 0
        raise _damaged(file, f"'{name}' is larger than any file")
    begin, end = offsets
    bits = math.prod(shape) * BITS[dtype]
    if bits % 8 or end - begin != bits // 8:
        raise _damaged(file, f"'{name}' has {end - begin:,} bytes; {dtype} of shape {shape} takes {bits // 8:,}")
    return Tensor(name, dtype, tuple(shape), origin + begin, origin + end)


def _naturals(values: object) -> bool:
    # type() and not isinstance(): JSON's true is an int to Python.
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 2**63 for value in values)


def _check_cover(tensors: Mapping[str, Tensor], origin: int, size: int, file: str) -> None:
    at = origin
    for tensor in sorted(tensors.values(), key=lambda tensor: (tensor.start, tensor.stop)):
        if tensor.start != at:
            raise _damaged(file, f"'{tensor.name}' starts at byte {tensor.start:,}, expected at {at:,}")
        at = tensor.stop
    if at != size:
        raise _damaged(file, f"its tensors end at byte {at:,} but the file has {size:,}")


def _damaged(file: str, why: str) -> FormatError:
    return FormatError(f"'{file}' is not a complete safetensors file: {why}", "Fetch or copy the file again.")
