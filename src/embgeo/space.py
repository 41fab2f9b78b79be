"""The library's front: load a model, ask it questions, get the same frozen results that the command line prints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from embgeo import loader
from embgeo.embedding import Embedding
from embgeo.progress import Report, silent
from embgeo.sources.layout import Choice

if TYPE_CHECKING:  # each question's own modules are imported when it is asked
    from embgeo.directions import Direction
    from embgeo.results.exported import Exported
    from embgeo.results.looked import Dots, Info, Splits, Vector
    from embgeo.results.ranked import Analogy, Neighbours
    from embgeo.results.unembedded import Unembedded


class TermOptions(TypedDict, total=False):
    """How terms are read: `multi` as in `vocabulary.Vocabulary.resolve`."""

    multi: str


class ListOptions(TermOptions, total=False):
    """What a list shows: `raw` and `words` as in `neighbours.neighbours`."""

    raw: bool
    words: bool


class NeighbourOptions(ListOptions, total=False):
    """`metric` as in `neighbours.neighbours`."""

    metric: str


class AnalogyOptions(ListOptions, total=False):
    """`method` and `keep_inputs` as in `analogy.analogy`."""

    method: str
    keep_inputs: bool


class ExportOptions(TermOptions, total=False):
    """As in `export.export`."""

    to: str | None
    dtype: str | None
    words: bool
    unit: bool
    force: bool
    report: Report


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """A model's embedding matrix, ready for questions. Made by `load`."""

    embedding: Embedding

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and dimensions of the matrix."""
        return self.embedding.matrix.shape

    @property
    def matrix(self) -> Any:
        """The matrix [rows, dims]: a read-only np.memmap in the file's own dtype (bfloat16 as uint16 bits)."""
        return self.embedding.matrix.rows

    def neighbors(self, term: str, k: int = 10, **options: Unpack[NeighbourOptions]) -> Neighbours:
        """See `embgeo.neighbours.neighbours`."""
        from embgeo.neighbours import neighbours

        return neighbours(self.embedding, term, k, **options)

    def analogy(self, a: str, b: str, c: str, k: int = 10, **options: Unpack[AnalogyOptions]) -> Analogy:
        """See `embgeo.analogy.analogy`."""
        from embgeo.analogy import analogy

        return analogy(self.embedding, a, b, c, k, **options)

    def direction(self, a: str, b: str, **options: Unpack[TermOptions]) -> Direction:
        """See `embgeo.directions.Direction`."""
        from embgeo.directions import Direction

        return Direction(self.embedding, a, b, **options)

    def dot(self, *terms: str, **options: Unpack[TermOptions]) -> Dots:
        """See `embgeo.lookups.dots`."""
        from embgeo.lookups import dots

        return dots(self.embedding, list(terms), **options)

    def tokens(self, *texts: str) -> Splits:
        """See `embgeo.lookups.splits`."""
        from embgeo.lookups import splits

        return splits(self.embedding, list(texts))

    def vector(self, term: str, **options: Unpack[TermOptions]) -> Vector:
        """See `embgeo.lookups.vector`."""
        from embgeo.lookups import vector

        return vector(self.embedding, term, **options)

    def unembed(
        self, term: str, k: int = 10, *, temperature: float = 1.0, **options: Unpack[TermOptions]
    ) -> Unembedded:
        """See `embgeo.unembed.unembed`; the unembedding of the same model and revision is opened for it."""
        from embgeo.unembed import unembed

        manifest = self.embedding.manifest
        output = self.embedding
        if manifest.unembedding:
            loaded = loader.load(manifest.model, manifest.revision or None, choice=Choice("output"))
            output = Embedding.of(loaded.prepared)
        return unembed(self.embedding, output, term, k, temperature=temperature, **options)

    def export(self, out: str | os.PathLike[str], *terms: str, **options: Unpack[ExportOptions]) -> Exported:
        """See `embgeo.export.export`."""
        from embgeo.export import export

        return export(self.embedding, Path(out), terms, **options)

    def info(self) -> Info:
        """See `embgeo.lookups.info`."""
        from embgeo.lookups import info

        return info(self.embedding)

    def __getitem__(self, term: str) -> Vector:
        return self.vector(term)

    def __len__(self) -> int:
        return self.shape[0]


@contextmanager
def peek(
    model: str | None = None, *, revision: str | None = None, side: str = "input", tensor: str | None = None,
    file_format: str | None = None, report: Report = silent,
) -> Iterator[EmbeddingSpace]:  # fmt: skip
    """Open a model on the Hub without fetching its matrix: only the rows of the terms asked for travel.

    For `dot`, `direction(...).score`, `vector` and `tokens`; arguments and errors as for `load`.
    """
    from embgeo.peek import peek as peek_at

    with peek_at(model, revision, report, Choice(side, tensor, file_format)) as embedding:
        yield EmbeddingSpace(embedding)


def load(
    model: str | os.PathLike[str] | None = None, *,
    revision: str | None = None, side: str = "input", tensor: str | None = None, file_format: str | None = None,
    report: Report = silent,
) -> EmbeddingSpace:  # fmt: skip
    """Open a model's embedding space; the first time it is fetched and prepared, after that it is mapped.

    Args:
        model: `gpt2`, `minilm`, a Hub id (`org/name`, `org/name@revision`), a folder, a .safetensors file, or a file
            of vectors (word2vec, fastText, GloVe, .npy, gensim's, GGUF); without one $EMBGEO_MODEL, else `gpt2`, or the
            bundled MiniLM where GPT-2 is neither here nor reachable.
        revision: branch, tag or commit of a Hub model.
        side: `input` for the embedding, `output` for the unembedding (the embedding again where they are tied).
        tensor: a matrix of the model by its own name.
        file_format: of a file of vectors, where its content isn't to be asked; one of `sources.vectors.FORMATS`.
        report: told how far fetching and preparing are.

    Raises:
        ModelError: no such model, or it can't be read.
        NetworkError: the model is not on this machine, and the Hub can't be reached.
    """
    loaded = loader.load(
        None if model is None else os.fspath(model), revision, report, Choice(side, tensor, file_format)
    )
    return EmbeddingSpace(Embedding.of(loaded.prepared, loaded.notes))
