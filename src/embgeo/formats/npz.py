"""NumPy's .npz: a matrix, and an array of words or a list of them next to the file. Nothing is unpickled."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np

from embgeo.errors import FormatError
from embgeo.formats import npy
from embgeo.formats.packed import DEFLATED, STORED, CappedFile, damage_errors
from embgeo.formats.stream import MAX_ROW_NUMBERS, damaged, read_errors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word_list import ConvertedWords, converting_words, find_list, list_watched, read_list
from embgeo.numerics.dtypes import to_float32
from embgeo.numerics.kernels import pieces

BLOCK_NUMBERS: Final = 1 << 20  # numbers at a time
MAX_WORD_LENGTH: Final = 10_000  # characters


class Member(NamedTuple):
    """An array of the file."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    by_rows: bool


def read(source: VectorSource) -> VectorFile:
    """Convert the matrix."""
    path = source.path
    watched: tuple[Watched, ...] = (Watched.of(path),)
    unreadable: tuple[type[Exception], ...] = (*damage_errors(), ValueError, NotImplementedError, OverflowError)
    with read_errors(path), path.open("rb") as raw:
        try:
            archive = _opened(raw, path)
            members = [_member(archive, entry) for entry in archive.infolist() if entry.filename.endswith(".npy")]
            matrix = _only([one for one in members if one.dtype.kind == "f" and len(one.shape) == 2], members, path)
            words, listed = _words(archive, members, matrix, source)
            with converting_words(source, matrix.shape[1]) as out:
                _convert(archive, matrix, words, out, source)
        except unreadable as error:
            raise damaged(path, f"at byte {raw.tell():,} its arrays can't be read ({error!s:.120})") from None
    unused = [one.name for one in members if one.name not in (matrix.name, listed if isinstance(listed, str) else "")]
    notes = (f"arrays left out: {', '.join(unused[:5])}",) if unused else ()
    watched = list_watched(path, listed) if isinstance(listed, Path) else watched
    return out.file(*watched, notes=notes)


def _opened(raw: IO[bytes], path: Path) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(CappedFile(raw))
    for entry in archive.infolist():
        if entry.flag_bits & 1 or entry.compress_type not in (STORED, DEFLATED):
            raise damaged(path, f"'{entry.filename}' in it is not packed as NumPy does")
    return archive


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Member:
    with archive.open(entry) as file:
        try:
            shape, by_columns, dtype = npy.read_npy_header(file)
        except Exception as error:  # noqa: BLE001  # as in npy.read_array
            raise ValueError(f"'{entry.filename}' has no .npy header: {error!s:.80}") from None
    return Member(entry.filename.removesuffix(".npy"), shape, dtype, not by_columns or 1 in shape)


def _only(matrices: list[Member], members: list[Member], path: Path) -> Member:
    """The matrix: the only one, or the one with as many rows as there are words."""
    lengths = {one.shape[0] for one in members if one.dtype.kind in "US" and len(one.shape) == 1}
    fitting = matrices if len(matrices) == 1 else [one for one in matrices if one.shape[0] in lengths]
    if len(fitting) != 1:
        shown = ", ".join(f"{one.name} {one.dtype} {list(one.shape)}" for one in members[:8])
        raise FormatError(
            f"'{path}' has {len(matrices)} matrices of floats; expected one, and an array of words",
            f"It has {shown}." if members else "Write it with np.savez(file, words=words, vectors=matrix).",
        )
    rows, dims = fitting[0].shape
    if rows < 1 or not 1 <= dims <= MAX_ROW_NUMBERS:
        raise damaged(path, f"its matrix is {rows:,} x {dims:,}")
    return fitting[0]


def _words(
    archive: zipfile.ZipFile, members: list[Member], matrix: Member, source: VectorSource
) -> tuple[list[bytes], str | Path]:
    """The words, and the name of their array or the list next to the file."""
    rows = matrix.shape[0]
    arrays = [one for one in members if one.dtype.kind in "US" and one.shape == (rows,)]
    if len(arrays) == 1:
        return _texts(archive, arrays[0], source), arrays[0].name
    if objects := [one.name for one in members if one.dtype.kind == "O"]:
        hint = "Write the words as text: np.savez(file, words=np.array(words, dtype=str), vectors=matrix)."
        raise FormatError(f"'{objects[0]}' in '{source.path}' is a pickle, which could run any code", hint)
    listed = find_list(source.path)
    return read_list(listed, rows, source.path, source.encoding), listed


def _texts(archive: zipfile.ZipFile, array: Member, source: VectorSource) -> list[bytes]:
    size, found = array.dtype.itemsize, []
    if not 0 < size <= 4 * MAX_WORD_LENGTH:
        raise ValueError(f"words of {size:,} bytes")
    step = max(1, 4 * BLOCK_NUMBERS // size)
    with archive.open(array.name + ".npy") as file:
        npy.read_npy_header(file)
        for at in range(0, array.shape[0], step):
            block = np.frombuffer(_exactly(file, size * min(step, array.shape[0] - at)), array.dtype)
            texts = block.tolist()
            if array.dtype.kind == "U":
                found += [text.encode("utf-8", "replace") for text in texts]
            else:
                found += source.encoding.utf8(texts)
    if b"" in found:
        raise damaged(source.path, f"row {found.index(b'') + 1:,} has no word")
    return found


def _convert(
    archive: zipfile.ZipFile, matrix: Member, words: list[bytes], out: ConvertedWords, source: VectorSource
) -> None:
    rows, dims = matrix.shape
    if not matrix.by_rows:
        hint = "Write it as np.savez(file, words=words, vectors=np.ascontiguousarray(matrix))."
        raise FormatError(f"the matrix of '{source.path}' is stored column by column", hint)
    with archive.open(matrix.name + ".npy") as file:
        npy.read_npy_header(file)
        for part in pieces(rows, 4 * dims):
            size = (part.stop - part.start) * dims * matrix.dtype.itemsize
            block = np.frombuffer(_exactly(file, size), matrix.dtype).reshape(-1, dims)  # [piece, dims]
            out.add(words[part], to_float32(block, "F64"))
            source.report(f"Converting {source.path.name}", part.stop, rows, "rows")
            if out.full:
                return


def _exactly(file: IO[bytes], count: int) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise ValueError("an array ends too early")
    return found
