"""Ranked lists for a query without its part along directions."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.neighbors import Neighbors


@dataclass(frozen=True, slots=True)
class NeighborsWithout(Neighbors):
    """The tokens nearest to a query without its part along directions.

    Attributes:
        without: the removed directions, as typed.
        share: the removed share of the query's squared length, from 0 to 1.
    """

    without: tuple[str, ...]
    share: float
