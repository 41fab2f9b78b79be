"""Words among themselves: similarity, groups, parallels."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Term, Token
from embgeo.results.info import Length


@dataclass(frozen=True, slots=True)
class Similarity(Answer):
    """Every word against every other.

    Attributes:
        metric: `cosine` or `dot`.
        terms: the words and their lengths.
        matrix: a row for each word, in the order given.
    """

    metric: str
    terms: tuple[Length, ...]
    matrix: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A word of a group, and its cosine with the group's middle."""

    term: str
    tokens: tuple[Token, ...]
    cosine: float


@dataclass(frozen=True, slots=True)
class Group(Token):
    """Words that belong together, called by the token nearest to their middle (the mean of their unit vectors).

    Attributes:
        cosine: of that token with the middle.
        members: the one nearest to the middle first.
    """

    cosine: float
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Groups(Answer):
    """Words in groups.

    Attributes:
        linkage: how groups are compared: `average` cosine distance.
        asked: how many groups were asked for; None where the widest gap between merges decided.
        groups: in the order in which their first words were given.
    """

    linkage: str
    asked: int | None
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class RandomPairs:
    """Cosines between differences of random words.

    Attributes:
        samples, seed: how many draws of four different words, and from which seed.
        mean, deviation: of their cosines.
        high: what 5 % of them exceed.
        reached: the share of them as high as the answer, itself counted in.
    """

    samples: int
    seed: int
    mean: float
    deviation: float
    high: float
    reached: float


@dataclass(frozen=True, slots=True)
class Parallel(Answer):
    """Whether A - B and C - D run in parallel.

    Attributes:
        terms: a, b, c, d.
        cosine: between the two differences of raw rows.
        angle: in degrees.
        norms: the lengths of the two.
        baseline: None where the vocabulary has no four words to draw.
    """

    terms: tuple[Term, Term, Term, Term]
    cosine: float
    angle: float
    norms: tuple[float, float]
    baseline: RandomPairs | None
