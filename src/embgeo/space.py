"""The library's face: load a model, ask it questions, get the same frozen answers that the command line prints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

from embgeo.errors import EmbgeoError, Report, silent
from embgeo.models.architectures import Choice
from embgeo.models.model import Model
from embgeo.models.open import open_model

if TYPE_CHECKING:  # each question's own modules are imported when it is asked
    from embgeo.questions.direction import Direction
    from embgeo.results.analogy import Analogy
    from embgeo.results.cluster import Clustering
    from embgeo.results.dot import DotProducts
    from embgeo.results.eval import AnalogyScores, OddScores, SimilarityScores
    from embgeo.results.export import Export
    from embgeo.results.info import Info
    from embgeo.results.neighbors import Neighbors
    from embgeo.results.odd import Odd
    from embgeo.results.parallel import Parallel
    from embgeo.results.positions import Positions, TokenAtPosition
    from embgeo.results.project import Projection
    from embgeo.results.similarity import Similarity
    from embgeo.results.space import Space
    from embgeo.results.tokens import Tokens
    from embgeo.results.tour import Tour
    from embgeo.results.unembed import Unembedded
    from embgeo.results.vector import Vector
    from embgeo.results.verify import Verification


@dataclass(frozen=True, slots=True, repr=False)
class EmbeddingSpace(Model):
    """A model's embedding matrix, ready for questions. Made by `load` and `peek`.

    A term is a word (`cat`), an exact text in quotes of its own (`'" cat"'`), a row (`id:3797`) or an expression
    (`king - man + woman`). What many methods share:

        k      how many tokens to show.
        raw    list every spelling by itself; otherwise spellings of one word fold into the best-placed one.
        words  only whole words of letters.
        multi  what stands for a word of several tokens: mean, first, last, sum or error.

    Every method raises `TermError` for a term that the model has no vector for, or whose vector has no direction, and
    `UsageError` for a parameter out of range.
    """

    @classmethod
    def of(cls, model: Model) -> Self:
        """The same model with the questions as methods."""
        return cls(**{field.name: getattr(model, field.name) for field in fields(Model)})

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and dimensions of the matrix.

        >>> space.shape
        (30522, 384)
        """
        return self.weights.shape

    @property
    def matrix(self) -> Any:
        """The matrix [rows, dims]: a read-only np.memmap in the file's own dtype (bfloat16 as uint16 bits).

        >>> space.matrix.dtype
        dtype('float16')
        """
        return self.weights.rows

    def neighbors(
        self, term: str, k: int = 10, *, metric: str = "cosine",
        without: str | Direction | Sequence[str | Direction] = (),
        raw: bool = False, words: bool = False, multi: str = "mean",
    ) -> Neighbors:  # fmt: skip
        """The tokens nearest to a word.

        Args:
            metric: a key of `numerics.objectives.METRICS`, such as cosine, dot or euclidean (a distance: the smallest
                comes first).
            without: directions to take out of the query first: 'woman - man', @FILE, or a `Direction`.

        >>> [token.text for token in space.neighbors("cat", k=3)]
        ['cats', 'kitten', 'kitty']
        """
        from embgeo.questions.direction import listed
        from embgeo.questions.neighbors import neighbors

        return neighbors(self, term, k, metric=metric, without=listed(without), raw=raw, words=words, multi=multi)

    def neighbors_batch(
        self, terms: Sequence[str], k: int = 10, *, metric: str = "cosine",
        raw: bool = False, words: bool = False, multi: str = "mean",
    ) -> list[Neighbors | EmbgeoError]:  # fmt: skip
        """The answer of `neighbors` for each term, or the error that it would raise: many at once, many times as fast.

        >>> [answer[0].text for answer in space.neighbors_batch(["cat", "red"])]
        ['cats', 'blue']
        """
        from embgeo.questions.batch import ListOptions, neighbors_batch

        return neighbors_batch(self, terms, ListOptions(k, raw, words, multi), metric=metric)

    def analogy(
        self, a: str, b: str, c: str, k: int = 10, *, method: str = "3cosadd", keep_inputs: bool = False,
        raw: bool = False, words: bool = False, multi: str = "mean",
    ) -> Analogy:  # fmt: skip
        """The tokens that complete A - B + C: they are to C as A is to B.

        Args:
            method: a key of `numerics.objectives.ANALOGY_METHODS`, where each is defined, such as 3cosadd, the cosine
                with unit(a) - unit(b) + unit(c) (Mikolov et al. 2013).
            keep_inputs: rank the three inputs too, which the literature leaves out.

        >>> space.analogy("king", "man", "woman", k=1)[0].text
        'queen'
        """
        from embgeo.questions.analogy import analogy

        return analogy(
            self, a, b, c, k, method=method, keep_inputs=keep_inputs, raw=raw, words=words, multi=multi
        )  # fmt: skip

    def analogy_batch(
        self, triples: Sequence[tuple[str, str, str]], k: int = 10, *, method: str = "3cosadd",
        keep_inputs: bool = False, raw: bool = False, words: bool = False, multi: str = "mean",
    ) -> list[Neighbors | EmbgeoError]:  # fmt: skip
        """The answer of `analogy` for each A, B, C, or the error that it would raise.

        The rank of an excluded input is None where it would stand below the list.

        >>> [answer[0].text for answer in space.analogy_batch([("king", "man", "woman")])]
        ['queen']
        """
        from embgeo.questions.batch import ListOptions, analogy_batch

        return analogy_batch(self, triples, ListOptions(k, raw, words, multi), method=method, keep_inputs=keep_inputs)

    def direction(
        self, a: str = "", b: str = "", *, pairs: Sequence[tuple[str, str]] = (), method: str = "mean",
        components: int = 1, multi: str = "mean",
    ) -> Direction:  # fmt: skip
        """The direction A - B, or what many pairs share; `score` and `ends` of it answer.

        Args:
            a, b: a pair; or `a` alone: an expression such as 'cats - cat', or @FILE, a saved direction.
            pairs: more pairs, first minus second.
            method: mean, the mean of the raw differences; pca, principal components of the centered pairs (Bolukbasi
                et al. 2016); sum, the unit difference of the two sums.
            components: how many axes; more than one for pca only.

        >>> space.direction("cats", "cat").score(["dogs", "dog"]).order
        'decreasing'
        """
        from embgeo.questions.direction import direction

        return direction(self, a, b, pairs=pairs, method=method, components=components, multi=multi)

    def project(self, term: str, *onto: str | Direction, multi: str = "mean") -> Projection:
        """The part of a vector along directions, or in the subspace that several span; an array [dims] to NumPy.

        >>> round(space.project("queen", "woman - man").share, 3)
        0.004
        """
        from embgeo.questions.project import project

        return project(self, term, onto, multi=multi)

    def reject(self, term: str, *without: str | Direction, multi: str = "mean") -> Projection:
        """What is left of a vector without its part along directions; an array [dims] to NumPy.

        >>> round(space.reject("queen", "woman - man").share, 3)
        0.004
        """
        from embgeo.questions.reject import reject

        return reject(self, term, without, multi=multi)

    def parallel(
        self, a: str, b: str, c: str, d: str, *, samples: int = 2000, seed: int = 0, multi: str = "mean"
    ) -> Parallel:
        """The angle between A - B and C - D in degrees, beside differences of random words.

        Args:
            samples, seed: of the baseline, each sample four different whole words.

        >>> round(space.parallel("king", "man", "queen", "woman").cosine, 3)
        0.543
        """
        from embgeo.questions.parallel import parallel

        return parallel(self, a, b, c, d, samples=samples, seed=seed, multi=multi)

    def similarity(self, *terms: str, metric: str = "cosine", multi: str = "mean") -> Similarity:
        """Every term against every other: a matrix [terms, terms] of cosines or dot products.

        >>> [round(value, 2) for value in space.similarity("cat", "dog").matrix[0]]
        [1.0, 0.42]
        """
        from embgeo.questions.similarity import similarity

        return similarity(self, terms, metric=metric, multi=multi)

    def cluster(self, *terms: str, groups: int | None = None, multi: str = "mean") -> Clustering:
        """Words in clusters by average linkage of cosine distance, as SciPy computes it.

        Args:
            groups: how many; None cuts the tree of merges at its widest gap.

        >>> [len(one.members) for one in space.cluster("cat", "dog", "red", "blue").groups]
        [2, 2]
        """
        from embgeo.questions.cluster import cluster

        return cluster(self, terms, groups, multi=multi)

    def odd(self, *terms: str, multi: str = "mean") -> Odd:
        """Which word doesn't belong: the lowest cosine with the mean of the unit vectors (gensim's `doesnt_match`).

        >>> space.odd("breakfast", "lunch", "dinner", "car").odd
        'car'
        """
        from embgeo.questions.odd import odd

        return odd(self, list(terms), multi=multi)

    def dot(self, *terms: str, multi: str = "mean") -> DotProducts:
        """Dot products and cosines of every two terms: aligned, perpendicular or opposed.

        >>> space.dot("cat", "dog").pairs[0].relation
        'aligned'
        """
        from embgeo.questions.dot import dot

        return dot(self, list(terms), multi=multi)

    def tokens(self, *texts: str) -> Tokens:
        """How texts split into tokens, without special tokens added.

        >>> [token.piece for token in space.tokens("embeddings").tokens]
        ['em', '##bed', '##ding', '##s']
        """
        from embgeo.questions.tokens import tokens

        return tokens(self, list(texts))

    def vector(self, term: str, *, multi: str = "mean") -> Vector:
        """A term's vector [dims] and its length; `space["cat"]` is short for it, and NumPy reads it as an array.

        >>> import numpy as np
        >>> np.asarray(space["cat"]).shape
        (384,)
        """
        from embgeo.questions.vector import vector

        return vector(self, term, multi=multi)

    def unembed(self, term: str, k: int = 10, *, temperature: float = 1.0, multi: str = "mean") -> Unembedded:
        """The likeliest tokens for a vector: logits with every row of the unembedding, and their softmax.

        Args:
            temperature: of the softmax; 0 puts all weight on the highest logit.

        >>> space.unembed("cat", k=1)[0].text
        'cat'
        """
        from embgeo.questions.unembed import unembed

        return unembed(self, term, k, temperature=temperature, multi=multi)

    @overload
    def positions(self, term: None = None, *, report: Report = ...) -> Positions: ...

    @overload
    def positions(
        self, term: str, at: int = 0, k: int = 10, *, raw: bool = False, words: bool = False, multi: str = "mean",
        report: Report = ...,
    ) -> TokenAtPosition: ...  # fmt: skip

    def positions(
        self, term: str | None = None, at: int = 0, k: int = 10, *,
        raw: bool = False, words: bool = False, multi: str = "mean", report: Report = silent,
    ) -> Positions | TokenAtPosition:  # fmt: skip
        """The position embedding; with a term, the sum of its vector and that of position `at`, counted from 0.

        Raises:
            ModelError: the model stores no position embedding.

        >>> space.positions().order
        'none'
        """
        from embgeo.questions.positions import positions, token_at_position

        if term is None:
            return positions(self, report)
        return token_at_position(self, term, at, k, raw=raw, words=words, multi=multi, report=report)

    def tour(self, report: Report = silent) -> Tour:
        """A walk through the classic claims about embeddings, each judged on this model by a written rule.

        >>> space.tour().stops[0].verdict
        'holds'
        """
        from embgeo.questions.tour import tour

        return tour(self, report)

    def space(
        self, k: int = 5, *, samples: int = 1000, queries: int | None = 2048, seed: int = 0, report: Report = silent
    ) -> Space:
        """The space's shape: lengths, mean, anisotropy, spectrum, outlier dimensions, hubs, duplicates.

        Args:
            k: how many tokens, dimensions and groups to name in each list.
            samples: random pairs of rows, for the mean cosine.
            queries: random rows whose nearest rows are found, for hubs; None for all.
            seed: of both samples.

        >>> round(space.space(queries=50).anisotropy.cosine, 3)
        0.018
        """
        from embgeo.questions.space import space

        return space(self, k, samples=samples, queries=queries, seed=seed, report=report)

    def info(self) -> Info:
        """What the matrix is, and where it lies.

        >>> space.info().dimensions
        384
        """
        from embgeo.questions.info import describe

        return describe(self)

    def verify(self, report: Report = silent) -> Verification:
        """Check the bytes of the matrix, and GPT-2 by published facts.

        >>> space.verify().passed
        True
        """
        from embgeo.questions.verify import verify

        return verify(self, report)

    def export(
        self, out: str | os.PathLike[str], *terms: str, to: str | None = None, dtype: str | None = None,
        words: bool = False, unit: bool = False, force: bool = False, multi: str = "mean", report: Report = silent,
    ) -> Export:  # fmt: skip
        """Write the matrix, or the rows of some terms, to files that other programs read.

        Args:
            out: the file; for the format projector a folder.
            to: safetensors, npy, word2vec, word2vec-binary or projector; None goes by the suffix of `out`.
            dtype: F32, F16 or BF16; None keeps the matrix's own where the format has it.
            unit: scale rows to length 1.
            force: write over files that exist.

        Raises:
            ModelError: the file can't be written.

        >>> import tempfile
        >>> space.export(tempfile.mkdtemp() + "/two.vec", "cat", "dog").rows
        2
        """
        from embgeo.questions.export import export

        return export(
            self, Path(out), terms, to=to, dtype=dtype, words=words, unit=unit, force=force, multi=multi, report=report
        )

    def eval_analogies(
        self, file: str | os.PathLike[str], *, method: str = "3cosadd", reference: str = "embgeo",
        restrict: int | None = None, report: Report = silent,
    ) -> AnalogyScores:  # fmt: skip
        """How many analogies of a file (Google's, or a BATS folder) the model completes correctly.

        Args:
            method: one of those of `analogy`, or 3cosavg or lrcos, which learn from all pairs of a relation.
            reference: whose rules: embgeo or gensim (docs/evaluation.md).
            restrict: only the first so many rows count.

        >>> space.eval_analogies("tests/data/analogies.txt").models[0].total.asked
        5
        """
        from embgeo.questions.evaluation.run import analogy_scores

        return analogy_scores(
            [self], Path(file), method=method, reference=reference, restrict=restrict, listed=False, report=report
        )[0]

    def eval_similarity(
        self, file: str | os.PathLike[str], *, reference: str = "embgeo", restrict: int | None = None
    ) -> SimilarityScores:
        """How well cosines agree with what people say of word pairs: Pearson's and Spearman's correlation.

        >>> space.eval_similarity("tests/data/rated.tsv").models[0].asked
        4
        """
        from embgeo.questions.evaluation.run import similarity_scores

        return similarity_scores([self], Path(file), reference=reference, restrict=restrict)

    def eval_odd_one_out(
        self, file: str | os.PathLike[str], *, reference: str = "embgeo", restrict: int | None = None
    ) -> OddScores:
        """How often the word that doesn't belong, the last of each line, is found.

        >>> space.eval_odd_one_out("tests/data/odd.txt").models[0].asked
        3
        """
        from embgeo.questions.evaluation.run import odd_scores

        return odd_scores([self], Path(file), reference=reference, restrict=restrict)[0]

    def __getitem__(self, term: str) -> Vector:
        return self.vector(term)

    def __len__(self) -> int:
        return self.shape[0]


@contextmanager
def peek(
    model: str | os.PathLike[str] | None = None, *, revision: str | None = None, side: str = "input",
    tensor: str | None = None, file_format: str | None = None, report: Report = silent,
) -> Iterator[EmbeddingSpace]:  # fmt: skip
    """Open a model on the Hub without fetching its matrix: only the rows of the terms in a question are fetched.

    For `dot`, `similarity`, `direction(...).score`, `project`, `reject`, `vector` and `tokens`; arguments and errors as
    for `load`.
    """
    from embgeo.models.peek import peek_model

    name = None if model is None else os.fspath(model)
    with peek_model(name, revision, report, Choice(side, tensor, file_format)) as found:
        yield EmbeddingSpace.of(found)


def load(
    model: str | os.PathLike[str] | None = None, *,
    revision: str | None = None, side: str = "input", tensor: str | None = None, file_format: str | None = None,
    transform: str | None = None, report: Report = silent,
) -> EmbeddingSpace:  # fmt: skip
    """Open a model's embedding space; the first time it is fetched and prepared, after that it is mapped.

    Args:
        model: `gpt2`, `minilm`, a Hub id (`org/name`, `org/name@revision`), a folder, a .safetensors file, or a file
            of vectors (word2vec, fastText, GloVe, .npy, gensim's, GGUF). None is $EMBGEO_MODEL, else `gpt2`, or the
            bundled MiniLM where GPT-2 is neither on this machine nor within reach.
        revision: branch, tag or commit of a Hub model.
        side: `input` for the embedding, `output` for the unembedding (the embedding again where they are tied),
            `position` for the position embedding, whose words are 0, 1, 2, ...
        tensor: a matrix of the model by its own name.
        file_format: of a file of vectors; None detects it from the content.
        transform: `center`, `remove-top=D`, `whiten` or `inner=causal`: this space is computed once and then kept.
        report: called with how far fetching, preparing and transforming are.

    Raises:
        ModelError: no such model, or it can't be read.
        NetworkError: the model is not on this machine, and the Hub can't be reached.
        UsageError: an unknown transformation, or one that the model can't have.
    """
    name = None if model is None else os.fspath(model)
    return EmbeddingSpace.of(
        open_model(
            name, revision, choice=Choice(side, tensor, file_format), transform=transform, report=report
        )
    )  # fmt: skip
