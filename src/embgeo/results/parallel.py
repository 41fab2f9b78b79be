"""Whether two differences are parallel."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Term


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
