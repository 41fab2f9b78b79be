"""Dot products of terms."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token


@dataclass(frozen=True, slots=True)
class DotPair:
    """Two vectors against each other.

    Attributes:
        a, b: the terms as typed.
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
    """Dot products of every two of the terms."""

    terms: tuple[TermLength, ...]
    pairs: tuple[DotPair, ...]
