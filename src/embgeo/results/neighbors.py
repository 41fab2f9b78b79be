"""Ranked lists of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from embgeo.results.base import Answer, Query, Token


@dataclass(frozen=True, slots=True)
class Neighbor(Token):
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
class ExcludedToken(Token):
    """An input that a list leaves out: its score, and the rank it would have had.

    Of many questions asked together, the rank is only known of inputs that would stand within the list; else None.
    """

    score: float
    rank: int | None


@dataclass(frozen=True, slots=True)
class Neighbors(Answer):
    """The tokens nearest to a query by a metric; a sequence of `Neighbour`."""

    query: Query
    metric: str
    results: tuple[Neighbor, ...]

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, index: int) -> Neighbor:
        return self.results[index]

    def __iter__(self) -> Iterator[Neighbor]:
        return iter(self.results)


@dataclass(frozen=True, slots=True)
class NeighborsWithout(Neighbors):
    """Tokens nearest to what is left of a query.

    Attributes:
        without: the directions taken out of the query, as typed.
        share: of the query's squared length, that went with them.
    """

    without: tuple[str, ...]
    share: float
