"""Words along a direction."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Term, Token


@dataclass(frozen=True, slots=True)
class WordScore:
    """A word along a direction: the dot product of its row with the raw difference, and their cosine."""

    term: str
    tokens: tuple[Token, ...]
    dot: float
    cosine: float


@dataclass(frozen=True, slots=True)
class DirectionEnd(Token):
    """A token at one end of a direction."""

    rank: int
    dot: float
    cosine: float
    variants: int


@dataclass(frozen=True, slots=True)
class DirectionScores(Answer):
    """Words along a direction.

    Attributes:
        pairs: the terms whose difference it is, first minus second.
        norm: length of the raw difference.
        scores: the words that were asked for.
        order: `increasing`, `decreasing` or `none`: how the dots run in the order given; `none` below two words.
        top, bottom: without words, the two ends of the vocabulary.
    """

    pairs: tuple[tuple[Term, Term], ...]
    norm: float
    scores: tuple[WordScore, ...]
    order: str
    top: tuple[DirectionEnd, ...]
    bottom: tuple[DirectionEnd, ...]


@dataclass(frozen=True, slots=True)
class PercentileScore(WordScore):
    """A word along a direction, and its place in the vocabulary.

    Attributes:
        along: dot products with each component; the first is `dot`.
        percentile: how many per cent of the vocabulary's rows have a lower dot product, equal ones counted half.
    """

    along: tuple[float, ...]
    percentile: float


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """One pair under a direction that it had no part in.

    Attributes:
        first, second: as typed.
        margin: the cosine of first - second with that direction; None where it has none.
        right: whether the first scores higher.
        agreement: mean cosine of the pair's own difference with those of the training pairs (itself left out).
    """

    first: str
    second: str
    margin: float | None
    right: bool
    agreement: float | None


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Pairs that came out right under directions that they had no part in.

    Attributes:
        right, of: how many.
        accuracy: right / of.
        margin: the mean margin.
        pairs: one by one.
    """

    right: int
    of: int
    accuracy: float
    margin: float
    pairs: tuple[PairEvidence, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The same figures with each pair flipped, or not, at random.

    Attributes:
        turnings: how many were tried; `exact` if that is all there are.
        seed: of the random choice.
        accuracy: mean share of held-out pairs that come out right.
        accuracy_high, margin_high: what at most 5 % of the turnings exceed.
        p: the share of turnings whose mean margin is as high as that of the pairs as given.
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
    """How far a direction holds.

    Attributes:
        left_out: each pair under the direction of the others; None for a single pair.
        baseline: None for a single pair.
        agreement, lowest: mean and lowest cosine between the pairs' own differences; None for a single pair.
        test: held-out pairs; None where none were given.
        test_p: the chance that as many come out right if each is a coin's throw.
        holds: whether the pairs have more in common than chance: p of the baseline at most 0.05; None for one pair.
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
    """Words along a direction or subspace, with the evidence for it.

    Attributes:
        direction: what it is called.
        method: `mean`, `pca` or `sum`.
        shares: of the pairs' variance, one for each component, for `pca`.
        norms: length of each component; `norm` is the first.
        saved: the file that it was saved to; empty if it was not.
    """

    direction: str
    method: str
    shares: tuple[float, ...]
    norms: tuple[float, ...]
    evidence: Evidence | None
    saved: str
