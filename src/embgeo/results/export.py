"""What was written to files."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written."""

    path: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Export(Answer):
    """Rows of a matrix, written to files that other programs read.

    Attributes:
        rows, dimensions: of what was written.
        form: `safetensors`, `npy`, `word2vec`, `word2vec-binary` or `projector`.
        numbers: the dtype written; text holds what reads back to the same float32.
        unit: whether the rows were made to have length 1.
        files: the matrix, then its words where they lie in a file of their own.
    """

    rows: int
    dimensions: int
    form: str
    numbers: str
    unit: bool
    files: tuple[WrittenFile, ...]
