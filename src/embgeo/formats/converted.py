"""The float32 matrix that a conversion writes into the store, row by row."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from embgeo.formats.atomic import storing
from embgeo.formats.safetensors import PREFIX, Tensor, file_head
from embgeo.numerics.dtypes import as_bytes

MATRIX: Final = "embedding.safetensors"
NAME: Final = "embedding"
RESERVED: Final = 256  # bytes for a header whose row count is only known at the end


class ConvertedMatrix:
    """Appends rows of float32 to a safetensors file; see `converting`."""

    def __init__(self, file: IO[bytes], dims: int) -> None:
        self._file, self.dims, self.rows = file, dims, 0

    def add(self, block: Any) -> None:
        """Append rows: an array [rows, dims] of little-endian float32, or its bytes."""
        data = block if isinstance(block, bytes | memoryview) else as_bytes(block)
        self.rows += len(data) // (4 * self.dims)
        self._file.write(data)

    def tensor(self) -> Tensor:
        """The tensor of all rows in the finished file."""
        return Tensor(NAME, "F32", (self.rows, self.dims), RESERVED, RESERVED + 4 * self.rows * self.dims)

    def head(self) -> bytes:
        """The header for the rows so far, padded with spaces to `RESERVED` bytes."""
        text = file_head({NAME: ("F32", (self.rows, self.dims))}, {})[PREFIX:].ljust(RESERVED - PREFIX)
        return struct.pack("<Q", len(text)) + text


@contextlib.contextmanager
def converting(place: Path, dims: int) -> Iterator[ConvertedMatrix]:
    """Write the matrix of a folder in the store; if the block raises, no file is left.

    Raises:
        ModelError: the folder can't be written, or the disk is full.
    """
    with storing(place / MATRIX) as file:
        file.write(bytes(RESERVED))
        converted = ConvertedMatrix(file, dims)
        yield converted
        file.seek(0)
        file.write(converted.head())
