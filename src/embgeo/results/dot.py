"""Dot products of terms."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token


@dataclass(frozen=True, slots=True)
class DotPair:
    """Dot product and cosine of two terms.

    Attributes:
        a, b: the terms as typed.
        dot: dot product of the raw vectors.
        cosine: from -1 to 1; 0 if a vector has length zero.
        relation: `aligned`, `perpendicular` (|cosine| below 0.1) or `opposed`.
    """

    a: str
    b: str
    dot: float
    cosine: float
    relation: str


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
