"""Files that claim huge sizes are refused with one line, within 1 GB of address space."""

from __future__ import annotations

import gzip
import json
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from conftest import write_model
from fuzz_targets import gguf_file, gguf_text
from limits import assert_refused, limited

ROOM: Final = 1 << 30  # bytes of address space; Python, NumPy and the libraries use about a third of it
LONGEST: Final = 25_000_000  # bytes of the longest header that is accepted
HUGE: Final = 2**62


def header(text: bytes, length: int | None = None) -> bytes:
    """A safetensors file that is only a header."""
    return struct.pack("<Q", len(text) if length is None else length) + text


def filled(start: bytes, piece: bytes, end: bytes) -> bytes:
    """A header of the maximum length that repeats one piece."""
    return header(start + piece * ((LONGEST - len(start) - len(end)) // len(piece)) + end)


def tensor(shape: list[int], stop: int) -> bytes:
    """A file with one tensor and no data."""
    return header(json.dumps({"wte.weight": {"dtype": "F32", "shape": shape, "data_offsets": [0, stop]}}).encode())


HEADERS: dict[str, Callable[[], bytes]] = {
    "length of 2^64 - 1": lambda: header(b"{}", 2**64 - 1),
    "100 MB of JSON": lambda: header(b'{"a":"' + b"a" * 100_000_000 + b'"}'),
    "deep lists": lambda: filled(b"", b"[", b""),
    "deep objects": lambda: filled(b"", b'{"":', b""),
    "empty lists": lambda: filled(b'{"a":[', b"[],", b"[]]}"),
    "empty objects": lambda: filled(b'{"a":[', b"{},", b"{}]}"),
    "small numbers": lambda: filled(b'{"a":[', b"1,", b"1]}"),
    "large numbers": lambda: filled(b'{"a":[', b"1" * 18 + b",", b"1]}"),
    "floats": lambda: filled(b'{"a":[', b".1,".replace(b".", b"0."), b"1]}"),
    "short texts": lambda: filled(b'{"a":[', b'"ab",', b'""]}'),
    "a number of 20 MB": lambda: filled(b'{"a":', b"9", b"}"),
    "one emoji in 25 MB": lambda: filled('{"\U0001f600":"'.encode(), b"a", b'"}'),
    "huge shape": lambda: tensor([2**40, 2**20], 2**62),
    "shape beyond 64 bits": lambda: tensor([2**40, 2**40], 2**82),
    "huge shape of no numbers": lambda: tensor([2**40, 0], 0),
}


# The others have the maximum length, and all exceed the same limits.
QUICK: Final = ("length of 2^64 - 1", "deep lists", "huge shape", "shape beyond 64 bits", "huge shape of no numbers")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in HEADERS]
)
@pytest.mark.slow
def test_header_bombs(name: str, tmp_path: Path) -> None:
    """A header that claims or contains too much."""
    folder = write_model(tmp_path / "m", np.ones((3, 2), np.float32), ["a", "b", "c"])
    (folder / "model.safetensors").write_bytes(HEADERS[name]())
    assert_refused(limited("vector", "a", "-m", folder, memory=ROOM), 4, str(folder))


def memoized_at(index: int) -> bytes:
    """A short pickle that memoizes an object at this index."""
    return b"\x80\x04Nr" + struct.pack("<I", index) + b"."


def nested_key(depth: int) -> bytes:
    """A pickle whose dictionary key is a deeply nested tuple."""
    return b"\x80\x04})" + b"\x85" * depth + b"Ns."


def doubled_key(times: int) -> bytes:
    """A pickle whose key is nested pairs of the same tuple: hashing it would take 2^times steps."""
    return b"\x80\x04})" + b"2\x86" * times + b"Ns."


def claim_size(operation: bytes) -> bytes:
    """A pickle whose opcode claims 2^62 bytes."""
    return b"\x80\x05" + operation + struct.pack("<Q", HUGE) + b"abc."


NPY: Final = b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"{"
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "pickle with a memo index of 2^31": ("gensim", lambda: memoized_at(2**31)),
    "pickle with a deep key": ("gensim", lambda: nested_key(5_000_000)),
    "pickle with a doubled key": ("gensim", lambda: doubled_key(99)),
    "pickle of deep lists": ("gensim", lambda: b"\x80\x04" + b"]" * 1_000_000 + b"a" * 999_999 + b"."),
    "pickle with a frame of 2^62": ("gensim", lambda: claim_size(b"\x95")),
    "pickle with 2^62 bytes": ("gensim", lambda: claim_size(b"\x8e")),
    "pickle with a text of 2^62": ("gensim", lambda: claim_size(b"\x8d")),
    "pickle with a byte array of 2^62": ("gensim", lambda: claim_size(b"\x96")),
    "pickle with a shape of 2^62": ("gensim", lambda: with_shape(b"\x8a\x08" + struct.pack("<q", HUGE) + b"K\x03\x86")),
    "pickle with a shape of deep tuples": ("gensim", lambda: with_shape(b")" + b"\x85" * 100_000)),
    "rows of a quantized GGUF": ("gguf", lambda: gguf(8, 2**50, 32)),
    "rows of a GGUF": ("gguf", lambda: gguf(0, 2**50, 3)),
    "texts of a GGUF": ("gguf", lambda: b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + gguf_text("tokenizer.ggml.tokens")
                        + struct.pack("<IIQ", 9, 8, HUGE)),
    "header of a .npy": ("npy", lambda: NPY),
    "deep header of a .npy": ("npy", lambda: b"\x93NUMPY\x01\x00" + struct.pack("<H", 9000) + b"(" * 9000),
    "rows of word2vec": ("word2vec", lambda: b"999999999999999 300\ncat" + b" 1" * 300),
    "numbers of word2vec": ("word2vec", lambda: b"1 999999999999999\ncat 1\n"),
    "rows of binary word2vec": ("word2vec-binary", lambda: b"999999999999999 3\ncat " + bytes(12)),
    "rows of compressed word2vec": ("word2vec", lambda: gzip.compress(b"999999999999999 3\ncat 1 1 1\n")),
    "endless line, compressed": ("glove", lambda: gzip.compress(b"cat 1 1\n" + b"1" * 400_000_000, 1)),
    "endless word, compressed": ("word2vec-binary", lambda: gzip.compress(b"9 3\n" + b"1" * 400_000_000, 1)),
}  # fmt: skip


def with_shape(shape: bytes) -> bytes:
    """Gensim's output with another matrix shape: pickle opcodes that build a tuple."""
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(3)
    keyed.add_vectors(["a", "b", "c", "d"], np.ones((4, 3), np.float32))
    whole: bytes = pickle.dumps(keyed, 4)
    assert whole.count(SHAPE) == 1
    whole = whole.replace(SHAPE, b"K\x01" + shape)
    start = whole.index(b"\x95")  # skip the frame opcode, which states a length
    return whole[:start] + whole[start + 9 :]


SHAPE: Final = b"K\x01K\x04K\x03\x86"  # of a NumPy array's state: its version, and a shape of two numbers


def gguf(kind: int, rows: int, dims: int) -> bytes:
    """A GGUF file that claims this many rows."""
    whole = gguf_file("gpt2", (1, 1, 1, 5), kind, bytes(99), dims)
    return whole.replace(struct.pack("<IQQ", 2, dims, 4), struct.pack("<IQQ", 2, dims, rows))


SLOW: Final = (
    "pickle with a deep key",
    "pickle of deep lists",
    "endless line, compressed",
    "endless word, compressed",
)


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in FILES])
@pytest.mark.slow
def test_bombs_of_vectors(name: str, tmp_path: Path) -> None:
    """A vector file that claims more than it has, or would exhaust memory when read naively."""
    form, make = FILES[name]
    path = tmp_path / "file"
    path.write_bytes(make())
    assert_refused(limited("info", "-m", path, "--file-format", form, memory=ROOM), 4, str(path))


DEEP: Final = b"[" * 200_000
JSONS = {"tokenizer.json": b'{"model":', "config.json": b"", "model.safetensors.index.json": b'{"weight_map":'}


@pytest.mark.parametrize("name", JSONS)
def test_deep_json(name: str, tmp_path: Path) -> None:
    """JSON nested deeper than any reader supports."""
    folder = write_model(tmp_path / "m", np.ones((3, 2), np.float32), ["a", "b", "c"])
    (folder / name).write_bytes(JSONS[name] + DEEP)
    if name.endswith("index.json"):
        (folder / "model.safetensors").unlink()
    assert_refused(limited("vector", "a", "-m", folder, memory=ROOM), 4, str(folder))
