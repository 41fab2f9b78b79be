"""A matrix in NumPy's .npy, with its words in a list next to it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np
from numpy.lib import format as npy

from embgeo.errors import FormatError, Report
from embgeo.formats.converted import MATRIX, ConvertedMatrix, converting
from embgeo.formats.safetensors import Tensor
from embgeo.formats.stream import damaged, read_errors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.word_list import find_list, list_watched, mapped_file, read_list, write_list
from embgeo.formats.writers import ExportRows, write_rows
from embgeo.numerics.dtypes import to_float32
from embgeo.numerics.kernels import pieces

DTYPES: Final = {"<f2": "F16", "<f4": "F32", "<f8": "F64"}  # those that are mapped without a conversion
MAX_HEADER_BYTES: Final = 10_000  # bytes; NumPy has the same limit, but checks it after reading them


def read(source: VectorSource) -> VectorFile:
    """Map a matrix, or convert it where its order or dtype can't be mapped."""
    listed = find_list(source.path)
    watched = list_watched(source.path, listed)
    array = read_array(source.path)
    words = read_list(listed, array.shape[0], source.path, source.encoding)
    return mapped_file(source, locate_matrix(source.path, array, source), words, watched)


def write(files: list[IO[bytes]], rows: ExportRows, dtype: str) -> None:
    """Write NumPy's own file, and the words one per line."""
    names = {safetensors: own for own, safetensors in DTYPES.items()}
    head = {"descr": names[dtype], "fortran_order": False, "shape": (len(rows.words), rows.dims)}
    npy.write_array_header_1_0(files[0], head)
    write_rows(files[0], rows, dtype)
    write_list(files[1], rows.words)


class NpyHeader(NamedTuple):
    """What a .npy file's header says.

    Attributes:
        shape: [rows, dims]
        dtype: NumPy's name of it.
        by_rows: whether the numbers of a row are contiguous.
        start: the byte of the first number.
    """

    shape: tuple[int, int]
    dtype: str
    by_rows: bool
    start: int

    def tensor(self) -> Tensor | None:
        """Where the numbers are, if they can be mapped without a conversion."""
        if self.dtype not in DTYPES or not self.by_rows:
            return None
        size = self.shape[0] * self.shape[1] * np.dtype(self.dtype).itemsize
        return Tensor("array", DTYPES[self.dtype], self.shape, self.start, self.start + size)


def read_array(path: Path) -> NpyHeader:
    """Read and check a .npy file's header.

    Raises:
        FormatError: the file is not a .npy, its size contradicts its shape, or it isn't a matrix of floats.
    """
    with read_errors(path), path.open("rb") as file:
        try:
            shape, columns_first, dtype = read_npy_header(file)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # NumPy reads it as Python's own literals, by several parsers
            raise damaged(path, f"it has no .npy header ({error!s:.100})") from None
        start = file.tell()
    if len(shape) != 2 or dtype.kind != "f" or dtype.itemsize > 8 or min(shape) < 1:
        raise FormatError(f"'{path}' holds {dtype} of shape {list(shape)}, not a matrix of floats [rows, dims]")
    need, have = start + shape[0] * shape[1] * dtype.itemsize, path.stat().st_size
    if need != have:
        raise damaged(path, f"{dtype} of shape {list(shape)} takes {need:,} bytes with the header; it has {have:,}")
    return NpyHeader((shape[0], shape[1]), dtype.str, not columns_first or 1 in shape, start)


def locate_matrix(path: Path, array: NpyHeader, source: VectorSource) -> tuple[Path, Tensor]:
    """The file and place of a matrix that can be mapped: in the .npy itself, or converted."""
    tensor = array.tensor()
    if tensor is not None:
        return path, tensor
    with converting(source.place, array.shape[1]) as out:
        convert(path, array, out, source.report)
    return source.place / MATRIX, out.tensor()


def convert(path: Path, array: NpyHeader, out: ConvertedMatrix, report: Report) -> None:
    """Convert a matrix that is stored column by column, or in another dtype or byte order."""
    order: Any = "C" if array.by_rows else "F"
    matrix = np.memmap(path, np.dtype(array.dtype), "r", array.start, array.shape, order)
    rows, dims = array.shape
    for part in pieces(rows, 4 * dims):
        out.add(to_float32(np.ascontiguousarray(matrix[part]), "F64"))  # [piece, dims]
        report(f"Converting {path.name}", part.stop, rows)


def read_npy_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, column order and dtype of an array; what is no header raises errors of many kinds."""
    version = npy.read_magic(file)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"version {version}")
    at = file.tell()
    length = int.from_bytes(file.read(2 if version == (1, 0) else 4), "little")
    if length > MAX_HEADER_BYTES:
        raise ValueError(f"it claims {length:,} bytes")
    file.seek(at)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # files that Python 2 wrote are fine
        shape, columns_first, dtype = read(file)
    return shape, columns_first, dtype
