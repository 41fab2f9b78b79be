"""The word that doesn't belong."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Term, Token
from embgeo.results.records import Record, ids


@dataclass(frozen=True, slots=True)
class OddWord:
    """A word and how central it is.

    Attributes:
        rank: from 1, the odd word.
        centrality: cosine with the mean of all words' unit vectors, from -1 to 1.
    """

    rank: int
    term: str
    tokens: tuple[Token, ...]
    centrality: float


@dataclass(frozen=True, slots=True)
class Odd(Answer):
    """The word that doesn't belong: the one with the lowest centrality.

    Attributes:
        terms: in the order given.
        odd: the odd word.
        words: by centrality, the odd word first.
    """

    terms: tuple[Term, ...]
    odd: str
    words: tuple[OddWord, ...]

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return " ".join(term.term for term in self.terms)

    def records(self) -> list[Record]:
        """A row for each word."""
        return [
            {"rank": word.rank, "term": word.term, "ids": ids(word.tokens), "centrality": word.centrality}
            for word in self.words
        ]
