"""Ranked lists: the best rows of a search as tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypedDict

import numpy as np

from embgeo.errors import UsageError
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, shortest, shortest_of
from embgeo.numerics.objectives import Objective
from embgeo.numerics.search import Hits, Scan, scan
from embgeo.questions.rows import fold_groups, listable, lists_pieces, variants
from embgeo.results.neighbors import ExcludedToken, Neighbor


class ListOptions(NamedTuple):
    """What a list shows; parameters as in `EmbeddingSpace`."""

    k: int = 10
    raw: bool = False
    words: bool = False
    multi: str = "mean"
    pieces: bool = False


def check_count(k: int) -> None:
    """Raise an error if the number of answers is negative.

    Raises:
        UsageError: k is below 0.
    """
    if k < 0:
        raise UsageError(f"can't show {k} answers", "-k takes a whole number from 0.")


class Nearest(TypedDict):
    """Fields of `results.neighbors.Neighbors` that a search fills."""

    results: tuple[Neighbor, ...]
    excluded: tuple[ExcludedToken, ...]
    pieces: bool | None


def nearest(
    model: Model, vector: F64, inputs: list[int], k: int, objective: Objective, *,
    keep_inputs: bool, raw: bool, words: bool, pieces: bool,
) -> Nearest:  # fmt: skip
    """The k tokens nearest to a vector [dims].

    Args:
        inputs: rows of the query; unless `keep_inputs`, the list excludes them with (unless `raw`) their variants.
    """
    search = scan(model.searchable(), vector[None, :], objective)  # [1, dims]
    without = [] if keep_inputs else inputs
    allowed = listable(model, without, words=words, raw=raw, pieces=pieces)
    allowed[inputs] = keep_inputs
    hits = search.best(k, allowed, fold_groups(model, raw=raw))
    return Nearest(
        results=ranked(model, hits._replace(scores=objective.shown(hits.scores)), raw=raw),
        excluded=excluded_tokens(model, search, without, words=words, raw=raw, pieces=pieces),
        pieces=lists_pieces(model, raw=raw, words=words, pieces=pieces),
    )


def ranked(model: Model, hits: Hits, *, raw: bool) -> tuple[Neighbor, ...]:
    """The best rows of a search as tokens, in order."""
    tokens = map(model.vocabulary.token, hits.ids.tolist())
    scores = shortest_of(hits.scores)
    return tuple(
        Neighbor(id=token.id, piece=token.piece, text=token.text, rank=rank, score=score, variants=others)
        for rank, (token, score, others) in enumerate(
            zip(tokens, scores, variants(model, hits.ids, raw=raw), strict=True), 1
        )
    )


def excluded_tokens(
    model: Model, search: Scan, inputs: list[int], *, words: bool, raw: bool, pieces: bool
) -> tuple[ExcludedToken, ...]:
    """The excluded rows, each with the rank that it would have in the list with all of them."""
    if not inputs:
        return ()
    allowed, fold = listable(model, [], words=words, raw=raw, pieces=pieces), fold_groups(model, raw=raw)
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
    tokens = ((rank, model.vocabulary.token(row), score) for rank, row, score in places)
    return tuple(
        ExcludedToken(id=token.id, piece=token.piece, text=token.text, score=shortest(score), rank=rank)
        for rank, token, score in tokens
    )
