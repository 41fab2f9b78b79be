"""The files in which vectors are exchanged with other programs: how each is written, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any, Final, Literal, NamedTuple

import numpy as np

from embgeo.errors import UsageError
from embgeo.formats.safetensors import file_head
from embgeo.numerics.dtypes import F32, as_bytes, from_float32

To = Literal["safetensors", "npy", "word2vec", "word2vec-binary", "projector"]
Dtype = Literal["F32", "F16", "BF16"]
NUMBERS: Final[dict[str, tuple[str, ...]]] = {
    "safetensors": ("F32", "F16", "BF16"), "npy": ("F32", "F16"), "word2vec": ("F32",), "word2vec-binary": ("F32",),
    "projector": ("F32",),
}  # fmt: skip
NUMPY_NAMES: Final = {"F32": "<f4", "F16": "<f2"}
STAND_IN: Final = "␣"  # for white space that would end a word in the file


class Rows(NamedTuple):
    """What is to be written.

    Attributes:
        words: one for each row.
        blocks: the rows in order, [block, dims] each.
        dims: numbers in a row.
    """

    words: list[str]
    blocks: Iterator[F32]
    dims: int


def writable(word: str, form: str) -> str:
    """A word as a file of this format can hold it: white space that ends a word there is drawn as ␣."""
    ends = str.isspace if form.startswith("word2vec") else "\t\n\r\v\f\0".__contains__
    shown = "".join(STAND_IN if ends(character) else character for character in word)
    return shown.encode("utf-8", "replace").decode()


def _safetensors(files: list[IO[bytes]], rows: Rows, dtype: str) -> None:
    """One tensor, `embedding`, and the words a line each."""
    files[0].write(file_head({"embedding": (dtype, (len(rows.words), rows.dims))}, {"format": "np"}))
    _write_narrow(files, rows, dtype)


def _npy(files: list[IO[bytes]], rows: Rows, dtype: str) -> None:
    """NumPy's own file, and the words a line each."""
    head = {"descr": NUMPY_NAMES[dtype], "fortran_order": False, "shape": (len(rows.words), rows.dims)}
    np.lib.format.write_array_header_1_0(files[0], head)
    _write_narrow(files, rows, dtype)


def _write_narrow(files: list[IO[bytes]], rows: Rows, dtype: str) -> None:
    for block in rows.blocks:
        with np.errstate(over="ignore"):
            narrow: Any = from_float32(block, dtype)
        if dtype == "F16" and (np.isinf(narrow) & np.isfinite(block)).any():
            raise UsageError("a number is too large for F16, which ends at 65,504", "Write --dtype BF16 or F32.")
        files[0].write(as_bytes(narrow))
    files[1].write("".join(f"{word}\n" for word in rows.words).encode())


def _word2vec(files: list[IO[bytes]], rows: Rows, _dtype: str) -> None:
    """Counts, then a line for each word."""
    files[0].write(f"{len(rows.words)} {rows.dims}\n".encode())
    words = iter(rows.words)
    for block in rows.blocks:
        lines = zip(_texts(block, " "), words, strict=False)  # in this order: words must not run ahead
        files[0].write("".join(f"{word} {numbers}\n" for numbers, word in lines).encode())


def _word2vec_binary(files: list[IO[bytes]], rows: Rows, _dtype: str) -> None:
    """Counts, then each word with its float32 numbers and a line feed, as word2vec's own program writes it."""
    files[0].write(f"{len(rows.words)} {rows.dims}\n".encode())
    words = iter(rows.words)
    for block in rows.blocks:
        little = block.astype("<f4", copy=False)
        for row, word in zip(little, words, strict=False):
            files[0].write(word.encode() + b" " + row.tobytes() + b"\n")


def _projector(files: list[IO[bytes]], rows: Rows, _dtype: str) -> None:
    """The Embedding Projector's two files: numbers, and words without a line of names, as it asks for one column."""
    for block in rows.blocks:
        files[0].write("".join(f"{numbers}\n" for numbers in _texts(block, "\t")).encode())
    files[1].write("".join(f"{word}\n" for word in rows.words).encode())


def _texts(block: F32, between: str) -> Iterator[str]:
    """Each row as text: nine digits at most, which is enough to read back to the same float32."""
    form = between.join(["%.9g"] * block.shape[1])
    return (form % tuple(row) for row in block.tolist())


WRITERS: Final[dict[str, Callable[[list[IO[bytes]], Rows, str], None]]] = {
    "safetensors": _safetensors, "npy": _npy, "word2vec": _word2vec, "word2vec-binary": _word2vec_binary,
    "projector": _projector,
}  # fmt: skip
