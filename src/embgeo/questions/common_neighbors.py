"""What the lists of nearest words have in common in two spaces, word by word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embgeo.errors import Report, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F32, F64, Ids, Mask, shortest
from embgeo.numerics.neighbor_lists import NeighborLists, neighbor_lists
from embgeo.numerics.samples import random_queries
from embgeo.questions.shared_words import Matched
from embgeo.results.compare import NearWord, OverlapBand, WordOverlap


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

    matched: Matched
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
        """The mean overlap by id, and by the counts [words] of the shared words if there are any."""
        return (*self._by_id(number), *(() if counts is None else self._by_count(counts, number)))

    def _by_id(self, bands: int) -> tuple[OverlapBand, ...]:
        """The mean overlap in bands of equally many words, by the first space's ids."""
        ids = self.matched.first[self.queries]
        parts = np.array_split(np.arange(len(ids)), min(bands, len(ids)))
        return tuple(_band("id", ids[part], self.overlaps[part]) for part in parts)

    def _by_count(self, counts: Ids, bands: int) -> tuple[OverlapBand, ...]:
        """The same by counts [words] of all shared words, the highest first; words with the count -1 have none."""
        own = counts[self.queries]
        order = np.argsort(-own, kind="stable")
        order = order[own[order] >= 0]
        parts = np.array_split(order, min(bands, len(order))) if len(order) else []
        return tuple(_band("count", own[part], self.overlaps[part]) for part in parts)


def common_neighbors(
    first: Model, second: Model, matched: Matched, k: int, *, queries: int | None = None, seed: int = 0,
    only: Ids | None = None, report: Report = silent,
) -> CommonNeighbors:  # fmt: skip
    """The k nearest shared words of each shared word by cosine, in both spaces.

    Args:
        queries: only the lists of so many random words; None: of all.
        only: [queries] the words whose lists are made, with cosines.
        report: called with the number of lists made.
    """
    places = np.arange(len(matched.first))
    chosen = np.sort(random_queries(places, queries, seed)) if only is None else only
    lists, cosines = [], []
    for model, rows in ((first, matched.first), (second, matched.second)):
        found = _lists(model, rows, chosen, k, 0 if only is None else k, report)
        lists.append(found.graph)
        cosines.append(found.cosines)
    alike = lists[0][:, :, None] == lists[1][:, None, :]  # [queries, k, k]
    return CommonNeighbors(
        matched, chosen, (lists[0], lists[1]), (cosines[0], cosines[1]), (alike.any(axis=2), alike.any(axis=1))
    )  # fmt: skip


def text_of(model: Model, matched: Matched, place: int) -> str:
    """The text of a shared word in the first model."""
    return model.vocabulary.token(int(matched.first[place])).text


def _lists(model: Model, rows: Ids, chosen: Ids, k: int, shown: int, report: Report) -> NeighborLists:
    """Lists of places among the shared words, whose rows these are."""
    name = model.manifest.model

    def says(what: str, done: int, total: int, unit: str = "bytes") -> None:
        report(f"{what} in {name}", done, total, unit)

    every = model.weights.shape[0]
    order = np.argsort(rows, kind="stable")  # the search takes rows in order
    found = neighbor_lists(
        model.weights, rows[order], np.arange(every), k, shown, says, queries=rows[chosen]
    )  # fmt: skip
    place = np.full(every, -1, np.intp)
    place[rows] = np.arange(len(rows))
    return found._replace(graph=place[found.graph])


def _band(by: str, numbers: Ids, overlaps: F64) -> OverlapBand:
    return OverlapBand(by, int(numbers[0]), int(numbers[-1]), len(numbers), shortest(float(overlaps.mean())))
