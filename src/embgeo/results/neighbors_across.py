"""Ranked lists of another space's tokens."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.neighbors import Neighbors


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
