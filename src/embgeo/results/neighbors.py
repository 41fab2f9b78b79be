"""Ranked lists of tokens."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Query, Token
from embgeo.results.ranked import Ranked


@dataclass(frozen=True, slots=True)
class Neighbor(Token):
    """A token in a ranked list.

    Attributes:
        rank: from 1.
        score: cosine from -1 to 1 or dot product (higher is nearer), Euclidean distance from 0 (lower is nearer), or
            the score of an analogy method (higher is better).
        variants: number of other spellings (case, leading space) folded into it; 0 in raw lists.
    """

    rank: int
    score: float
    variants: int


@dataclass(frozen=True, slots=True)
class ExcludedToken(Token):
    """A token of the query that the list excludes.

    Attributes:
        score: as in `Neighbor`.
        rank: the rank that it would have, from 1; None in a batch if it is below the end of the list.
    """

    score: float
    rank: int | None


@dataclass(frozen=True, slots=True)
class Neighbors(Ranked[Neighbor], Answer):
    """The tokens nearest to a query by a metric; a sequence of `Neighbor`.

    Attributes:
        metric: `cosine`, `dot` or `euclidean`.
        results: best first.
        excluded: the query's own tokens, with the ranks that they would have; empty if the list includes them.
        pieces: whether the list may hold parts of longer words, such as ##ing; None without marks for them.
    """

    query: Query
    metric: str
    results: tuple[Neighbor, ...]
    excluded: tuple[ExcludedToken, ...]
    pieces: bool | None

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return self.query.text
