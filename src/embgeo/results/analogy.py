"""The tokens that complete an analogy."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.neighbors import Neighbors


@dataclass(frozen=True, slots=True)
class Analogy(Neighbors):
    """The tokens that complete A - B + C; a sequence of `Neighbor`.

    Attributes:
        method: a key of `objectives.ANALOGY_METHODS`.
    """

    method: str
