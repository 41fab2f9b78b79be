"""Files written by an export."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.records import Record, as_data


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A written file and its size in bytes."""

    path: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Export(Answer):
    """Rows of a matrix, or passages with their vectors, written to files that other programs read.

    Attributes:
        rows, dimensions: shape of the written matrix.
        form: `safetensors`, `npy`, `word2vec`, `word2vec-binary` or `projector`; of passages `parquet`, `npy` or
            `lance`.
        numbers: the dtype written; text reads back as the same float32.
        unit: whether rows were scaled to length 1.
        files: the matrix, then its words if they have a separate file.
    """

    rows: int
    dimensions: int
    form: str
    numbers: str
    unit: bool
    files: tuple[WrittenFile, ...]

    def records(self) -> list[Record]:
        """A row for each file."""
        return [as_data(file) for file in self.files]
