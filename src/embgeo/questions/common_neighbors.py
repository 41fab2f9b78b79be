"""What the lists of nearest words have in common in two spaces, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from embgeo.errors import Report, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F32, F64, Ids, Mask, shortest
from embgeo.numerics.neighbor_lists import neighbor_lists
from embgeo.numerics.samples import random_queries
from embgeo.questions.shared_words import MatchedWords
from embgeo.results.compare import NearWord, OverlapBand, WordOverlap

BLOCK_QUERIES: Final = 256  # queries at a time


@dataclass(frozen=True, slots=True)
class CommonNeighbors:
    """The lists of some shared words in two spaces; a word is its place among the shared ones.

    Attributes:
        matched: the shared words.
        queries: [queries] words whose lists these are, in rising order.
        lists: [queries, k] of each space, nearest first.
        cosines: [queries, k] of each space; empty where they weren't asked for.
        both: [queries, k] whether the second space lists the word too.
    """

    matched: MatchedWords
    queries: Ids
    lists: tuple[Ids, Ids]
    cosines: tuple[F32, F32]
    both: tuple[Mask, Mask]

    @property
    def counts(self) -> Ids:
        """How many words the two lists of each query have in common [queries]."""
        counts: Ids = self.both[0].sum(axis=1)
        return counts

    @property
    def overlaps(self) -> F64:
        """The share of the k nearest in common [queries]."""
        overlaps: F64 = self.counts / self.lists[0].shape[1]
        return overlaps

    @property
    def overlap(self) -> float:
        """The mean share."""
        return float(self.overlaps.mean())

    @property
    def chance(self) -> float:
        """The mean share of two random lists of other words."""
        return int(self.lists[0].shape[1]) / (len(self.matched.first) - 1)

    @property
    def shares(self) -> tuple[int, ...]:
        """Numbers of queries with 0, 1, ..., k words in common."""
        return tuple(np.bincount(self.counts, minlength=self.lists[0].shape[1] + 1).tolist())

    def word(self, model: Model, query: int) -> WordOverlap:
        """A query by its number, in the first model's spelling."""
        place = int(self.queries[query])
        common = self.lists[0][query][self.both[0][query]]
        return WordOverlap(
            text_of(model, self.matched, place), (int(self.matched.first[place]), int(self.matched.second[place])),
            shortest(float(self.overlaps[query])), tuple(text_of(model, self.matched, other) for other in common),
        )  # fmt: skip

    def extremes(self, model: Model, top: int) -> tuple[tuple[WordOverlap, ...], tuple[WordOverlap, ...]]:
        """The words with the highest and with the lowest overlap; lower ids first among equal ones."""
        orders = (np.argsort(sign * self.counts, kind="stable")[:top] for sign in (-1, 1))
        best, worst = (tuple(self.word(model, query) for query in order.tolist()) for order in orders)
        return best, worst

    def listed(self, model: Model, side: int) -> tuple[NearWord, ...]:
        """The first query's list in one space, in the first model's spelling."""
        rows = zip(self.lists[side][0], self.cosines[side][0].tolist(), self.both[side][0].tolist(), strict=True)
        return tuple(
            NearWord(text_of(model, self.matched, place), shortest(score), both) for place, score, both in rows
        )

    def bands(self, number: int, counts: Ids | None) -> tuple[OverlapBand, ...]:
        """The mean overlap in bands of equally many words, by the first space's ids and by counts [words], if any.

        Counts are of all shared words, the highest first; a word with the count -1 has none.
        """
        ids = self.matched.first[self.queries]
        found = self._bands("id", ids, np.arange(len(ids)), number)
        if counts is None:
            return found
        own = counts[self.queries]
        order = np.argsort(-own, kind="stable")
        return (*found, *self._bands("count", own, order[own[order] >= 0], number))

    def _bands(self, by: str, numbers: Ids, order: Ids, most: int) -> tuple[OverlapBand, ...]:
        parts = np.array_split(order, min(most, len(order))) if len(order) else []
        return tuple(_band(by, numbers[part], self.overlaps[part]) for part in parts)


def common_neighbors(
    first: Model, second: Model, matched: MatchedWords, k: int, *, queries: int | None = None, seed: int = 0,
    only: Ids | None = None, report: Report = silent,
) -> CommonNeighbors:  # fmt: skip
    """The k nearest shared words of each shared word by cosine, in both spaces.

    Args:
        queries: only the lists of so many random words; None: of all.
        only: [queries] the words whose lists are made, with cosines.
        report: called with the number of lists made.
    """
    places = np.arange(len(matched.first))
    sampled = queries is not None and queries < len(places)
    some = only if only is not None else np.sort(random_queries(places, queries, seed)) if sampled else None
    shown = 0 if only is None else k
    (one, first_cosines), (other, second_cosines) = (
        _lists(model, rows, some, k, shown, report) for model, rows in zip((first, second), matched[:2], strict=True)
    )
    chosen = places if some is None else some
    return CommonNeighbors(matched, chosen, (one, other), (first_cosines, second_cosines), _in_both(one, other))


def _in_both(one: Ids, other: Ids) -> tuple[Mask, Mask]:
    """Which entries of two lists of each query [queries, k] the other list has too."""
    found = np.empty((2, *one.shape), bool)
    for at in range(0, len(one), BLOCK_QUERIES):
        part = slice(at, at + BLOCK_QUERIES)
        alike = one[part, :, None] == other[part, None, :]  # [block, k, k]
        found[0, part], found[1, part] = alike.any(axis=2), alike.any(axis=1)
    return found[0], found[1]


def text_of(model: Model, matched: MatchedWords, place: int) -> str:
    """The text of a shared word in the first model."""
    return model.vocabulary.token(int(matched.first[place])).text


def _lists(model: Model, rows: Ids, chosen: Ids | None, k: int, shown: int, report: Report) -> tuple[Ids, F32]:
    """Lists of places among the shared words, whose rows these are, and the cosines of the first `shown`."""
    name = model.manifest.model

    def says(what: str, done: int, total: int, unit: str = "bytes") -> None:
        report(f"{what} in {name}", done, total, unit)

    every = model.weights.shape[0]
    place = np.full(every, -1, np.intp)
    place[rows] = np.arange(len(rows))
    order = np.sort(rows)  # the search takes rows in order
    if chosen is None:
        lists = np.empty((len(rows), k), np.intp)
        lists[place[order]] = place[neighbor_lists(model.weights, order, np.arange(every), k, 0, says).graph]
        return lists, np.empty((len(rows), 0), np.float32)
    found = neighbor_lists(model.weights, order, np.arange(every), k, shown, says, queries=rows[chosen])
    return place[found.graph], found.cosines


def _band(by: str, numbers: Ids, overlaps: F64) -> OverlapBand:
    return OverlapBand(by, int(numbers[0]), int(numbers[-1]), len(numbers), shortest(float(overlaps.mean())))
