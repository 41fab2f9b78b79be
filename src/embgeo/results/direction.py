"""Scores of words along a direction, and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from embgeo.results.base import Answer, Term, Token
from embgeo.results.records import Record, as_data, ids


@dataclass(frozen=True, slots=True)
class WordScore:
    """The score of a word along a direction.

    Attributes:
        term: as typed.
        dot: dot product of the raw vector with the raw direction.
        cosine: of the two, from -1 to 1; 0 for a vector of length zero.
        percentile: percentage of rows with a lower dot product, from 0 to 100; equal rows count half. None with --peek,
            which sees single rows only.
    """

    term: str
    tokens: tuple[Token, ...]
    dot: float
    cosine: float
    percentile: float | None

    def record(self) -> Record:
        """The score as a row."""
        return {
            "term": self.term, "ids": ids(self.tokens), "dot": self.dot, "cosine": self.cosine,
            "percentile": self.percentile,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class DirectionEnd(Token):
    """A token at one end of a direction.

    Attributes:
        rank: from 1, at the end itself.
        dot, cosine: as in `WordScore`.
        variants: as in `Neighbor`.
    """

    rank: int
    dot: float
    cosine: float
    variants: int


@dataclass(frozen=True, slots=True)
class DirectionScores(Answer):
    """Scores of words along a direction, or the two ends of the vocabulary.

    Attributes:
        pairs: the training pairs, first minus second; empty for a direction that was not learned here.
        unit: whether the vectors that the direction is made of were scaled to length 1 first.
        norm: length of the direction.
        scores: one for each word, in the order given; empty for ends.
        order: whether the dot products are `increasing` or `decreasing` in that order, or `none`.
        order_chance: probability that a random order of as many scores would rise (or fall) like this; None for `none`.
        top, bottom: the tokens with the highest and the lowest dot products; empty for scores.
        pieces: whether these may be parts of longer words, such as ##ing; None for scores, and without marks for them.
    """

    pairs: tuple[tuple[Term, Term], ...]
    unit: bool
    norm: float
    scores: tuple[WordScore, ...]
    order: str
    order_chance: float | None
    top: tuple[DirectionEnd, ...]
    bottom: tuple[DirectionEnd, ...]
    pieces: bool | None

    def by_score(self) -> Self:
        """The same answer with the highest score first; `order` remains that of the words as given."""
        return replace(self, scores=tuple(sorted(self.scores, key=lambda score: -score.dot)))

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return " - ".join(term.term for term in self.pairs[0]) if len(self.pairs) == 1 else f"{len(self.pairs)} pairs"

    def records(self) -> list[Record]:
        """A row for each word that was scored, or for each token at the two ends."""
        if self.scores:
            return [score.record() for score in self.scores]
        ends = (("top", self.top), ("bottom", self.bottom))
        return [{"end": name, **as_data(token)} for name, tokens in ends for token in tokens]


@dataclass(frozen=True, slots=True)
class AxesScore(WordScore):
    """The score of a word along each axis of a direction or subspace.

    Attributes:
        along: [components] dot product with each component; the first is `dot`.
    """

    along: tuple[float, ...]

    def record(self) -> Record:
        """The score as a row, with those along the other axes."""
        return WordScore.record(self) | {f"along_{number}": value for number, value in enumerate(self.along[1:], 2)}


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """One held-out pair.

    Attributes:
        first, second: as typed.
        margin: cosine of first - second with the direction learned without the pair, from -1 to 1; None if that
            direction is zero.
        right: whether the first scores higher.
        agreement: mean cosine of the pair's difference with those of the other training pairs; None without any.
    """

    first: str
    second: str
    margin: float | None
    right: bool
    agreement: float | None


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The results of held-out pairs.

    Attributes:
        right: pairs whose first term scores higher.
        of: all pairs.
        accuracy: right / of, from 0 to 1.
        margin: mean margin, with 0 for None.
        pairs: one by one.
    """

    right: int
    of: int
    accuracy: float
    margin: float
    pairs: tuple[PairEvidence, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The same figures for the pairs with random signs.

    Attributes:
        turnings: number of sign flips tried.
        exact: whether these are all possible ones.
        seed: of the random signs.
        accuracy: mean accuracy of the sign flips, from 0 to 1.
        accuracy_high, margin_high: accuracy and mean margin that at most 5% of the sign flips exceed.
        p: share of sign flips with a mean margin at least as high as that of the pairs as given, from 0 to 1.
    """

    turnings: int
    exact: bool
    seed: int
    accuracy: float
    accuracy_high: float
    margin_high: float
    p: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence that a direction generalizes.

    Attributes:
        left_out: each pair with the direction of the others; None for a single pair.
        baseline: the pairs with random signs; None for a single pair.
        agreement, lowest: mean and lowest cosine between the pairs' differences, from -1 to 1; None for a single pair.
            The lowest is None for more than 20,000 pairs too.
        test: the test pairs; None without any.
        test_p: probability that at least as many test pairs are right by chance (1/2 each); None without any.
        holds: whether p of the baseline is at most 0.05; None with too few pairs or sign flips to reach that.
    """

    left_out: HeldOut | None
    baseline: Baseline | None
    agreement: float | None
    lowest: float | None
    test: HeldOut | None
    test_p: float | None
    holds: bool | None


@dataclass(frozen=True, slots=True)
class LearnedDirection(DirectionScores):
    """Scores of words along a direction or subspace, with the evidence for it.

    Attributes:
        direction: its name, such as `cats - cat` or `12 pairs`.
        method: `mean`, `pca` or `sum`; empty for a direction that was not learned.
        shares: [components] shares of the pairs' variance, from 0 to 1, for `pca`; else empty.
        norms: [components] lengths; the first is `norm`.
        evidence: None for a direction without training or test pairs.
        saved: the file that it was saved to; empty if none.
    """

    scores: tuple[AxesScore, ...]
    direction: str
    method: str
    shares: tuple[float, ...]
    norms: tuple[float, ...]
    evidence: Evidence | None
    saved: str

    @property
    def heading(self) -> str:
        """Its name."""
        return self.direction
