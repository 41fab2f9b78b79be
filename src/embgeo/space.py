"""The public API: load a model, ask it questions, and get the frozen answers that the command line prints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

from embgeo.errors import EmbgeoError, Report, silent
from embgeo.models.choice import Choice
from embgeo.models.model import Model
from embgeo.models.open import open_model
from embgeo.results.tabular import Drawable

if TYPE_CHECKING:  # each method imports its own modules, so that loading embgeo stays fast
    import numpy as np
    from numpy.typing import NDArray

    from embgeo.pictures.map.vocabulary_map import VocabularyMap
    from embgeo.questions.direction import Direction
    from embgeo.questions.points import TermLike
    from embgeo.results.analogy import Analogy
    from embgeo.results.between import Between
    from embgeo.results.cluster import Clustering
    from embgeo.results.compare import Comparison
    from embgeo.results.context import Context
    from embgeo.results.dot import DotProducts
    from embgeo.results.eval import AnalogyScores, OddScores, SimilarityScores
    from embgeo.results.export import Export
    from embgeo.results.info import Citation, Info
    from embgeo.results.neighbors import Neighbors
    from embgeo.results.next import Next
    from embgeo.results.odd import Odd
    from embgeo.results.parallel import Parallel
    from embgeo.results.plots.direction import DirectionPlot
    from embgeo.results.plots.neighbors import NeighborsPlot
    from embgeo.results.plots.pairs import PairsPlot
    from embgeo.results.plots.positions import PositionsPlot
    from embgeo.results.positions import PatchGrid, Positions, TokenAtPosition
    from embgeo.results.project import Projection
    from embgeo.results.row_changes import RowChanges
    from embgeo.results.search import Search
    from embgeo.results.similarity import Similarity
    from embgeo.results.space import Space
    from embgeo.results.tokens import Tokens
    from embgeo.results.tour import Tour
    from embgeo.results.unembed import Unembedded
    from embgeo.results.vector import Vector
    from embgeo.results.verify import Verification


class EmbeddingSpace(Model):
    """A model's embedding matrix, ready for questions. Made by `load` and `peek`.

    A term is a word (`cat`), an exact text in extra quotes (`'" cat"'`), a row (`id:3797`) or an expression
    (`king - man + woman`). A vector can stand in its place: an array [dims], an answer such as `space["cat"]`, or a sum
    of such answers, which remembers its terms. Many methods share these parameters:

        k       number of tokens to list.
        raw     list every row separately; by default, spellings of one word fold into the best one.
        words   list only whole words of letters.
        pieces  list parts of longer words too, where the vocabulary marks them (##ing); so does raw.
        multi   how to combine the rows of a word of several tokens: mean, first, last, sum, or error to refuse it.
        report  progress callback, called as report(what, done, total, unit).

    A direction is a `Direction`, an expression such as `woman - man`, a saved one (`@FILE`), or a vector.

    Every method raises `TermError` for a term without a vector, and `UsageError` for an unknown choice or a number out
    of range. Methods that need a direction also raise `TermError` for a vector of length zero.
    """

    __slots__ = ()

    @classmethod
    def of(cls, model: Model) -> Self:
        """The same model with a method for each question."""
        return cls(**{field.name: getattr(model, field.name) for field in fields(Model)})

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix: (rows, dims).

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

    def control(self, kind: str = "random", *, seed: int = 0) -> Self:
        """A control: the same vocabulary with rows unrelated to their words, as a baseline for a finding.

        Nothing is stored, and the rows are the same on every machine. Its `matrix` is an array in memory or, for a
        matrix of more than 256 MB, an object that computes rows when it is sliced.

        Args:
            kind: `random` draws rows from N(0, 0.02), as before training; `shuffled` moves each of the model's own
                rows to another word.
            seed: of the random rows or of the order.

        Raises:
            UsageError: an unknown kind, a negative seed, a space that is itself a control or was opened with `peek`.

        >>> space.control("random").neighbors("cat", k=1)[0].score < 0.3
        True
        >>> space.control("shuffled", seed=1)
        <EmbeddingSpace minilm@53aa51172d14, control=shuffled seed=1: 30,522 x 384 F16>
        """
        from embgeo.models.control import control

        return control(self, kind, seed)

    def neighbors(
        self, term: TermLike, k: int = 10, *, metric: str = "cosine",
        without: TermLike | Direction | Sequence[TermLike | Direction] = (), unit: bool = False,
        keep_inputs: bool = False, raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
        to: EmbeddingSpace | None = None, through: str | os.PathLike[str] | None = None,
    ) -> Neighbors:  # fmt: skip
        """The tokens nearest to a word.

        Args:
            term: a word, an exact text, a row, an expression or a vector.
            k: number of tokens to list.
            metric: `cosine`, `dot` or `euclidean` (the smallest distance comes first).
            without: one direction or several, removed from the query first: `woman - man`, @FILE or a `Direction`.
            unit: scale each term of an expression to length 1 before they are added, as gensim does.
            keep_inputs: list the query's own tokens too.
            raw: list every row separately; by default, spellings of one word fold into the nearest one.
            words: list only whole words of letters.
            pieces: list parts of longer words too, where the vocabulary marks them (##ing).
            multi: how to combine the rows of a word of several tokens: `mean`, `first`, `last`, `sum`, or `error` to
                refuse it.
            to: list the tokens of this other space, by cosine, after the best rotation of the shared words (without
                those of the query).
            through: a rotation saved by `compare`, to the space that it was saved for or to `to`.

        Returns:
            A sequence of `Neighbor`, nearest first, without the query's own tokens. Its `excluded` holds the ranks that
            these would have.

        Raises:
            TermError: the model has no vector for the term, an array has another shape or holds NaN, a vector is of
                another space, or nothing is left without the directions.
            UsageError: an unknown metric, or a negative k.

        >>> [token.text for token in space.neighbors("cat", k=3)]
        ['cats', 'kitten', 'kitty']
        >>> space.neighbors(space["king"] - space["man"] + space["woman"], k=1)[0].text
        'queen'
        """
        from embgeo.questions.neighbors import neighbors

        if to is not None or through is not None:
            from embgeo.questions.across import neighbors_across
            from embgeo.questions.ranking import ListOptions

            return neighbors_across(
                self, term, ListOptions(k, raw, words, multi, pieces), to=to, through=through, metric=metric,
                without=without, unit=unit, keep_inputs=keep_inputs,
            )  # fmt: skip
        return neighbors(
            self, term, k, metric=metric, without=without, unit=unit, keep_inputs=keep_inputs, raw=raw,
            words=words, pieces=pieces, multi=multi,
        )  # fmt: skip

    def neighbors_batch(
        self, terms: Sequence[TermLike] | NDArray[Any], k: int = 10, *, metric: str = "cosine", unit: bool = False,
        keep_inputs: bool = False, raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
    ) -> list[Neighbors | EmbgeoError]:  # fmt: skip
        """The answer of `neighbors` for each term, or the `TermError` that it would raise.

        Much faster than one call for each term. The rank of an excluded token below the end of the list is None.
        Parameters as in `neighbors`.

        Args:
            terms: the terms, or the rows of an array [n, dims].

        Raises:
            UsageError: an unknown metric, or a negative k.

        >>> [answer[0].text for answer in space.neighbors_batch(["cat", "red"])]
        ['cats', 'blue']
        """
        from embgeo.questions.batch import neighbors_batch
        from embgeo.questions.ranking import ListOptions

        options = ListOptions(k, raw, words, multi, pieces)
        return neighbors_batch(self, terms, options, metric=metric, unit=unit, keep_inputs=keep_inputs)

    def analogy(
        self, a: TermLike, b: TermLike, c: TermLike, k: int = 10, *, method: str = "3cosadd", keep_inputs: bool = False,
        raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
    ) -> Analogy:  # fmt: skip
        """Complete an analogy: which words A - B + C is nearest to.

        Args:
            a, b, c: terms; `king`, `man`, `woman` looks for the word that is to woman as king is to man.
            method: a key of `numerics.objectives.ANALOGY_METHODS`, which defines each: `3cosadd`, the cosine with
                unit(a) - unit(b) + unit(c) (Mikolov et al. 2013); `3cosmul` (Levy & Goldberg 2014); `offset`;
                `pairdirection`.
            k: number of tokens to list.
            keep_inputs: rank the three inputs too, which the literature excludes.

        Returns:
            A sequence of `Neighbor`, best first. Its `excluded` holds the ranks that the inputs would have.

        Raises:
            TermError: the model has no vector for a term, or the sum has no direction.
            UsageError: an unknown method, or a negative k.

        >>> space.analogy("king", "man", "woman", k=1)[0].text
        'queen'
        """
        from embgeo.questions.analogy import analogy

        return analogy(
            self, a, b, c, k, method=method, keep_inputs=keep_inputs, raw=raw, words=words, pieces=pieces, multi=multi
        )  # fmt: skip

    def analogy_batch(
        self, triples: Sequence[tuple[TermLike, TermLike, TermLike]], k: int = 10, *, method: str = "3cosadd",
        keep_inputs: bool = False, raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
    ) -> list[Neighbors | EmbgeoError]:  # fmt: skip
        """The answer of `analogy` for each (A, B, C), or the `TermError` that it would raise.

        The rank of an excluded input is None if it is below the end of the list. Parameters as in `analogy`.

        Args:
            triples: A, B and C of each analogy.

        Raises:
            UsageError: an unknown method, or a negative k.

        >>> [answer[0].text for answer in space.analogy_batch([("king", "man", "woman")])]
        ['queen']
        """
        from embgeo.questions.batch import analogy_batch
        from embgeo.questions.ranking import ListOptions

        options = ListOptions(k, raw, words, multi, pieces)
        return analogy_batch(self, triples, options, method=method, keep_inputs=keep_inputs)

    def between(
        self, a: TermLike, b: TermLike, steps: int = 3, k: int = 3, *, straight: bool = False,
        raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
    ) -> Between:  # fmt: skip
        """Points on the way from one word to another, and the tokens near each.

        Args:
            a, b: terms.
            steps: number of points, not counting the two words.
            k: number of tokens for each point.
            straight: interpolate linearly between the vectors, at equal distances; by default, points lie at equal
                angles on the great circle of the two directions (spherical linear interpolation, Shoemake 1985).

        Raises:
            TermError: the model has no vector for a term, or the two are opposed, so that there is no shortest arc, or
                only a straight line through zero.
            UsageError: fewer than one step, or more than a thousand.

        >>> [point.results[0].text for point in space.between("cat", "dog").points]
        ['cats', 'dogs', 'dogs']
        """
        from embgeo.questions.between import between

        return between(self, a, b, steps, k, straight_line=straight, raw=raw, words=words, pieces=pieces, multi=multi)

    def direction(
        self, a: TermLike = "", b: TermLike = "", *, pairs: Sequence[tuple[TermLike, TermLike]] = (),
        method: str = "mean", components: int = 1, unit: bool = False, multi: str = "mean", report: Report = silent,
    ) -> Direction:  # fmt: skip
        """The direction A - B, or of many pairs, and how words score on it.

        The methods `score` and `ends` of the direction return scores.

        Args:
            a, b: a pair; or `a` alone: an expression such as `cats - cat`, a saved direction (`@FILE`), or a vector.
            pairs: more pairs; the direction points from the second term of each to the first.
            method: `mean`, the mean of the raw differences; `pca`, principal components of the centered pairs
                (Bolukbasi et al. 2016); `sum`, the unit difference of the two sums.
            components: number of axes; more than one for `pca` only.
            unit: scale the vectors of all terms to length 1 first; `pca` does so anyway.
            report: called with the number of pairs read.

        Raises:
            TermError: the model has no vector for a term, the terms of a pair have the same vector, or the pairs cancel
                out.
            UsageError: half of a pair, an unknown method, one for a direction that is not learned from pairs, or more
                components than the pairs have.
            FormatError: the file holds no direction.

        >>> space.direction("cats", "cat").score(["dogs", "dog"]).order
        'decreasing'
        """
        from embgeo.questions.direction import direction

        return direction(
            self, a, b, pairs=pairs, method=method, components=components, unit=unit, multi=multi, report=report
        )

    def project(self, term: TermLike, *onto: TermLike | Direction, multi: str = "mean") -> Projection:
        """The part of a vector along a direction or in a subspace.

        NumPy reads the answer as an array [dims].

        Args:
            term: a word, an exact text, a row, an expression or a vector.
            onto: one direction, or several that span a subspace.

        Raises:
            TermError: the model has no vector for a term, or a vector has no direction.
            UsageError: no direction, or a file that can't be read.
            FormatError: a file holds no direction.

        >>> round(space.project("queen", "woman - man").share, 3)
        0.004
        """
        from embgeo.questions.project import project

        return project(self, term, onto, multi=multi)

    def reject(self, term: TermLike, *without: TermLike | Direction, multi: str = "mean") -> Projection:
        """What is left of a vector without its part along a direction.

        NumPy reads the answer as an array [dims].

        Args:
            term: a word, an exact text, a row, an expression or a vector.
            without: one direction, or several that span a subspace. Errors as in `project`.

        >>> round(space.reject("queen", "woman - man").share, 3)
        0.004
        """
        from embgeo.questions.reject import reject

        return reject(self, term, without, multi=multi)

    def parallel(
        self, a: TermLike, b: TermLike, c: TermLike, d: TermLike, *, samples: int = 2000, seed: int = 0,
        multi: str = "mean", report: Report = silent,
    ) -> Parallel:  # fmt: skip
        """Whether A - B and C - D are parallel, compared to chance.

        The answer holds the cosine, the angle in degrees, and a baseline of random figures with sides as close as A to
        C and B to D.

        Args:
            a, b, c, d: terms.
            samples: of the baseline, at most 1,000,000.
            seed: of the samples.
            report: called with the number of draws.

        Raises:
            TermError: the model has no vector for a term, or a difference is zero.
            UsageError: no samples, or a negative seed.

        >>> round(space.parallel("king", "man", "queen", "woman").cosine, 3)
        0.543
        """
        from embgeo.questions.parallel import parallel

        return parallel(self, a, b, c, d, samples=samples, seed=seed, multi=multi, report=report)

    def similarity(
        self, *terms: TermLike, metric: str = "cosine", multi: str = "mean", texts: bool = False, cut: bool = False,
        report: Report = silent,
    ) -> Similarity:  # fmt: skip
        """The similarity of every word with every other.

        The answer holds a matrix [terms, terms]. Takes two terms or more.

        Args:
            metric: `cosine` or `dot`.
            texts: compare whole texts by their sentence vectors (see `encode`) instead of the rows of words.
            cut: with `texts`: truncate those that exceed the model's limit instead of refusing them.

        Raises:
            TermError: the model has no vector for a term, or, for `cosine`, one without a direction.
            UsageError: an unknown metric, or fewer than two terms.
            ModelError: with `texts`, as in `encode`.

        >>> [round(value, 2) for value in space.similarity("cat", "dog").matrix[0]]
        [1.0, 0.42]
        """
        from embgeo.questions.similarity import similarity, similarity_of_texts

        if texts:
            return similarity_of_texts(self, list(map(str, terms)), metric=metric, cut=cut, report=report)
        return similarity(self, terms, metric=metric, multi=multi, report=report)

    def cluster(
        self, *terms: TermLike, groups: int | None = None, multi: str = "mean", report: Report = silent
    ) -> Clustering:
        """Words in groups, each named after the token nearest its mean.

        Groups are clusters by average linkage of cosine distance, as SciPy computes it.

        Args:
            groups: number of groups; None cuts the tree of merges at its widest gap.
            report: called with the number of groups named.

        Raises:
            UsageError: fewer than two terms, an impossible number of groups, or SciPy is not installed.

        >>> [len(one.members) for one in space.cluster("cat", "dog", "red", "blue").groups]
        [2, 2]
        """
        from embgeo.questions.cluster import cluster

        return cluster(self, terms, groups, multi=multi, report=report)

    def odd(self, *terms: TermLike, multi: str = "mean") -> Odd:
        """Which word doesn't belong: the one least like the mean of all.

        It has the lowest cosine with the mean of the unit vectors, as in gensim's `doesnt_match`; of several, it is the
        first. Takes three or more terms.

        >>> space.odd("breakfast", "lunch", "dinner", "car").odd
        'car'
        """
        from embgeo.questions.odd import odd

        return odd(self, list(terms), multi=multi)

    def dot(self, *terms: TermLike, multi: str = "mean", report: Report = silent) -> DotProducts:
        """Dot products and cosines: aligned, perpendicular or opposed.

        The answer holds one of each for every two terms, in the order given.

        Args:
            terms: two or more.
            report: called with the number of terms compared.

        Raises:
            TermError: the model has no vector for a term.
            UsageError: fewer than two terms.

        >>> space.dot("cat", "dog").pairs[0].relation
        'aligned'
        """
        from embgeo.questions.dot import dot

        return dot(self, list(terms), multi=multi, report=report)

    def tokens(self, *texts: str) -> Tokens:
        """How text splits into tokens.

        No special tokens are added.

        Args:
            texts: one or more.

        Raises:
            TermError: a text can't be encoded or, for word vectors, has a word that is not in the list.

        >>> [token.piece for token in space.tokens("embeddings").tokens]
        ['em', '##bed', '##ding', '##s']
        """
        from embgeo.questions.tokens import tokens

        return tokens(self, list(texts))

    def vector(self, term: TermLike, *, multi: str = "mean") -> Vector:
        """A word's vector and its length.

        `space["cat"]` is short for `space.vector("cat")`. NumPy reads the answer as an array of float64 [dims]; it adds
        and scales: `space["king"] - space["man"]`.

        Args:
            term: a word, an exact text, a row, an expression or a vector.

        Raises:
            TermError: the model has no vector for the term.

        >>> import numpy as np
        >>> np.asarray(space["cat"]).shape
        (384,)
        """
        from embgeo.questions.vector import vector

        return vector(self, term, multi=multi)

    def unembed(self, term: TermLike, k: int = 10, *, temperature: float = 1.0, multi: str = "mean") -> Unembedded:
        """The likeliest tokens for a vector: logits and softmax.

        The logits are dot products with every row of the unembedding.

        Args:
            temperature: divides the logits before the softmax; 0 gives the highest logit probability 1 (the lowest id
                of several).

        Raises:
            TermError: the model has no vector for the term, the unembedding has no finite row, or other dimensions.
            UsageError: a negative temperature, a transformed space, or a model without an unembedding.

        >>> space.unembed("cat", k=1)[0].text
        'cat'
        """
        from embgeo.questions.unembed import unembed

        return unembed(self, term, k, temperature=temperature, multi=multi)

    @overload
    def positions(self, term: None = None, *, report: Report = ...) -> Positions: ...

    @overload
    def positions(
        self, term: TermLike, at: int = 0, k: int = 10, *, raw: bool = False, words: bool = False, pieces: bool = False,
        multi: str = "mean", report: Report = ...,
    ) -> TokenAtPosition: ...  # fmt: skip

    def positions(
        self, term: TermLike | None = None, at: int = 0, k: int = 10, *,
        raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean", report: Report = silent,
    ) -> Positions | TokenAtPosition:  # fmt: skip
        """The position embedding, and a token with a position added.

        Without a term, lengths and cosines of all positions. With one, the sum of its vector and the vector of a
        position, and the tokens nearest to the sum. Whichever matrix of the model this is, the others are opened if
        necessary.

        Args:
            at: the position, from 0.

        Raises:
            TermError: no such position, none with a finite vector, or tokens and positions of different width.
            UsageError: a token of a transformed space.
            ModelError: the model stores no position embedding.

        >>> space.positions().order
        'none'
        """
        from embgeo.questions.positions import positions, token_at_position

        if term is None:
            return positions(self, report)
        return token_at_position(
            self, term, at, k, raw=raw, words=words, pieces=pieces, multi=multi, report=report
        )  # fmt: skip

    def patch_positions(self, report: Report = silent) -> PatchGrid:
        """How alike the position vectors of an image's patches are, for a vision transformer.

        The cosines of each patch's position with all others make a map (Dosovitskiy et al. 2021, figure 7): a model
        that has learned the image's plane has high cosines near the patch, and along its row and column. Positions of
        other tokens, such as the class token, come before the patches and are listed separately.

        Raises:
            ModelError: config.json has no `image_size` and `patch_size`, or the positions fill no such grid.
            TermError: a position has no direction.

        >>> from embgeo import load
        >>> grid = load("tests/data/vision/vit", side="position").patch_positions()
        >>> grid.rows, grid.columns, len(grid.special)
        (3, 3, 1)
        """
        from embgeo.questions.patch_grid import patch_grid

        return patch_grid(self, report)

    def plot_pairs(self, *pairs: tuple[str, str], axes: str = "pairs", seed: int = 0, multi: str = "mean") -> PairsPlot:
        """Pairs of words as arrows in a plane.

        All vectors have length 1. The answer's `svg()` is the picture, which notebooks show; its fields give the share
        of the arrows' lengths that lies in the plane, and the same figures by chance.

        Args:
            pairs: the arrow points from the first word of each to the second.
            axes: `pairs`, with the mean of the arrows as the x axis and the first principal component of the rest as
                the y axis; `pca`, the first two principal components; or two expressions separated by a comma, the
                second made perpendicular to the first.
            seed: of the pairs with random ends.

        Raises:
            TermError: the two terms of a pair have the same vector, or the arrows cancel out.
            UsageError: no pairs, or unknown axes.

        >>> plot = space.plot_pairs(("man", "woman"), ("king", "queen"), ("uncle", "aunt"))
        >>> [round(pair.share, 2) for pair in plot.pairs]
        [0.76, 0.62, 0.72]
        """
        from embgeo.questions.plots.pairs import plot_pairs

        return plot_pairs(self, pairs, axes=axes, seed=seed, multi=multi)

    def plot_direction(self, direction: TermLike | Direction, *words: str, seed: int = 0) -> DirectionPlot:
        """Words along a direction, in front of the whole vocabulary.

        The answer holds their scores, a histogram of all tokens, and how often random directions order the words as
        well.

        Args:
            direction: a `Direction`, an expression such as `cats - cat`, a saved one (`@FILE`), or a vector.
            words: one or more, in the order to compare the scores with.
            seed: of the random directions.

        >>> plot = space.plot_direction("cats - cat", "one", "two", "three", "four")
        >>> round(plot.spearman, 2)
        1.0
        """
        from embgeo.questions.plots.direction import plot_direction

        return plot_direction(self, direction, words, seed=seed)

    def plot_similarity(
        self, *terms: str, metric: str = "cosine", multi: str = "mean", texts: bool = False, cut: bool = False,
        report: Report = silent,
    ) -> Similarity:  # fmt: skip
        """The similarity of every word with every other, as a heat map.

        The answer is that of `similarity`, which has a picture of its own: its `svg()`. Parameters and errors as there.

        >>> space.plot_similarity("cat", "dog").svg()[:5]
        '<svg '
        """
        return self.similarity(*terms, metric=metric, multi=multi, texts=texts, cut=cut, report=report)

    def plot_cluster(self, *terms: str, groups: int | None = None, multi: str = "mean") -> Clustering:
        """Words in groups: the tree of merges next to the heat map.

        The answer is that of `cluster`, which has a picture of its own: its `svg()`.

        >>> space.plot_cluster("cat", "dog", "red", "blue").svg()[:5]
        '<svg '
        """
        return self.cluster(*terms, groups=groups, multi=multi)

    def plot_neighbors(
        self, term: str, k: int = 8, *,
        raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
    ) -> NeighborsPlot:  # fmt: skip
        """A graph of a word's neighbors and their neighbors.

        The k tokens nearest by cosine, and the four nearest to each of them. In the picture a token's distance from
        the middle is its angle to the word.

        Raises:
            UsageError: k is not from 1 to 60.

        >>> [node.term for node in space.plot_neighbors("cat", 2).nodes if node.step == 2]
        ['kitty', 'pets', 'puppy']
        """
        from embgeo.questions.plots.neighbors import plot_neighbors

        return plot_neighbors(self, term, k, raw=raw, words=words, pieces=pieces, multi=multi)

    def plot_space(self, *, samples: int = 1000, seed: int = 0, report: Report = silent) -> Space:
        """Lengths, spectrum, and cosines against random directions.

        The answer is that of `space`, which has a picture of its own: its `svg()`. Parameters and errors as there.

        >>> space.plot_space().svg()[:5]
        '<svg '
        """
        return self.space(samples=samples, seed=seed, report=report)

    def plot_compare(
        self, other: EmbeddingSpace, *terms: str, k: int = 10, words: bool = False, bands: int = 20,
        queries: int | None = None, held_out: int = 2000, seed: int = 0, case: str = "fold", report: Report = silent,
    ) -> Comparison:  # fmt: skip
        """Two spaces compared: overlap by band, words in common, and what moved.

        The answer is that of `compare`, with parameters and errors as there, and has a picture of its own: its `svg()`.

        >>> space.plot_compare(space, words=True, queries=10).shares[10]
        10
        """
        return self.compare(
            other, *terms, k=k, words=words, bands=bands, queries=queries, held_out=held_out, seed=seed, case=case,
            report=report,
        )  # fmt: skip

    def plot_positions(self, report: Report = silent) -> PositionsPlot:
        """The position embedding: its curve, and cosines by distance.

        The answer holds the positions along their first three principal components. Errors as in `positions`.

        >>> round(sum(space.plot_positions().variance), 2)
        0.35
        """
        from embgeo.questions.plots.positions import plot_positions

        return plot_positions(self, report)

    def plot_context(
        self, texts: Sequence[str], word: str, *, at: int | None = None, layers: str | None = None,
        precision: str = "float64", special: bool = True, cut: bool = False, report: Report = silent,
    ) -> Context:  # fmt: skip
        """A word's path through the layers: how alike its occurrences are.

        The answer is that of `context` without near words, and has a picture of its own: its `svg()`. Parameters as
        there.

        Raises:
            UsageError: the word occurs only once; and as `context`.

        >>> space.plot_context(["the bank of the river", "money in the bank"], "bank").svg()[:5]
        '<svg '
        """
        from embgeo.questions.plots.context import plot_context

        return plot_context(
            self, texts, word, at=at, layers=layers, precision=precision, special=special, cut=cut, report=report
        )

    def tour(self, report: Report = silent, *, stop: int | None = None) -> Tour:
        """A tour of classic claims about embeddings, each tested on this model.

        The answer states the rule and the commands for each verdict. A claim that can't be checked on the
        model, because it lacks a word or has no positions, says so; no error is raised.

        Args:
            report: progress callback for fetching the position embedding.
            stop: visit only the stop of this number, from 1.

        Raises:
            UsageError: a transformed space, or no such stop.

        >>> space.tour().stops[0].verdict
        'holds'
        """
        from embgeo.questions.tour import tour

        return tour(self, report, stop=stop)

    def space(
        self, k: int = 5, *, samples: int = 1000, queries: int | None = 2048, seed: int = 0, report: Report = silent
    ) -> Space:
        """The space's shape: mean, anisotropy, spectrum, hubs.

        Also the lengths of rows, outlier dimensions and duplicate rows. Rows without a token and rows with NaN or
        infinity count in none of the figures.

        Args:
            k: number of tokens, dimensions and groups in each list.
            samples: number of random pairs of rows, for the mean cosine.
            queries: number of random rows to find the nearest rows of, for hubs; None for all. Each 4,096 take a pass
                over the matrix.
            seed: of both samples.

        Raises:
            UsageError: a number out of range, or a space opened by `peek`, which has single rows only.
            ModelError: no row counts.

        >>> round(space.space(queries=50).anisotropy.cosine, 3)
        0.018
        """
        from embgeo.questions.space import space

        return space(self, k, samples=samples, queries=queries, seed=seed, report=report)

    def words_at_layer(self, layer: int, *, report: Report = silent) -> Self:
        """The vocabulary's whole words at one layer, each run alone, as a space of their own.

        For `compare`, and any other question about single words. A word's row is the mean of the states of its tokens,
        scaled to length 1 and rounded to float16. All words are run once, and then stored.

        Args:
            layer: 0 is the input of the first layer.
            report: called with the number of words run.

        Raises:
            UsageError: no such layer, or a matrix that layers don't start from.
            ModelError: the model has no layers, or embgeo doesn't know how to run them.
            NetworkError: they are not on this machine, and the Hub can't be reached.

        >>> space.words_at_layer(7)
        Traceback (most recent call last):
        embgeo.errors.UsageError: no such layers: '7'; they go from 0 to 6
        """
        from embgeo.questions.layer_space import layer_space

        return self.of(layer_space(self, layer, report))

    def compare(
        self, other: EmbeddingSpace, *terms: str, k: int = 10, top: int = 5, words: bool = False, bands: int = 10,
        counts: str | None = None, queries: int | None = None, held_out: int = 2000, seed: int = 0, case: str = "fold",
        map_file: str | os.PathLike[str] | None = None, force: bool = False, report: Report = silent,
    ) -> Comparison:  # fmt: skip
        """How alike two spaces are, over the words that they share.

        The mean overlap of the k nearest, linear CKA (Kornblith et al. 2019), the correlation of all cosines, and the
        orthogonal Procrustes rotation (Schönemann 1966), tested on words that it was not fitted on. The two can be of
        different models, widths and vocabularies, or sides and transformations of one model.

        Args:
            other: the space to compare with.
            terms: words to show both lists of.
            k: length of the lists that are compared, by cosine, of shared words only.
            top: number of words in each list of the answer.
            words: compare only whole words of letters.
            bands: number of bands of ids, with equally many words in each.
            counts: a file with a word and its count on each line, for bands by frequency too.
            queries: number of random words whose lists are compared; None for all.
            held_out: number of words to test the rotation on, at most a fifth of the shared ones.
            seed: of the random choices.
            case: `fold` matches the remaining words regardless of case, `exact` does not.
            map_file: where to save the rotation, for `neighbors(..., through=FILE)`.
            force: overwrite that file.

        Raises:
            TermError: a word that the two don't share, or fewer than three shared words.
            UsageError: a number out of range, a file that exists or can't be written, or one opened by `peek`.

        >>> found = space.compare(space, queries=10, held_out=10, words=True)
        >>> found.overlap, found.cka, found.alignment.cosine.at_1
        (1.0, 1.0, 1.0)
        """
        from embgeo.questions.compare import compare

        return compare(
            self, other, terms, k, top=top, bands=bands, queries=queries, held_out=held_out, words=words, case=case,
            counts=counts, seed=seed, save=map_file, force=force, report=report,
        )  # fmt: skip

    def compare_rows(
        self, other: EmbeddingSpace, top: int = 5, *, words: bool = False, case: str = "fold", report: Report = silent
    ) -> RowChanges:
        """Which rows differ between two spaces of one vocabulary, how far, and in which common directions.

        For a model before and after fine-tuning. Rows are subtracted as they are, without a rotation; the directions
        are the eigenvectors of the differences' second moment about zero.

        Args:
            other: the space after the change, of the same width.
            top: number of words in each list of the answer.
            words: compare only whole words of letters.
            case: `fold` matches the remaining words regardless of case, `exact` does not.

        Raises:
            TermError: fewer than three shared words.
            UsageError: rows of different width.

        >>> space.compare_rows(space).changed
        0
        """
        from embgeo.questions.row_changes import row_changes

        return row_changes(self, other, top, words=words, case=case, report=report)

    def map(
        self, *, layout: str = "tsne", words: bool = False, top: int | None = None, color: str | None = None,
        pairs: str | os.PathLike[str] | Sequence[tuple[str, str]] = (),
        groups: str | os.PathLike[str] | Mapping[str, Sequence[str]] | None = None, live: str | None = None,
        multi: str = "mean", report: Report = silent,
    ) -> VocabularyMap:  # fmt: skip
        """A map of the whole vocabulary, as one page that opens anywhere.

        The answer's method `save` writes the page, and notebooks show it; `kept` is the share of each token's ten
        nearest that are among its ten nearest in the picture. Neighbors and layout are stored, so that the next map of
        the same tokens is fast.

        Args:
            layout: `tsne`, which keeps near tokens near; `pca`; `umap`, with umap-learn if that is installed; or two
                directions such as `woman - man,cats - cat`, whose cosines are the axes.
            words: only whole words of letters.
            top: only the first `top` tokens; most vocabularies begin with the common ones.
            color: an expression; tokens are colored by their dot product with it.
            pairs: pairs of words drawn as arrows, or a file of them.
            groups: words by the name of their group, or a file of them; each group has its own color.
            live: `float16` or `int8` puts the matrix into the page, which then answers expressions and analogies.

        Raises:
            UsageError: an unknown layout or dtype, fewer than three tokens, or umap-learn is not installed.
            TermError: the model has no vector for a term of the layout or color, or no pair or group is on the map.

        >>> round(space.map(layout="pca", top=500).kept, 3)
        0.026
        """
        from embgeo import __version__
        from embgeo.pictures.map.vocabulary_map import VocabularyMap
        from embgeo.questions.map import MapOptions, map_content

        options = MapOptions(layout, words, top, color, pairs, groups, live, multi)
        return VocabularyMap(map_content(self, options, report), __version__)

    def info(self) -> Info:
        """A model's matrix: its source, shape and size, fetched or not.

        >>> space.info().dimensions
        384
        """
        from embgeo.questions.info import describe

        return describe(self)

    def cite(self) -> Citation:
        """How to cite the matrix and embgeo: a sentence and BibTeX entries.

        >>> space.cite().text.partition(",")[0]
        'sentence-transformers/all-MiniLM-L6-v2'
        """
        from embgeo.questions.citation import cite

        return cite(self.info())

    def verify(self, report: Report = silent) -> Verification:
        """Check a model's bytes, and GPT-2 against published facts.

        >>> space.verify().passed
        True
        """
        from embgeo.questions.verify import verify

        return verify(self, report)

    def export(
        self, out: str | os.PathLike[str], *terms: str, to: str | None = None, dtype: str | None = None,
        words: bool = False, unit: bool = False, force: bool = False, multi: str = "mean", report: Report = silent,
    ) -> Export:  # fmt: skip
        """Write the matrix, some words' rows, or passages of texts with their vectors, to a file.

        Args:
            out: the file; for the format `projector` a folder, in which vectors.tsv and metadata.tsv are written. A
                name without a suffix means such a folder if it exists or ends in a slash.
            terms: the rows to write, each under its term; by default, every row that has a token.
            to: `safetensors`, `npy`, `word2vec`, `word2vec-binary` or `projector`; None: the suffix of `out` decides.
            dtype: `F32`, `F16` or `BF16`, for `safetensors` and `npy`; None: the matrix's own if the format has it.
            words: write only whole words of letters, each under its bare text.
            unit: scale rows to length 1; those of length zero stay as they are.
            force: overwrite existing files.
            report: called with the number of rows written.

        Raises:
            UsageError: a dtype that the format doesn't have, no rows to write, or a file exists.
            ModelError: the file can't be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     space.export(f"{folder}/two.vec", "cat", "dog").rows
        2
        """
        from embgeo.questions.export import export

        return export(
            self, out, terms, to=to, dtype=dtype, words=words, unit=unit, force=force, multi=multi, report=report
        )

    def export_passages(
        self, out: str | os.PathLike[str], *files: str | os.PathLike[str], by: str = "line", to: str | None = None,
        force: bool = False, report: Report = silent,
    ) -> Export:  # fmt: skip
        """Write passages of text files with their vectors, for a search engine or database.

        Each has an id (a UUID of its file, line and text), `file`, `line`, `last_line`, `text`, `cut` (tokens past the
        model's limit) and `vector`. The vectors are those of `search`, and are stored in the same way.

        Args:
            out: a `.parquet` file; a `.npy` file, next to which a `.jsonl` file holds everything except the vectors; or
                a `.lance` folder.
            files: as in `search`.
            by: as in `search`.
            to: `parquet`, `npy` or `lance`; None: the suffix of `out` decides.
            force: overwrite existing files.

        Raises:
            UsageError: an unknown format, a file that exists, a package that isn't installed; and as in `search`.
            ModelError: the file can't be written, or the model doesn't compute vectors of texts.

        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = pathlib.Path(folder, "a.txt").write_text("A cat sleeps.")
        ...     written = space.export_passages(f"{folder}/a.npy", f"{folder}/a.txt")
        >>> written.rows, written.dimensions
        (1, 384)
        """
        from embgeo.questions.export_passages import export_passages

        return export_passages(self, out, list(map(str, files)), by=by, to=to, force=force, report=report)

    def context(
        self, texts: Sequence[str], word: str, k: int = 3, *, at: int | None = None, layers: str | None = None,
        near: str | None = None, precision: str = "float64", special: bool = True, cut: bool = False,
        report: Report = silent,
    ) -> Context:  # fmt: skip
        """A word in context, layer by layer: how alike its occurrences are, and what each is near to.

        Args:
            texts: one or more.
            word: a word or phrase in each of them.
            k: number of near words or tokens to list.
            at: only the word's occurrence of this number in each text, from 1; None: all.
            layers: only these, such as `0-2,6`; those after the last of them are not fetched. None: all.
            near: what to compare with: `words`, the vocabulary's other whole words, each run alone through the same
                layers, once, and then stored; `rows` of the matrix; `texts`, the other words of these texts at the same
                layer; `lens`, the tokens that the unembedding makes likeliest; or `none`. None: the lens for decoders,
                words for encoders.
            precision, special, cut: as in `hidden_states`.

        Raises:
            TermError: the word does not occur in a text; the message shows the text's tokens.
            UsageError: no such layer or occurrence; and as in `hidden_states`.

        >>> texts = ["the bank of the river", "money in the bank"]
        >>> first, last = space.context(texts, "bank", near="none", layers="0,6").layers
        >>> first.cosines[0][1] > last.cosines[0][1]
        True
        """
        from embgeo.questions.context import context

        return context(
            self, texts, word, k, at=at, layers=layers, near=near, precision=precision, special=special, cut=cut,
            report=report,
        )  # fmt: skip

    def next(
        self, text: str, k: int = 10, *, temperature: float = 1.0, lens: bool = False, steps: int = 0,
        seed: int | None = None, precision: str = "float64", special: bool = True, cut: bool = False,
        report: Report = silent,
    ) -> Next:  # fmt: skip
        """The tokens that a model expects after a text, or in place of [MASK].

        The answer holds their logits and probabilities.

        Args:
            text: the beginning of a text; for an encoder, a text with `[MASK]` (or `<mask>`) where tokens are missing.
            k: number of tokens to list.
            temperature: divides the logits before the softmax; 0 gives the highest logit probability 1.
            lens: also what each layer would answer if it were the last: its states through the final norm (recomputed
                for each layer) and the unembedding (nostalgebraist 2020).
            steps: number of tokens to continue the text by; it stops early at a token that ends the text.
            seed: sample those tokens by their probabilities; None takes the likeliest at each step.
            precision, special, cut: as in `hidden_states`.

        Returns:
            A sequence of `LikelyToken`, likeliest first.

        Raises:
            UsageError: a text without a mask for an encoder, an encoder without a head that fills it, a negative
                temperature, or a text that grows past the model's limit.

        >>> space.next("The cat sat on the")
        Traceback (most recent call last):
        embgeo.errors.UsageError: minilm is an encoder: it reads a text from both sides and predicts no next token
        """
        from embgeo.questions.next import next_tokens

        return next_tokens(
            self, text, k, temperature=temperature, lens=lens, steps=steps, seed=seed, precision=precision,
            special=special, cut=cut, report=report,
        )  # fmt: skip

    def search(
        self, query: str, files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], k: int = 10, *,
        by: str = "line", cut: bool = False, index: bool = False, report: Report = silent,
    ) -> Search:  # fmt: skip
        """The lines or paragraphs of your own files nearest in meaning to a query.

        Passages are ranked by the cosines of their vectors (see `encode`) with the query's, or by dot products if the
        model's config_sentence_transformers.json says so. Their vectors are stored under the hash of their text, so
        that only new text is computed. Passages that exceed the model's limit are truncated; their `cut` says by how
        many tokens.

        Args:
            query: a text.
            files: one or more text files, folders (hidden files and what .gitignore names are left out) or globs; `-`
                is standard input. Files that are not UTF-8 text are skipped, with a note.
            by: what a passage is: `line`, `paragraph` or a number of lines.
            cut: truncate a query that exceeds the model's limit instead of refusing it.
            index: look the passages up in an index (usearch, built the first time), which may miss some; the answer
                has its measured recall. By default every passage is compared.

        Returns:
            A sequence of `FoundPassage`, nearest first.

        Raises:
            UsageError: a file that can't be read, no text at all, a query past the model's limit, or an index without
                usearch.
            ModelError: as in `encode`.

        >>> space.search("which word is left over?", ["tests/data/odd.txt"], k=1).passages
        5
        """
        from embgeo.questions.search import search

        several = [files] if isinstance(files, str | os.PathLike) else files
        return search(self, query, [os.fspath(file) for file in several], k, by=by, cut=cut, index=index, report=report)

    def hidden_states(
        self, text: str, *, precision: str = "float64", special: bool = True, cut: bool = False,
        report: Report = silent,
    ) -> NDArray[Any]:  # fmt: skip
        """The hidden states of a text: an array [layers + 1, tokens, dims].

        As in transformers: the first is the input of the first layer, the last is after the final norm, and the
        special tokens of the model's own template are among the tokens.

        Args:
            precision: `float64` or `float32`, for the computation.
            special: add the special tokens, such as [CLS] and [SEP].
            cut: truncate a text that exceeds the model's limit instead of refusing it.

        Raises:
            TermError: an empty text.
            UsageError: a text past the model's limit, an unknown precision, or a matrix that is not the embedding.
            ModelError: the model has no layers, or embgeo doesn't know how to run them.
            NetworkError: the layers are not on this machine, and the Hub can't be reached.
            FormatError: a layer gives NaN or infinity, or a tensor has another shape than config.json implies.

        >>> space.hidden_states("The bank of the river").shape
        (7, 7, 384)
        """
        from embgeo.questions.running import states_of

        return states_of(self, text, precision=precision, special=special, cut=cut, report=report)

    def encode(
        self, texts: Sequence[str], *, precision: str = "float32", cut: bool = False, report: Report = silent
    ) -> NDArray[np.float32]:
        """The vectors of whole texts: an array [texts, dims] of float32.

        By the rules that sentence-transformers publishes with the model (modules.json, 1_Pooling,
        sentence_bert_config.json). The bundled MiniLM: the mean of the last layer's states, scaled to length 1, of at
        most 256 tokens.

        Args:
            precision: `float32` or `float64`, for the computation.
            cut: truncate a text that exceeds the model's limit instead of refusing it.

        Raises:
            ModelError: not a sentence model, or one with a module that embgeo doesn't know; and as in `hidden_states`.

        >>> a, b, c = space.encode(["A cat sleeps.", "A kitten naps.", "Stocks fell."])
        >>> bool(a @ b > a @ c)
        True
        """
        from embgeo.questions.running import encode

        return encode(self, texts, precision=precision, cut=cut, report=report)

    def eval_analogies(
        self, file: str | os.PathLike[str], *, method: str = "3cosadd", reference: str = "embgeo",
        restrict: int | None = None, report: Report = silent,
    ) -> AnalogyScores:  # fmt: skip
        """How many analogies of a file a model completes correctly.

        Args:
            file: Google's format, or a BATS folder.
            method: one of `analogy`, or `3cosavg` or `lrcos`, which learn from all pairs of a relation.
            reference: whose rules to follow, `embgeo` or `gensim` (docs/evaluation.md).
            restrict: use only the first `restrict` rows; None: all, or 300,000 with `gensim`.

        Raises:
            UsageError: an unknown method or reference, fewer than one row, LRCos without scikit-learn, or the file
                can't be read.
            FormatError: the file holds no questions.

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
        """How well cosines agree with human ratings of word pairs.

        The answer holds Pearson's and Spearman's correlation; parameters and errors as in `eval_analogies`.

        >>> space.eval_similarity("tests/data/rated.tsv").models[0].asked
        4
        """
        from embgeo.questions.evaluation.run import similarity_scores

        return similarity_scores([self], Path(file), reference=reference, restrict=restrict)

    def eval_odd_one_out(
        self, file: str | os.PathLike[str], *, reference: str = "embgeo", restrict: int | None = None
    ) -> OddScores:
        """How often the word that doesn't belong, the last of each line, is found.

        Parameters and errors as in `eval_analogies`.

        >>> space.eval_odd_one_out("tests/data/odd.txt").models[0].asked
        3
        """
        from embgeo.questions.evaluation.run import odd_scores

        return odd_scores([self], Path(file), reference=reference, restrict=restrict)[0]

    def __getitem__(self, term: TermLike) -> Vector:
        return self.vector(term)

    def __contains__(self, word: object) -> bool:
        """Whether a word, an exact text or a row is one token of its own; other words may still have a vector."""
        from embgeo.questions.terms import is_one_token

        return isinstance(word, str) and is_one_token(self, word)

    __iter__ = None  # a space is not a sequence: `space[0]` means nothing

    def __len__(self) -> int:
        return self.shape[0]


def _draw(answer: object) -> str:
    """The picture of an answer, as SVG."""
    from embgeo.pictures.figures import figure
    from embgeo.pictures.svg import svg

    return svg(figure(answer))


Drawable.draw = staticmethod(_draw)


@contextmanager
def peek(
    model: str | os.PathLike[str] | None = None, *, revision: str | None = None, side: str = "input",
    tensor: str | None = None, file_format: str | None = None, limit: int | None = None, encoding: str | None = None,
    encoding_errors: str | None = None, case: str | None = None, report: Report = silent,
) -> Iterator[EmbeddingSpace]:  # fmt: skip
    """Open a model on the Hub without fetching its matrix; each question fetches only the rows of its terms.

    The space answers `dot`, `similarity`, `direction(...).score`, `project`, `reject`, `vector` and `tokens`; other
    questions need all rows and raise `UsageError`. Arguments and errors are as in `load`.
    """
    from embgeo.models.peek import peek_model

    name = None if model is None else os.fspath(model)
    choice = Choice(side, tensor, file_format, limit, encoding, encoding_errors)
    with peek_model(name, revision, report, choice) as found:
        yield EmbeddingSpace.of(found).with_case(case)


def load(
    model: str | os.PathLike[str] | None = None, *,
    revision: str | None = None, side: str = "input", tensor: str | None = None, file_format: str | None = None,
    limit: int | None = None, encoding: str | None = None, encoding_errors: str | None = None,
    transform: str | None = None, case: str | None = None, report: Report = silent,
) -> EmbeddingSpace:  # fmt: skip
    """Open a model's embedding space. The first time, it is fetched and prepared; afterwards it is only mapped.

    Args:
        model: `gpt2`, `minilm`, a Hub id (`org/name`, `org/name@revision`), a folder, a .safetensors file, or a file
            of vectors (word2vec, fastText, GloVe, .npy, gensim, GGUF). None: $EMBGEO_MODEL, else `gpt2`, or the
            bundled MiniLM if GPT-2 is not on this machine and the Hub can't be reached.
        revision: branch, tag or commit of a Hub model.
        side: `input` for the embedding, `output` for the unembedding (the same matrix if the two are tied),
            `position` for the position embedding, whose words are 0, 1, 2, ...
        tensor: another matrix of the model, by its name in the file.
        file_format: of a vector file; None detects it from the content.
        limit: read only the first `limit` words of a vector file.
        encoding: of the words of a vector file, if they are not UTF-8: `latin-1`, `cp1252`, `gb18030`, ...
        encoding_errors: how to handle words that are not valid in this encoding: `strict` refuses them, `replace` puts
            U+FFFD in place of what can't be decoded, `ignore` drops it.
        transform: `center`, `remove-top=D`, `whiten` or `inner=causal`; computed once and then stored.
        case: `fold` looks a word up with other capitalization if it isn't there as typed, and adds a note; `exact`
            never does. None: fold only the terms of word vectors.
        report: progress callback for fetching, preparing and transforming.

    Raises:
        ModelError: the model doesn't exist, can't be read or is not supported.
        NetworkError: the model is not on this machine, and the Hub can't be reached.
        UsageError: an unknown side, format or transformation, or a transformation that the model can't have.
    """
    name = None if model is None else os.fspath(model)
    choice = Choice(side, tensor, file_format, limit, encoding, encoding_errors)
    return EmbeddingSpace.of(open_model(name, revision, choice=choice, transform=transform, report=report)).with_case(
        case
    )
