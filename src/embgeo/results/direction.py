"""Words along a direction."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Term, Token


@dataclass(frozen=True, slots=True)
class Score:
    """A word along a direction: the dot product of its row with the raw difference, and their cosine."""

    term: str
    tokens: tuple[Token, ...]
    dot: float
    cosine: float


@dataclass(frozen=True, slots=True)
class End(Token):
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
    scores: tuple[Score, ...]
    order: str
    top: tuple[End, ...]
    bottom: tuple[End, ...]
