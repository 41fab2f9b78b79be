"""The library's front: load a model, ask it questions, get the same frozen results that the command line prints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from embgeo.errors import UsageError
from embgeo.models import loader
from embgeo.models.architectures import POSITION, POSITIONS, Choice
from embgeo.models.model import Embedding
from embgeo.progress import Report, silent

if TYPE_CHECKING:  # each question's own modules are imported when it is asked
    from collections.abc import Sequence

    from embgeo import asked
    from embgeo.questions.direction import Direction
    from embgeo.results.direction import DirectionScores
    from embgeo.results.eval import Odd
    from embgeo.results.export import Exported
    from embgeo.results.info import Dots, Info, Splits, Vector
    from embgeo.results.learnt import LearntDirection
    from embgeo.results.neighbors import Analogy, Neighbours
    from embgeo.results.positions import Positioned, Positions
    from embgeo.results.project import NeighboursWithout, Projection
    from embgeo.results.similarity import Groups, Parallel, Similarity
    from embgeo.results.space import Shape
    from embgeo.results.tour import Tour
    from embgeo.results.unembed import Unembedded


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

    def neighbors(self, term: str, k: int = 10, **options: Unpack[asked.NeighbourOptions]) -> Neighbours:
        """See `embgeo.questions.neighbors.neighbours`."""
        from embgeo.questions.neighbors import neighbours

        return neighbours(self.embedding, term, k, **options)

    def analogy(self, a: str, b: str, c: str, k: int = 10, **options: Unpack[asked.AnalogyOptions]) -> Analogy:
        """See `embgeo.questions.analogy.analogy`."""
        from embgeo.questions.analogy import analogy

        return analogy(self.embedding, a, b, c, k, **options)

    def direction(
        self, a: str = "", b: str = "", *, pairs: asked.Pairs = (), **options: Unpack[asked.DirectionOptions]
    ) -> Direction:  # fmt: skip
        """A direction: of the pair a, b and of more `pairs`, or alone in `a`: an expression, or `@FILE`, one saved.

        See `embgeo.questions.direction.from_pairs` and `from_text`.
        """
        from embgeo.questions.direction import from_pairs, from_text
        from embgeo.vocabulary.expression import is_expression

        if a and not b and not pairs and (a.startswith("@") or is_expression(a)):
            if options.get("method", "mean") != "mean" or options.get("components", 1) != 1:
                raise UsageError(f"'{a}' is not learnt here", "A method and components go with pairs of terms.")
            return from_text(self.embedding, a, multi=options.get("multi", "mean"))
        if a and not b:
            raise UsageError(f"'{a}' is no pair", "A direction takes two terms: embgeo direction cats cat")
        return from_pairs(self.embedding, [*([(a, b)] if a or b else []), *pairs], **options)

    def judged(
        self, direction: Direction, answer: DirectionScores, **options: Unpack[asked.JudgeOptions]
    ) -> LearntDirection:  # fmt: skip
        """Scores or ends along a direction with the evidence for it; see `embgeo.questions.evidence.judged`."""
        from embgeo.questions.evidence import judged

        return judged(direction, answer, **options)

    def project(self, term: str, *onto: str | Direction, **options: Unpack[asked.TermOptions]) -> Projection:
        """See `embgeo.questions.project.projected`."""
        from embgeo.questions.project import projected

        return projected(self.embedding, term, onto, **options)

    def reject(self, term: str, *without: str | Direction, **options: Unpack[asked.TermOptions]) -> Projection:
        """See `embgeo.questions.project.rejected`."""
        from embgeo.questions.project import rejected

        return rejected(self.embedding, term, without, **options)

    def neighbors_without(
        self, term: str, without: str | Direction | Sequence[str | Direction], k: int = 10,
        **options: Unpack[asked.NeighbourOptions],
    ) -> NeighboursWithout:  # fmt: skip
        """See `embgeo.questions.project.neighbours_without`."""
        from embgeo.questions.direction import Direction
        from embgeo.questions.project import neighbours_without

        several = [without] if isinstance(without, str | Direction) else without
        return neighbours_without(self.embedding, term, several, k, **options)

    def parallel(self, a: str, b: str, c: str, d: str, **options: Unpack[asked.SampleOptions]) -> Parallel:
        """See `embgeo.questions.similarity.parallel`."""
        from embgeo.questions.similarity import parallel

        return parallel(self.embedding, a, b, c, d, **options)

    def similarity(self, *terms: str, metric: str = "cosine", **options: Unpack[asked.TermOptions]) -> Similarity:
        """See `embgeo.questions.similarity.similarity`."""
        from embgeo.questions.similarity import similarity

        return similarity(self.embedding, terms, metric=metric, **options)

    def cluster(self, *terms: str, groups: int | None = None, **options: Unpack[asked.TermOptions]) -> Groups:
        """See `embgeo.questions.cluster.clusters`."""
        from embgeo.questions.cluster import clusters

        return clusters(self.embedding, terms, groups, **options)

    def dot(self, *terms: str, **options: Unpack[asked.TermOptions]) -> Dots:
        """See `embgeo.questions.dot.dots`."""
        from embgeo.questions.dot import dots

        return dots(self.embedding, list(terms), **options)

    def tokens(self, *texts: str) -> Splits:
        """See `embgeo.questions.dot.splits`."""
        from embgeo.questions.dot import splits

        return splits(self.embedding, list(texts))

    def vector(self, term: str, **options: Unpack[asked.TermOptions]) -> Vector:
        """See `embgeo.questions.dot.vector`."""
        from embgeo.questions.dot import vector

        return vector(self.embedding, term, **options)

    def odd(self, *terms: str, **options: Unpack[asked.TermOptions]) -> Odd:
        """See `embgeo.questions.odd.odd`."""
        from embgeo.questions.odd import odd

        return odd(self.embedding, list(terms), **options)

    def unembed(
        self, term: str, k: int = 10, *, temperature: float = 1.0, **options: Unpack[asked.TermOptions]
    ) -> Unembedded:
        """See `embgeo.questions.unembed.unembed`; the unembedding of the same model and revision is opened for it."""
        from embgeo.questions.unembed import unembed

        output = self.embedding
        if self.embedding.manifest.unembedding and not self.embedding.manifest.transform:
            from embgeo.models.sides import companion

            output = companion(self.embedding, Choice("output"))
        return unembed(self.embedding, output, term, k, temperature=temperature, **options)

    def positions(self) -> Positions:
        """See `embgeo.questions.positions.positions`; the position embedding of the same model is opened for it."""
        from embgeo.models.sides import companion
        from embgeo.questions.positions import positions

        return positions(companion(self.embedding, POSITIONS))

    def positioned(self, term: str, at: int = 0, k: int = 10, **options: Unpack[asked.ListOptions]) -> Positioned:
        """See `embgeo.questions.positions.positioned`; the position embedding of the same model is opened for it."""
        from embgeo.models.sides import companion
        from embgeo.questions.positions import positioned

        return positioned(self.embedding, companion(self.embedding, POSITIONS), term, at, k, **options)

    def tour(self, report: Report = silent) -> Tour:
        """See `embgeo.questions.tour.tour`."""
        from embgeo.questions.tour import tour

        return tour(self.embedding, report)

    def export(self, out: str | os.PathLike[str], *terms: str, **options: Unpack[asked.ExportOptions]) -> Exported:
        """See `embgeo.questions.export.export`."""
        from embgeo.questions.export import export

        return export(self.embedding, Path(out), terms, **options)

    def describe(self, k: int = 5, **options: Unpack[asked.ShapeOptions]) -> Shape:
        """The shape of the space in figures; see `embgeo.questions.space.shape`."""
        from embgeo.questions.space import shape

        return shape(self.embedding, k, **options)

    def info(self) -> Info:
        """See `embgeo.questions.dot.info`."""
        from embgeo.questions.dot import info

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
    from embgeo.models.peek import peek as peek_at

    with peek_at(model, revision, report, Choice(side, tensor, file_format)) as embedding:
        yield EmbeddingSpace(embedding)


def load(
    model: str | os.PathLike[str] | None = None, *,
    revision: str | None = None, side: str = "input", tensor: str | None = None, file_format: str | None = None,
    transform: str | None = None, report: Report = silent,
) -> EmbeddingSpace:  # fmt: skip
    """Open a model's embedding space; the first time it is fetched and prepared, after that it is mapped.

    Args:
        model: `gpt2`, `minilm`, a Hub id (`org/name`, `org/name@revision`), a folder, a .safetensors file, or a file
            of vectors (word2vec, fastText, GloVe, .npy, gensim's, GGUF); without one $EMBGEO_MODEL, else `gpt2`, or the
            bundled MiniLM where GPT-2 is neither here nor reachable.
        revision: branch, tag or commit of a Hub model.
        side: `input` for the embedding, `output` for the unembedding (the embedding again where they are tied),
            `position` for the position embedding, whose words are 0, 1, 2, ...
        tensor: a matrix of the model by its own name.
        file_format: of a file of vectors, where its content isn't to be asked; one of `sources.vectors.FORMATS`.
        transform: `center`, `remove-top=D`, `whiten` or `inner=causal`: the space so transformed (see `transform`) is
            computed once and then kept.
        report: told how far fetching, preparing and transforming are.

    Raises:
        ModelError: no such model, or it can't be read.
        NetworkError: the model is not on this machine, and the Hub can't be reached.
        UsageError: no such transformation, or one that the model can't have.
    """
    choice = Choice(side, tensor, file_format)
    loaded = loader.load(None if model is None else os.fspath(model), revision, report, choice)
    told = (f"the position embedding answers: {loaded.prepared.manifest.tensor}",) if side == POSITION else ()
    if transform:
        from embgeo.models.transformed import derive

        loaded = derive(loaded, transform, choice, report)
    return EmbeddingSpace(Embedding.of(loaded.prepared, (*loaded.notes, *told)))
