"""Ranked lists of another space's tokens."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.neighbors import Neighbors
from embgeo.results.other_space import OtherSpace


@dataclass(frozen=True, slots=True)
class NeighborsAcross(Neighbors):
    """The tokens of another space that are nearest to a query, rotated into it.

    Attributes:
        results: tokens of the other space.
        to: the other space.
        fitted: how many shared words the rotation was fitted on.
        through: the file of the rotation; empty for one that was fitted now, without the query's own words.
    """

    to: OtherSpace
    fitted: int
    through: str
