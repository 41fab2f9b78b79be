"""What a file of vectors is, told from its first bytes."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from pathlib import Path
from typing import Final, Literal, get_args

from embgeo.errors import ModelError, UsageError
from embgeo.formats.stream import GZIP, reading
from embgeo.formats.word2vec_text import BOM, count_numbers, read_counts

Format = Literal["word2vec", "glove", "word2vec-binary", "npy", "gensim", "gguf"]
FORMATS: Final[tuple[str, ...]] = get_args(Format)
SAFETENSORS: Final = "safetensors"
SAMPLE: Final = 1 << 16
CONTROL: Final = re.compile(rb"[\0-\x08\x0e-\x1f]")
KNOWN: Final = "embgeo reads word2vec (text, binary), fastText .vec, GloVe, .npy, gensim's .kv, GGUF and safetensors."


def told(path: Path, named: str | None = None) -> str:
    """The format of a file: one of `FORMATS`, or `safetensors`.

    Args:
        named: the format, where the user has said it.

    Raises:
        UsageError: no such format.
        ModelError: none of them, or it can't be read.
    """
    if named is not None:
        if named not in FORMATS:
            raise UsageError(f"'{named}' is no file format", f"Use one of {', '.join(FORMATS)}.")
        return named
    with reading(path), path.open("rb") as file:
        start = file.read(SAMPLE)
    if start.startswith(GZIP):
        start = _unpacked(start)
        if (inner := _by_magic(start)) is not None:
            raise ModelError(f"'{path}' is {inner} packed with gzip", f"Unpack it first, as in: gunzip -k {path}")
    found = _by_magic(start) or _by_text(start.removeprefix(BOM))
    if found is None and path.suffix == ".safetensors":
        return SAFETENSORS  # a damaged one, of which its own reader says more
    if found == "zip" and b"data.pkl" in start:
        raise ModelError(f"'{path}' is PyTorch's pickle, which could run any code", "Convert it to safetensors.")
    if found == "zip":
        raise ModelError(f"'{path}' is a zip archive", "Unpack it first, and name the file inside.")
    if found is None:
        raise ModelError(f"can't tell what '{path}' is", f"{KNOWN} If it is one of them, name its --file-format.")
    return found


def _by_magic(start: bytes) -> str | None:
    if start.startswith(b"GGUF"):
        return "gguf"
    if start.startswith(b"\x93NUMPY"):
        return "npy"
    if start.startswith(b"PK\x03\x04"):
        return "zip"
    if len(start) > 2 and start[0] == 0x80 and 2 <= start[1] <= 5:  # a pickle's first opcode, and its protocol
        return "gensim"
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 1 << 32:
        return SAFETENSORS
    return None


def _by_text(start: bytes) -> str | None:
    first, _, rest = start.partition(b"\n")
    second = rest.partition(b"\n")[0]
    if read_counts(first, second):
        return "word2vec" if _is_text(rest[:512]) or not rest else "word2vec-binary"
    lines = start.split(b"\n")
    return "glove" if count_numbers(lines[:-1] if len(lines) > 1 else lines) else None


def _is_text(start: bytes) -> bool:
    """Whether these are lines of words and numbers, and not words and the bits of floats."""
    if CONTROL.search(start):
        return False
    valid = codecs.getincrementaldecoder("utf-8")("ignore").decode(start).encode() == start[: len(start)]
    return valid or count_numbers(start.split(b"\n")[:1]) > 0


def _unpacked(start: bytes) -> bytes:
    """The first bytes inside gzip data; empty where that is damaged."""
    try:
        return zlib.decompressobj(31).decompress(start, SAMPLE)
    except (zlib.error, gzip.BadGzipFile):
        return b""
