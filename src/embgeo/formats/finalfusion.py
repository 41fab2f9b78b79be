"""finalfusion's .fifu: its words, and their rows mapped where they lie. Words are not made of n-grams here."""

from __future__ import annotations

import mmap
import shlex
import struct
from pathlib import Path
from typing import Final

from embgeo.errors import FormatError
from embgeo.formats.safetensors import Tensor
from embgeo.formats.stream import MAX_ROW_NUMBERS, MAX_WORD_BYTES, damaged, read_errors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word_list import mapped_file, read_word, with_notes

SIMPLE, ARRAY, QUANTIZED, NORMS = 1, 2, 4, 6  # of the format's chunks
HEADS: Final = {SIMPLE: "<Q", 3: "<QIII", 7: "<QIII"}  # chunks of words; 3 and 7 with n-grams too
EXPLICIT: Final = 8  # words and n-grams; its length is false as the Python package writes it
EXPORT: Final = (
    "import sys, finalfusion; from finalfusion.compat import write_word2vec; "
    'write_word2vec("vectors.bin", finalfusion.load_finalfusion(sys.argv[1]))'
)
FLOAT32: Final = 10


def read(source: VectorSource) -> VectorFile:
    """Map the rows of the words."""
    path, watched = source.path, (Watched.of(source.path),)
    with read_errors(path), path.open("rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                _check_kinds(data, path)
                chunks = _chunks(data)
                kind = _kind(chunks)
                words = _words(data, *chunks[kind], kind, source)
                tensor = _tensor(data, *chunks[ARRAY], len(words))
        except (ValueError, struct.error) as error:
            raise damaged(path, str(error)) from None
    notes = ("the n-grams of the file are not used: only its words have vectors",) if kind != SIMPLE else ()
    if NORMS in chunks:
        notes = (*notes, "rows have length 1: the file keeps their lengths apart")
    return with_notes(mapped_file(source, (path, tensor), words, watched), *notes)


def _check_kinds(data: mmap.mmap, path: Path) -> None:
    """Raise an error for chunks that embgeo doesn't read.

    Raises:
        FormatError: it is quantized, or has n-grams of its own.
    """
    magic, version, count = struct.unpack_from("<4sII", data)
    if magic != b"FiFu" or version != 0:
        raise ValueError(f"its version {version:,} is not 0")
    kinds = struct.unpack_from(f"<{count}I", data, 12) if count < 1 << 8 else ()
    if QUANTIZED in kinds or EXPLICIT in kinds:
        why = "is quantized by finalfusion" if QUANTIZED in kinds else "has finalfusion's explicit n-grams"
        hint = f"Convert its words with finalfusion: python -c {shlex.quote(EXPORT)} {shlex.quote(str(path))}"
        raise FormatError(f"'{path}' {why}", hint)


def _kind(chunks: dict[int, tuple[int, int]]) -> int:
    kind = next((kind for kind in HEADS if kind in chunks), None)
    if kind is None or ARRAY not in chunks:
        raise ValueError("it has no chunk of words, or none of numbers")
    return kind


def _chunks(data: mmap.mmap) -> dict[int, tuple[int, int]]:
    """Where each chunk's content starts and stops, by the number of its kind."""
    (count,) = struct.unpack_from("<I", data, 8)
    at = 12 + 4 * count
    found: dict[int, tuple[int, int]] = {}
    while at + 12 <= len(data):
        kind, size = struct.unpack_from("<IQ", data, at)
        start = at + 12
        at = start + size
        if at > len(data):
            raise ValueError(f"a chunk ends at byte {at:,}, and the file has {len(data):,}")
        found.setdefault(kind, (start, at))
    return found


def _words(data: mmap.mmap, start: int, stop: int, kind: int, source: VectorSource) -> list[bytes]:
    count, *_ = struct.unpack_from(HEADS[kind], data, start)
    at, words = start + struct.calcsize(HEADS[kind]), []
    if count < 1 or at + 5 * count > stop:  # a length and a letter each
        raise ValueError(f"it claims {count:,} words in {stop - start:,} bytes")
    for number in range(1, count + 1):
        (length,) = struct.unpack_from("<I", data, at)
        if length > MAX_WORD_BYTES or at + 4 + length > stop:
            raise ValueError(f"it breaks off in word {number:,} of {count:,}, at byte {at:,}")
        words.append(read_word(data[at + 4 : at + 4 + length], source.path, f"word {number:,}"))
        at += 4 + length
    return words


def _tensor(data: mmap.mmap, start: int, stop: int, words: int) -> Tensor:
    """The rows of the words, which come first; those of n-grams follow."""
    rows, dims, kind = struct.unpack_from("<QII", data, start)
    begin = start + 16
    begin += 4 - begin % 4  # four bytes where it is aligned already
    if kind != FLOAT32 or not 1 <= dims <= MAX_ROW_NUMBERS or rows < words or begin + 4 * rows * dims > stop:
        raise ValueError(f"its matrix is {rows:,} x {dims:,} of type {kind}, for {words:,} words")
    return Tensor("storage", "F32", (words, dims), begin, begin + 4 * words * dims)
