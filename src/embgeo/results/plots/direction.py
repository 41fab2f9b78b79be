"""Words along a direction, in front of the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.direction import WordScore
from embgeo.results.records import Record, as_data, ids
from embgeo.results.tabular import Drawable


@dataclass(frozen=True, slots=True)
class OrderChance:
    """How often random directions order the words as well.

    Attributes:
        samples, seed: directions from as many random pairs of rows, and their seed.
        share: of them, those whose Spearman correlation with the order given is at least as far from zero.
    """

    samples: int
    seed: int
    share: float


@dataclass(frozen=True, slots=True)
class DirectionPlot(Answer, Drawable):
    """Words along a direction, in front of the whole vocabulary.

    Attributes:
        direction: its name.
        pairs: how many it was learned from.
        norm: its length.
        scores: of the words, in the order given.
        low, high: ends of the histogram, as dot products.
        histogram: numbers of rows in equal steps between them.
        outside: rows beyond these ends.
        spearman: rank correlation of the scores with the order given; None for fewer than three words or equal scores.
        chance: None without a correlation.
    """

    direction: str
    pairs: int
    norm: float
    scores: tuple[WordScore, ...]
    low: float
    high: float
    histogram: tuple[int, ...]
    outside: int
    spearman: float | None
    chance: OrderChance | None

    def records(self) -> list[Record]:
        """A row for each word."""
        return [{**as_data(score), "tokens": ids(score.tokens)} for score in self.scores]
