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
        """What was asked."""
        return self.query.text


@dataclass(frozen=True, slots=True)
class NeighborsWithout(Neighbors):
    """The tokens nearest to a query without its part along directions.

    Attributes:
        without: the removed directions, as typed.
        share: the removed share of the query's squared length, from 0 to 1.
    """

    without: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class ReachedSpace:
    """The space that a query was rotated into; attributes as in `Answer`."""

    model: str
    revision: str
    dtype: str
    transform: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class NeighborsAcross(Neighbors):
    """The tokens of another space that are nearest to a query, rotated into it.

    Attributes:
        results: tokens of the other space.
        to: the other space.
        fitted: how many shared words the rotation was fitted on.
        through: the file of the rotation; empty for one that was fitted now, without the query's own words.
    """

    to: ReachedSpace
    fitted: int
    through: str
