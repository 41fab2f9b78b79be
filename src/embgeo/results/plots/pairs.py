"""Pairs as arrows in a plane."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token
from embgeo.results.records import Record, as_data
from embgeo.results.tabular import Drawable


@dataclass(frozen=True, slots=True)
class PlottedWord:
    """A word's place in the plane.

    Attributes:
        x, y: dot products of its unit vector, less the mean of all, with the two axes.
    """

    term: str
    tokens: tuple[Token, ...]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlottedPair:
    """A pair as an arrow.

    Attributes:
        first, second: as typed; the arrow points from the first to the second.
        share: of the arrow's length that lies in the plane, from 0 to 1.
        cosine: of the arrow with the mean of the other pairs' arrows, from -1 to 1; None for a single pair.
        weak: less than half of its length lies in the plane; drawn dotted.
    """

    first: str
    second: str
    share: float
    cosine: float | None
    weak: bool


@dataclass(frozen=True, slots=True)
class PlaneAxis:
    """An axis of the plane, and the share of the words' variance along it, from 0 to 1."""

    name: str
    variance: float


@dataclass(frozen=True, slots=True)
class PairsChance:
    """The same figures for the pairs with random ends first.

    Attributes:
        turnings: number of sign flips tried.
        exact: whether these are all possible ones.
        seed: of the random signs.
        cosine_high: mean leave-one-out cosine that at most 5% of the sign flips exceed.
        p: share of sign flips with a mean cosine at least as high.
        across: mean share of an arrow's length along the mean of all arrows: an arrow is part of its own mean.
    """

    turnings: int
    exact: bool
    seed: int
    cosine_high: float
    p: float
    across: float


@dataclass(frozen=True, slots=True)
class PairsPlot(Answer, Drawable):
    """Pairs as arrows in a plane.

    Attributes:
        axes: `pairs`, `pca` or two expressions, as typed.
        x, y: the axes.
        words, pairs: what is drawn.
        share: mean share of the arrows' lengths in the plane.
        across: mean share of the arrows' lengths along the mean of all arrows.
        cosine: mean leave-one-out cosine; None for a single pair.
        chance: None for a single pair.
    """

    axes: str
    x: PlaneAxis
    y: PlaneAxis
    words: tuple[PlottedWord, ...]
    pairs: tuple[PlottedPair, ...]
    share: float
    across: float
    cosine: float | None
    chance: PairsChance | None

    def records(self) -> list[Record]:
        """A row for each pair."""
        at = {word.term: word for word in self.words}
        return [
            as_data(pair)
            | {"x1": at[pair.first].x, "y1": at[pair.first].y, "x2": at[pair.second].x, "y2": at[pair.second].y}
            for pair in self.pairs
        ]
