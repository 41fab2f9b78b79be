"""What the reader of a vector-file format takes and returns. Each format's module has `read(source) -> VectorFile`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embgeo.errors import Report
from embgeo.formats.encoding import UTF8, Encoding
from embgeo.formats.ngrams import NGrams
from embgeo.formats.safetensors import Header, Tensor
from embgeo.formats.token_table import TokenTable
from embgeo.formats.watched import Watched


@dataclass(frozen=True, slots=True)
class VectorSource:
    """A file to read.

    Attributes:
        path: the file.
        place: the folder for a converted matrix.
        choose: picks the embedding by name where a file has several matrices.
        tensor, side: the requested matrix of a file that holds a whole model.
        forced: whether the user named the format, so that the file is read even if it looks like another one.
        report: called with the progress of a conversion.
        limit: read only the first `limit` words.
        encoding: of the words.
    """

    path: Path
    place: Path
    choose: Callable[[Header], Tensor]
    tensor: str | None
    side: str
    report: Report
    forced: bool = False
    limit: int | None = None
    encoding: Encoding = UTF8


@dataclass(frozen=True, slots=True)
class VectorFile:
    """A matrix that can be mapped, and its words.

    Attributes:
        matrix: the file that holds the numbers: the source itself, or its conversion.
        tensor: where they lie, of shape [rows, dims].
        table: the words or tokens, one for each row.
        watched: the files that this depends on, recorded before any of them was read.
        unembedding: the name of the output matrix; empty where it is the embedding, None for word vectors.
        notes: what every answer should mention.
        headless: whether the model is an encoder without an output head.
        ngrams: what words that aren't in the file are made of; None for all formats but fastText's.
    """

    matrix: Path
    tensor: Tensor
    table: TokenTable
    watched: tuple[Watched, ...]
    unembedding: str | None = None
    notes: tuple[str, ...] = ()
    headless: bool = False
    ngrams: NGrams | None = None
