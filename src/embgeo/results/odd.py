"""Which of several words does not belong."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Term, Token


@dataclass(frozen=True, slots=True)
class OddWord:
    """A word, and its cosine with the mean of all the words' unit vectors."""

    rank: int
    term: str
    tokens: tuple[Token, ...]
    centrality: float


@dataclass(frozen=True, slots=True)
class Odd(Answer):
    """Which of several words does not belong: the one with the lowest centrality; `words` stand from the odd one on."""

    terms: tuple[Term, ...]
    odd: str
    words: tuple[OddWord, ...]
