"""Whether two differences are parallel, compared to chance."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Term
from embgeo.results.records import Record, as_data


@dataclass(frozen=True, slots=True)
class RandomSides:
    """Cosines by chance: of random sides that are as close as A to C and B to D.

    Attributes:
        samples: number of random draws.
        seed: of the draws.
        mean, deviation: mean and standard deviation of their cosines.
        high: the cosine that at most 5% of them exceed.
        reached: share of them with a cosine at least as high as the answer's, which is included, from 0 to 1.
    """

    samples: int
    seed: int
    mean: float
    deviation: float
    high: float
    reached: float


@dataclass(frozen=True, slots=True)
class Parallel(Answer):
    """Whether A - B and C - D are parallel.

    Attributes:
        terms: A, B, C and D.
        cosine: of the two raw differences, from -1 to 1.
        angle: between them in degrees, from 0 to 180.
        norms: lengths of the two differences.
        sides: cosines of A with C and of B with D. Where both are high, A - B and C - D are parallel for that alone.
        baseline: None if the vocabulary has fewer than four words.
    """

    terms: tuple[Term, Term, Term, Term]
    cosine: float
    angle: float
    norms: tuple[float, float]
    sides: tuple[float, float]
    baseline: RandomSides | None

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return "{} - {} and {} - {}".format(*(term.term for term in self.terms))

    def records(self) -> list[Record]:
        """One row, with the baseline in it."""
        named = dict(zip("abcd", (term.term for term in self.terms), strict=True))
        figures = {"cosine": self.cosine, "angle": self.angle, "side_a_c": self.sides[0], "side_b_d": self.sides[1]}
        return [named | figures | (as_data(self.baseline) or {})]
