"""What a few rows answer: dot products, splits, a vector, a model."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer


@dataclass(frozen=True, slots=True)
class Survey(Answer):
    """A model on the Hub that has not been fetched: as `Info`, and what fetching it would cost.

    Attributes:
        travels: bytes that would be fetched: matrix, header, tokenizer.
        repository_bytes: of all files of the model.
        file: in which the matrix lies.
    """

    rows: int
    dimensions: int
    parameters: int
    bytes: int
    tied: bool
    unembedding: str
    side: str
    tensor: str
    file: str
    travels: int
    repository_bytes: int


@dataclass(frozen=True, slots=True)
class Info(Answer):
    """A model's matrix and where it lies.

    Attributes:
        rows, dimensions: of the matrix; parameters is their product.
        tokens: rows that have a token; the others pad the matrix.
        bytes: of the matrix.
        tied: whether the model has no unembedding of its own; unembedding is its name where it has. None
            both for word vectors, which have no such thing.
        side: which of the two this is, `input` or `output`.
        zero_rows, bad_rows: rows of length zero, and rows with NaN or infinity, which no list shows.
        path: the file that is mapped; tensor its name inside.
        source: `hub`, `cache`, `local` or `bundled`.
        sha256: of the matrix's bytes.
    """

    rows: int
    dimensions: int
    parameters: int
    tokens: int
    bytes: int
    tied: bool | None
    unembedding: str | None
    side: str
    zero_rows: int
    bad_rows: int
    source: str
    tensor: str
    path: str
    sha256: str
