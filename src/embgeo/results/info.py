"""Facts about a model's matrix."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer


@dataclass(frozen=True, slots=True)
class Survey(Answer):
    """A model on the Hub that has not been fetched: as `Info`, and what fetching it would cost.

    Attributes:
        bytes: size of the matrix.
        tied, unembedding: as in `Info`.
        file: the file that holds the matrix.
        travels: bytes to fetch: matrix, header, tokenizer.
        repository_bytes: size of all files of the model.
        layer_bytes: further bytes to fetch for questions about texts (`context`, `next`, `search`): all tensors that
            the layers need; None for a model whose layers embgeo doesn't run.
    """

    rows: int
    dimensions: int
    parameters: int
    bytes: int
    tied: bool | None
    unembedding: str
    side: str
    tensor: str
    file: str
    travels: int
    repository_bytes: int
    layer_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Citation(Answer):
    """How to cite a matrix.

    Attributes:
        text: a sentence that names the model, its revision, the matrix with its digest, and embgeo's version.
        bibtex: an entry for embgeo and one for the model.
    """

    text: str
    bibtex: str


@dataclass(frozen=True, slots=True)
class Info(Answer):
    """A model's matrix and where it is stored.

    Attributes:
        rows, dimensions: shape of the matrix.
        parameters: rows x dimensions.
        tokens: rows that have a token; the others pad the matrix.
        bytes: size of the matrix.
        tied: whether the embedding is also the unembedding; None for an encoder without an output head, for word
            vectors and for positions.
        unembedding: name of a separate unembedding; empty if the embedding is it or stands in for it, None for word
            vectors and positions.
        side: `input`, `output` or `position`.
        zero_rows: rows of length zero.
        bad_rows: rows with NaN or infinity, which no list shows.
        source: `hub`, `cache`, `local` or `bundled`.
        tensor: name of the matrix in its file.
        path: the mapped file; empty for a control, which is made in memory.
        full_name: the model's name on the Hub, whatever it is called here; for local files the full path.
        layer_bytes: of all tensors that its layers need besides the matrix; None for a model whose layers embgeo
            doesn't run.
        layer_bytes_here: how many of them are on this machine; the others are fetched by the first question that runs
            them.
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
    full_name: str
    layer_bytes: int | None
    layer_bytes_here: int
