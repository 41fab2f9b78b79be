"""The tokens that complete an analogy."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.neighbors import ExcludedToken, Neighbors


@dataclass(frozen=True, slots=True)
class Analogy(Neighbors):
    """The tokens that complete an analogy, and where its inputs would have stood."""

    method: str
    excluded: tuple[ExcludedToken, ...]
