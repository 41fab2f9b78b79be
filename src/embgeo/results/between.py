"""Points on the way between two terms, and the tokens near each."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Term
from embgeo.results.neighbors import ExcludedToken, Neighbor
from embgeo.results.records import Record, as_data


@dataclass(frozen=True, slots=True)
class BetweenPoint:
    """One point.

    Attributes:
        share: of the way, from 0 (the first term) to 1 (the second).
        cosines: with the first and the second term, from -1 to 1.
        results: the nearest tokens by cosine, without those of the two terms.
        excluded: the tokens of the two terms, with the ranks that they would have; None below the end of the list.
    """

    share: float
    cosines: tuple[float, float]
    results: tuple[Neighbor, ...]
    excluded: tuple[ExcludedToken, ...]


@dataclass(frozen=True, slots=True)
class Between(Answer):
    """Points on the way from one term to another.

    Attributes:
        terms: the first and the second.
        path: `spherical` or `straight`.
        angle: between the two terms, in degrees.
        points: from the first term to the second, without the two.
        pieces: whether the lists may hold parts of longer words, such as ##ing; None without marks for them.
    """

    terms: tuple[Term, Term]
    path: str
    angle: float
    points: tuple[BetweenPoint, ...]
    pieces: bool | None

    @property
    def heading(self) -> str:
        """The two terms."""
        return " → ".join(term.term for term in self.terms)

    def records(self) -> list[Record]:
        """A row for each token near each point."""
        return [{"share": point.share, **as_data(token)} for point in self.points for token in point.results]
