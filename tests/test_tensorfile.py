"""Safetensors files: reading, mapping and writing agree with the official package, and damage is refused."""

from __future__ import annotations

import json
import re
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
import safetensors
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save, save_file

from embgeo.errors import FormatError
from embgeo.formats.safetensors import (
    MAX_HEADER,
    NUMPY,
    Tensor,
    file_head,
    header_end,
    map_tensor,
    parse_header,
    read_header,
)
from embgeo.numerics.dtypes import as_bytes

MODEL = {
    "wte": np.arange(12, dtype=np.float32).reshape(4, 3) / 7,
    "half": np.array([[1.5, -0.0, np.inf]], np.float16),
    "double": np.array([np.pi, np.nan]),
    "ids": np.array([[-1], [2**40]], np.int64),
    "small": np.array([-(2**31), 7], np.int32),
    "codes": np.arange(5, dtype=np.uint8),
    "scalar": np.array(2.5, np.float32),
    "empty": np.zeros((3, 0, 2), np.float32),
    "flags": np.array([True, False]),
}


def packed(header: object, buffer: bytes = b"", length: int | None = None) -> bytes:
    """A file with a header (JSON text, or bytes) and a buffer; `length` is a false length of the header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + buffer


def entry(dtype: object = "F32", shape: object = (2,), offsets: object = (0, 8), **more: object) -> dict[str, object]:
    """A tensor's entry in a header."""
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}


def one(*args: object, size: int = 8, **more: object) -> bytes:
    """A file with one tensor: its header entry, and a buffer of this many bytes."""
    return packed({"a": entry(*args, **more)}, bytes(size))


def saved(data: bytes, folder: Path) -> Path:
    """A file with these bytes."""
    path = folder / "model.safetensors"
    path.write_bytes(data)
    return path


def test_header_round_trip(tmp_path: Path) -> None:
    """Names, dtypes, shapes, offsets and metadata match what the official package wrote and reads."""
    path = saved(data := save(MODEL, {"format": "np", "ü": "\u2028"}), tmp_path)
    header = read_header(path)
    assert (header.metadata, header.size) == ({"format": "np", "ü": "\u2028"}, len(data))
    assert set(header.tensors) == set(MODEL)
    for name, official in safetensors.deserialize(data):
        tensor = header.tensors[name]
        assert (tensor.name, tensor.dtype, list(tensor.shape)) == (name, official["dtype"], official["shape"])
        assert data[tensor.start : tensor.stop] == bytes(official["data"]) == MODEL[name].tobytes()


@pytest.mark.parametrize("name", [name for name in MODEL if name not in {"empty", "flags"}])
def test_tensors_are_mapped(name: str, tmp_path: Path) -> None:
    """A tensor is mapped in place: equal bits, the file's dtype, read-only, not copied."""
    path = tmp_path / "model.safetensors"
    save_file(MODEL, path)
    mapped = map_tensor(path, read_header(path).tensors[name])
    assert isinstance(mapped, np.memmap)
    assert Path(str(mapped.filename)) == path
    assert (mapped.dtype, mapped.shape, mapped.tobytes()) == (
        MODEL[name].dtype,
        MODEL[name].shape,
        MODEL[name].tobytes(),
    )
    assert not mapped.flags.writeable


@pytest.mark.parametrize(
    ("dtype", "bits"),
    [("BF16", np.array([[0x3F80, 0xC2F7]], np.uint16)), ("F8_E4M3", np.array([[0x38, 0xFF]], np.uint8))],
)
def test_dtypes_that_numpy_lacks(dtype: str, bits: NDArray[np.generic], tmp_path: Path) -> None:
    """They are mapped as their bits."""
    path = saved(b"".join([file_head({"wte": (dtype, bits.shape)}, {}), as_bytes(bits)]), tmp_path)
    mapped = map_tensor(path, read_header(path).tensors["wte"])
    assert (mapped.dtype, mapped.shape, mapped.tobytes()) == (bits.dtype, bits.shape, bits.tobytes())


@pytest.mark.parametrize(("name", "why"), [("empty", r"is empty \(shape \[3, 0, 2\]\)"), ("flags", "dtype BOOL")])
def test_tensors_that_cannot_be_mapped(name: str, why: str, tmp_path: Path) -> None:
    """The error names an empty tensor or an unsupported dtype."""
    path = tmp_path / "model.safetensors"
    save_file(MODEL, path)
    with pytest.raises(FormatError, match=why) as caught:
        map_tensor(path, read_header(path).tensors[name])
    assert caught.value.message.startswith(f"'{name}' in '{path}'")


@pytest.mark.parametrize("metadata", [{}, {"revision": "abc", "ü": '"\n'}], ids=["bare", "notes"])
def test_file_head_is_read_by_safetensors(metadata: dict[str, str], tmp_path: Path) -> None:
    """The official package reads a file that starts with `file_head`, and its buffer is aligned."""
    kept = {name: array for name, array in MODEL.items() if name != "flags"}
    dtypes = {np.dtype(code): name for name, code in NUMPY.items() if name[0] in "FIU" and "_" not in name}
    head = file_head({name: (dtypes[array.dtype], array.shape) for name, array in kept.items()}, metadata)
    assert len(head) % 64 == 0
    path = saved(head + b"".join(as_bytes(array) for array in kept.values()), tmp_path)
    with safetensors.safe_open(path, "np") as official:
        assert (official.metadata() or {}) == metadata
        assert set(official.keys()) == set(kept)
        for name, array in kept.items():
            read = official.get_tensor(name)
            assert (read.dtype, read.shape, read.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert read_header(path).metadata == metadata


WHOLE = one()
DAMAGED = {
    "nothing": b"", "seven bytes": bytes(7), "length 0": packed(b""), "length 1": packed(b"{"),
    "length past the end": packed({}, length=3), "length 2**63": packed({}, length=2**63),
    "length 100 MB": packed({}, length=100_000_000),
    "length cuts the header": packed({"a": entry()}, bytes(8), length=9), "truncated": WHOLE[:-1],
    "no buffer": WHOLE[:-8], "trailing byte": WHOLE + b"\0", "no tensor but a buffer": packed({}, b"\0"),
    "not UTF-8": packed(b'{"\xff": 1}'), "surrogates in UTF-8": packed(b'{"__metadata__": {"a": "\xed\xa0\x80"}}'),
    "UTF-16": packed("{}".encode("utf-16")), "byte order mark": packed(b"\xef\xbb\xbf{}"), "no JSON": packed(b"{]"),
    "list": packed([]), "number": packed(b"12"), "text after the JSON": packed(b"{}x"),
    "deep nesting": packed(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "duplicate tensor": packed(b'{"a": %s, "a": %s}' % ((json.dumps(entry()).encode(),) * 2), bytes(8)),
    "duplicate note": packed(b'{"__metadata__": {"a": "1", "a": "2"}}'),
    "duplicate dtype": packed(b'{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'),
    "escaped surrogate in a name": packed({"\ud800": entry()}, bytes(8)),
    "escaped surrogate in a note": packed({"__metadata__": {"a": "\udc00"}}),
    "note of a number": packed({"__metadata__": {"a": 1}}), "note of a list": packed({"__metadata__": {"a": ["b"]}}),
    "notes are a list": packed({"__metadata__": ["a"]}), "notes are null": packed({"__metadata__": None}),
    "entry is null": packed({"a": None}), "entry is empty": packed({"a": {}}), "entry has more": one(more=1),
    "dtype unknown": one("F33"), "dtype in lower case": one("f32"), "dtype a list": one(["F32"]),
    "shape a number": one(shape=2), "shape true": one("F64", (True,)), "shape negative": one(shape=(-1, -2)),
    "shape float": one(shape=(2.0,)), "shape huge": one(shape=(2**63,)), "shape overflows": one(shape=(2**62, 2**62)),
    "shape overflows to 0": one(shape=(2**62, 4, 0), offsets=(0, 0), size=0),
    "shape -0": packed(b'{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}'),
    "shape of 5000 digits": packed(b'{"a":{"dtype":"F32","shape":[%s],"data_offsets":[0,0]}}' % (b"9" * 5000)),
    "rank 65": one(shape=(1,) * 65, offsets=(0, 4), size=4), "offset true": one("U8", (1,), (False, True), size=1),
    "offset float": one(offsets=(0.0, 8.0)), "offset negative": one(offsets=(-8, 0)),
    "offset huge": one(offsets=(0, 2**64 + 8)), "offset infinite": one(offsets=(0, float("inf"))),
    "offset null": one(offsets=(0, None)), "one offset": one(offsets=(8,)), "three offsets": one(offsets=(0, 8, 8)),
    "offsets backwards": one(offsets=(8, 0)), "too few bytes": one(offsets=(0, 4), size=4),
    "too many bytes": one(offsets=(0, 9), size=9), "half a byte": one("F4", (3,), (0, 1), size=1),
    "claims 100 MB": one(shape=(25_000_000,), offsets=(0, 100_000_000)), "starts late": one(offsets=(1, 9), size=9),
    "overlap": packed({"a": entry(), "b": entry(offsets=(4, 12))}, bytes(12)),
    "same place": packed({"a": entry(), "b": entry()}, bytes(8)),
    "hole": packed({"a": entry(), "b": entry(offsets=(9, 17))}, bytes(17)),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_headers(case: str, tmp_path: Path) -> None:
    """Each kind of damage is refused, in one line with the file's name and a hint."""
    path = saved(DAMAGED[case], tmp_path)
    with pytest.raises(FormatError) as caught:
        read_header(path)
    assert caught.value.message.startswith(f"'{path}' is not a complete safetensors file: ")
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_smallest_files(tmp_path: Path) -> None:
    """No tensors, padding, and several empty tensors at one offset are valid."""
    assert read_header(saved(packed(b"{}"), tmp_path)).tensors == {}
    assert read_header(saved(packed(b' {"__metadata__": {}}  '), tmp_path)).metadata == {}
    entries = {"b": entry(shape=(0,), offsets=(0, 0)), "a": entry(), "c": entry(shape=(9, 0), offsets=(8, 8))}
    header = read_header(saved(packed(entries, bytes(8)), tmp_path))
    assert {name: tensor.stop - tensor.start for name, tensor in header.tensors.items()} == {"a": 8, "b": 0, "c": 0}
    assert read_header(saved(WHOLE, tmp_path)).tensors == {"a": Tensor("a", "F32", (2,), len(WHOLE) - 8, len(WHOLE))}


def test_header_from_parts() -> None:
    """A header from the network is checked against the size that the server reported."""
    end = header_end(WHOLE[:8], "file")
    assert parse_header(WHOLE[8:end], len(WHOLE), "file").size == len(WHOLE) == end + 8
    for prefix in (bytes(7), bytes(8), struct.pack("<Q", MAX_HEADER + 1)):
        with pytest.raises(FormatError, match="'file'"):
            header_end(prefix, "file")
    with pytest.raises(FormatError, match="'file'"):
        parse_header(WHOLE[8:end], len(WHOLE) + 1, "file")


FILES = [save({name: MODEL[name] for name in names}, notes) for names, notes in [
    (("codes", "empty", "scalar"), {"a": "b"}), (("half",), None), (("ids", "small", "flags"), None), ((), {"x": ""}),
]]  # fmt: skip
PARTS = re.compile(rb'"[^"]*"|[0-9]+|.', re.DOTALL)
NASTY = [
    b"0", b"-0", b"1", b"2", b"4", b"8", b"1.0", b"1e0", b"01", b"true", b"null", b"NaN", b"[]", b"{}", b'""', b'"F32"',
    b'"U8"', b'"BF16"', b"9223372036854775807", b"18446744073709551616", b"4611686018427387904", b'"\\ud800"',
    b'"\\u0041"', b'"\\x"', b'"\xff"', b'"\xc3\xa9"', b'"__metadata__"', b'"a"', b'"dtype"', b'"shape"', b"0,0", b"0,",
    b"4,0", b" ", b"\n", b"\0", b"\xef\xbb\xbf", b'"\t"', b"",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid file with parts of its header replaced, repeated or swapped, its buffer or length perhaps changed."""
    data = draw(st.sampled_from(FILES))
    end = header_end(data, "")
    parts, buffer = PARTS.findall(data[8:end].rstrip()), data[end:]
    for _ in range(draw(st.integers(0, 3))):
        at, other = draw(st.integers(0, len(parts) - 1)), draw(st.integers(0, len(parts) - 1))
        match draw(st.sampled_from(["replace", "double", "swap", "keep"])):
            case "replace":
                parts[at] = draw(st.sampled_from(NASTY) | st.binary(max_size=2))
            case "double":
                parts[at] += parts[other]
            case "swap":
                parts[at], parts[other] = parts[other], parts[at]
    buffer = draw(st.sampled_from([buffer] * 4 + [buffer[:-1], buffer + b"\0", buffer[:4]]))
    return packed(b"".join(parts), buffer, draw(st.sampled_from([None] * 6 + [0, 1, 2, 99, 2**25, 2**64 - 1])))


@settings(max_examples=500, deadline=None)
@given(data=mutated() | st.binary(max_size=40))
@example(data=DAMAGED["shape -0"])
@example(data=DAMAGED["shape overflows to 0"])
@example(data=DAMAGED["escaped surrogate in a name"])
@example(data=DAMAGED["escaped surrogate in a note"])
@pytest.mark.slow
def test_never_more_lenient_than_the_official_parser(data: bytes) -> None:
    """Any file is either refused as damaged, or read exactly as the official parser reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = saved(data, Path(folder))
        try:
            header = read_header(path)
        except FormatError:
            return
    official = {name: (t["dtype"], tuple(t["shape"]), bytes(t["data"])) for name, t in safetensors.deserialize(data)}
    assert {t.name: (t.dtype, t.shape, data[t.start : t.stop]) for t in header.tensors.values()} == official
