"""The tokens that complete an analogy."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.neighbors import ExcludedToken, Neighbors


@dataclass(frozen=True, slots=True)
class Analogy(Neighbors):
    """The tokens that complete A - B + C; a sequence of `Neighbor`.

    Attributes:
        method: a key of `objectives.ANALOGY_METHODS`.
        excluded: A, B and C, with the ranks that they would have; empty if the list includes them.
    """

    method: str
    excluded: tuple[ExcludedToken, ...]
