"""Dot products of terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from embgeo.results.base import Answer, Token
from embgeo.results.records import Record, as_data

PERPENDICULAR: Final = 0.1  # |cosine| below this: an angle between 84.3 and 95.7 degrees


@dataclass(frozen=True, slots=True)
class DotPair:
    """Dot product and cosine of two terms.

    Attributes:
        a, b: the terms as typed.
        dot: dot product of the raw vectors.
        cosine: from -1 to 1; 0 if a vector has length zero.
        relation: `aligned`, `perpendicular` (|cosine| below `PERPENDICULAR`) or `opposed`.
        angle: in degrees, from 0 to 180; None if a vector has length zero.
    """

    a: str
    b: str
    dot: float
    cosine: float
    relation: str
    angle: float | None


@dataclass(frozen=True, slots=True)
class TermLength:
    """A term and the Euclidean length of its vector."""

    term: str
    tokens: tuple[Token, ...]
    norm: float


@dataclass(frozen=True, slots=True)
class DotProducts(Answer):
    """Dot product and cosine of every two terms, in the order given."""

    terms: tuple[TermLength, ...]
    pairs: tuple[DotPair, ...]

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return " · ".join(term.term for term in self.terms)

    def records(self) -> list[Record]:
        """A row for each pair."""
        return [as_data(pair) for pair in self.pairs]
