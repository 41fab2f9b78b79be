"""Ranked lists: the best rows of a search as tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypedDict

import numpy as np

from embgeo.errors import UsageError, is_whole
from embgeo.formats.token_marks import PART_MARKS
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, Ids, Mask, shortest, shortest_of
from embgeo.numerics.objectives import Objective
from embgeo.numerics.search import Hits, Scan, scan
from embgeo.questions.rows import listable, variants
from embgeo.results.neighbors import ExcludedToken, Neighbor


class ListOptions(NamedTuple):
    """What a list shows; parameters as in `EmbeddingSpace`."""

    k: int = 10
    raw: bool = False
    words: bool = False
    multi: str = "mean"
    pieces: bool = False

    def listable(self, model: Model, without: list[int]) -> Mask:
        """Rows [rows] that the list may show; see `rows.listable`."""
        return listable(model, without, words=self.words, raw=self.raw, pieces=self.pieces)

    def fold(self, model: Model) -> Ids | None:
        """The group of variants [rows] that each row belongs to; None where lists are raw."""
        return None if self.raw else model.vocabulary.table.fold.astype(np.intp)

    def lists_pieces(self, model: Model) -> bool | None:
        """Whether the list shows parts of longer words too; None where the vocabulary doesn't mark them."""
        marked = model.vocabulary.table.scheme.mark in PART_MARKS
        return (self.raw or self.pieces) and not self.words if marked else None


def check_count(k: int) -> None:
    """Raise a `UsageError` unless the number of answers is a whole number from 0."""
    if not is_whole(k, 0):
        raise UsageError(f"can't show {k} answers", "-k takes a whole number from 0.")


class BestTokens(TypedDict):
    """Fields of `results.neighbors.Neighbors` that a search fills."""

    results: tuple[Neighbor, ...]
    excluded: tuple[ExcludedToken, ...]
    pieces: bool | None


def nearest(
    model: Model, vector: F64, inputs: list[int], objective: Objective, options: ListOptions, *,
    keep_inputs: bool = False,
) -> BestTokens:  # fmt: skip
    """The k tokens nearest to a vector [dims]; inputs as in `best_tokens`."""
    search = scan(model.searchable(), vector[None, :], objective)  # [1, dims]
    return best_tokens(model, search, inputs, options, keep_inputs=keep_inputs)


def best_tokens(
    model: Model, search: Scan, inputs: list[int], options: ListOptions, *, keep_inputs: bool = False
) -> BestTokens:
    """The k best tokens of a search.

    Args:
        inputs: rows of the query; unless `keep_inputs`, the list excludes them with (unless `raw`) their variants.
    """
    without = [] if keep_inputs else inputs
    allowed, fold = options.listable(model, without), options.fold(model)
    allowed[inputs] = keep_inputs
    hits = search.best(options.k, allowed, fold)
    return BestTokens(
        results=ranked(model, hits._replace(scores=search.objective.shown(hits.scores)), raw=options.raw),
        excluded=_excluded(model, search, without, options, fold), pieces=options.lists_pieces(model),
    )  # fmt: skip


def ranked(model: Model, hits: Hits, *, raw: bool) -> tuple[Neighbor, ...]:
    """The best rows of a search as tokens, in order."""
    tokens = map(model.vocabulary.token, hits.ids.tolist())
    scores = shortest_of(hits.scores)
    return tuple(
        Neighbor(*token, rank=rank, score=score, variants=others)
        for rank, (token, score, others) in enumerate(
            zip(tokens, scores, variants(model, hits.ids, raw=raw), strict=True), 1
        )
    )


def _excluded(
    model: Model, search: Scan, inputs: list[int], options: ListOptions, fold: Ids | None
) -> tuple[ExcludedToken, ...]:
    """The excluded rows, each with the rank that it would have in the list with all of them."""
    if not inputs:
        return ()
    allowed = options.listable(model, [])
    allowed[inputs] = True
    scores = search.objective.shown(search.score(np.array(inputs, np.intp)))
    places = sorted(
        (search.rank(token, allowed, fold), token, score)
        for token, score in zip(inputs, scores, strict=True)
        if np.isfinite(score)  # pairdirection has no score for C itself
    )
    return as_excluded(model, places)


def as_excluded(model: Model, places: Iterable[tuple[int | None, int, float]]) -> tuple[ExcludedToken, ...]:
    """Excluded rows as tokens, in order, from (rank, row, score) of each."""
    return tuple(
        ExcludedToken(*model.vocabulary.token(row), score=shortest(score), rank=rank) for rank, row, score in places
    )
