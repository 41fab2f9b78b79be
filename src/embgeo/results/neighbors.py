"""Ranked lists of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from embgeo.results.base import Answer, Query, Token


@dataclass(frozen=True, slots=True)
class Neighbour(Token):
    """A token in a ranked list.

    Attributes:
        rank: its place, from 1.
        score: cosine or dot product (higher is nearer), or Euclidean distance (lower is nearer).
        variants: how many other spellings (case, leading space) it stands for; 0 in raw lists.
    """

    rank: int
    score: float
    variants: int


@dataclass(frozen=True, slots=True)
class LeftOut(Token):
    """An input that a list leaves out: its score, and the rank it would have had.

    Of many questions asked together, the rank is only known of inputs that would stand within the list; else None.
    """

    score: float
    rank: int | None


@dataclass(frozen=True, slots=True)
class Neighbours(Answer):
    """The tokens nearest to a query by a metric; a sequence of `Neighbour`."""

    query: Query
    metric: str
    results: tuple[Neighbour, ...]

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, index: int) -> Neighbour:
        return self.results[index]

    def __iter__(self) -> Iterator[Neighbour]:
        return iter(self.results)


@dataclass(frozen=True, slots=True)
class Analogy(Neighbours):
    """The tokens that complete an analogy, and where its inputs would have stood."""

    method: str
    excluded: tuple[LeftOut, ...]
