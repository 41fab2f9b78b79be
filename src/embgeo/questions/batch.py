"""Many neighbor or analogy questions: the answers of `neighbors` and `analogy`, in order, some hundred at a time.

What the batched search can't answer (few questions, other metrics, a list that folds to fewer than were kept) is asked
one by one, so that every answer is the one that would be given alone. Just the inputs of an analogy that would stand
below the list have no rank here, since that would take a full count.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np

from embgeo.errors import EmbgeoError, TermError
from embgeo.models.model import Model
from embgeo.numerics.analogies import analogy_queries, has_direction, sum_queries
from embgeo.numerics.batch_neighbors import MOST_LISTED, nearest_candidates
from embgeo.numerics.batch_search import search_batch
from embgeo.numerics.batches import Batch, RowFilter
from embgeo.numerics.dtypes import F32, Ids, shortest
from embgeo.numerics.objectives import SIGNS, analogy_method, metric_named
from embgeo.numerics.rescoring import RankedRows, exact_scores, ranked_rows
from embgeo.numerics.search import Hits
from embgeo.questions.analogy import analogy, question_text
from embgeo.questions.evaluation.question_rows import padded
from embgeo.questions.neighbors import neighbors
from embgeo.questions.ranking import check_count, ranked
from embgeo.questions.rows import about, fold_groups, listable
from embgeo.questions.terms import Point, read_term, split_notes
from embgeo.results.analogy import Analogy
from embgeo.results.base import Query
from embgeo.results.neighbors import ExcludedToken, Neighbors

FEW: Final = 4  # so many are quicker asked one by one
MORE: Final = 8  # rows kept for each list, beyond k words of as many spellings as words have on average

Answered = Neighbors | EmbgeoError
Triple = tuple[str, str, str]
T = TypeVar("T")


class ListOptions(NamedTuple):
    """As in `neighbors`."""

    k: int = 10
    raw: bool = False
    words: bool = False
    multi: str = "mean"


class Listing(NamedTuple):
    """An answer whose list is still rows and scores.

    Attributes:
        answer: the answer with an empty list.
        hits: the rows of the list and their cosines [results], best first.
    """

    answer: Neighbors
    hits: Hits

    def whole(self, model: Model, *, raw: bool) -> Neighbors:
        """The answer with its list."""
        return dataclasses.replace(self.answer, results=ranked(model, self.hits, raw=raw))


def neighbors_batch(
    model: Model, terms: Sequence[str], options: ListOptions, *, metric: str = "cosine"
) -> list[Answered]:
    """The answer of `neighbors` for each term, or the error that it would raise.

    Raises:
        UsageError: no such metric, or a negative k.
    """
    return _whole(model, neighbor_lists(model, terms, options, metric=metric), options)


def neighbor_lists(
    model: Model, terms: Sequence[str], options: ListOptions, *, metric: str = "cosine"
) -> list[Listing | Answered]:
    """As `neighbors_batch`; answers of the batched search as listings, to be written without an object for each token.

    Raises:
        UsageError: no such metric, or a negative k.
    """
    check_count(options.k)
    metric_named(metric)

    def alone(term: str) -> Answered:
        return _caught(lambda: neighbors(model, term, metric=metric, **options._asdict()))

    if len(terms) < FEW or metric != "cosine" or options.k == 0:
        return [alone(term) for term in terms]
    parsed = [_caught(lambda term=term: _points(model, (term,), options.multi)) for term in terms]  # type: ignore[misc]
    valid = [points for points in parsed if not isinstance(points, EmbgeoError)]
    if not valid:
        return [error for error in parsed if isinstance(error, EmbgeoError)]
    vectors = np.array([points[0].vector for points in valid])  # [questions, dims]
    found = _listed(model, sum_queries(vectors, np.arange(len(valid))[:, None]), valid, options, keep_inputs=False)

    def listing(points: list[Point], rows: RankedRows) -> Listing:
        answer = Neighbors(
            **about(model, "neighbors", split_notes(points, options.multi)),
            query=Query(points[0].term.term, points[0].parts), metric=metric, results=(),
        )  # fmt: skip
        return Listing(answer, _best(rows))

    answers = (
        listing(points, one) if one else alone(points[0].term.term) for points, one in zip(valid, found, strict=True)
    )
    return [points if isinstance(points, EmbgeoError) else next(answers) for points in parsed]


def analogy_batch(
    model: Model,
    triples: Sequence[Triple],
    options: ListOptions,
    *,
    method: str = "3cosadd",
    keep_inputs: bool = False,
) -> list[Answered]:
    """The answer of `analogy` for each A, B, C, or the error that it would raise.

    Raises:
        UsageError: no such method, or a negative k.
    """
    return _whole(model, analogy_lists(model, triples, options, method=method, keep_inputs=keep_inputs), options)


def analogy_lists(
    model: Model,
    triples: Sequence[Triple],
    options: ListOptions,
    *,
    method: str = "3cosadd",
    keep_inputs: bool = False,
) -> list[Listing | Answered]:
    """As `analogy_batch`; answers of the batched search as listings, to be written without an object for each token.

    Raises:
        UsageError: no such method, or a negative k.
    """
    check_count(options.k)
    how = analogy_method(method)

    def alone(triple: Triple) -> Answered:
        return _caught(lambda: analogy(model, *triple, method=method, keep_inputs=keep_inputs, **options._asdict()))

    if len(triples) < FEW or options.k == 0:
        return [alone(triple) for triple in triples]
    parsed = [
        _caught(lambda one=one: _points(model, one, options.multi, SIGNS, unit=how.unit_rows))  # type: ignore[misc]
        for one in triples
    ]
    valid = [points for points in parsed if not isinstance(points, EmbgeoError)]
    if not valid:
        return [error for error in parsed if isinstance(error, EmbgeoError)]
    vectors = np.array([point.vector for points in valid for point in points])  # [3 questions, dims]
    batch = analogy_queries(how, vectors, np.arange(len(vectors)).reshape(-1, 3))
    answerable = has_direction(batch)
    settled, batch = _settled(parsed, answerable.tolist(), alone), batch.where(answerable)
    valid = [points for points in settled if isinstance(points, list)]
    if not valid:
        return [one for one in settled if not isinstance(one, list)]
    found = _listed(model, batch, valid, options, keep_inputs=keep_inputs)
    scores = _input_scores(model, batch, valid)
    fold = fold_groups(model, raw=options.raw)

    def listing(points: list[Point], rows: RankedRows, inputs: F32) -> Listing:
        excluded = () if keep_inputs else _left_out(model, points, rows, inputs, fold)
        answer = Analogy(
            **about(model, "analogy", split_notes(points, options.multi)),
            query=Query(question_text(points), tuple(point.term for point in points)), metric="cosine", results=(),
            method=method, excluded=excluded,
        )  # fmt: skip
        return Listing(answer, _best(rows))

    answers = (
        listing(points, one, inputs) if one and np.isfinite(inputs).any() else alone(_terms(points))
        for points, one, inputs in zip(valid, found, scores, strict=True)
    )
    return [next(answers) if isinstance(one, list) else one for one in settled]


def _whole(model: Model, found: list[Listing | Answered], options: ListOptions) -> list[Answered]:
    return [one.whole(model, raw=options.raw) if isinstance(one, Listing) else one for one in found]


def _settled(
    parsed: list[list[Point] | EmbgeoError], answerable: Iterable[bool], alone: Callable[[Triple], Answered]
) -> list[list[Point] | Answered]:
    """What is asked, with what the question alone says where it cancels out: a search would find every row as good."""
    each = iter(answerable)
    return [one if isinstance(one, EmbgeoError) or next(each) else alone(_terms(one)) for one in parsed]


def _points(
    model: Model, terms: Sequence[str], multi: str, weights: Sequence[float] = (1.0,), *, unit: bool = True
) -> list[Point]:
    points = [read_term(model, term, weight=weight, multi=multi) for term, weight in zip(terms, weights, strict=True)]
    if unit:
        for point in points:
            point.check_direction()
    return points


def _terms(points: list[Point]) -> Triple:
    a, b, c = (point.term.term for point in points)
    return a, b, c


def _inputs(points: list[Point]) -> list[int]:
    return list(dict.fromkeys(token for point in points for token in point.ids))


def _listed(
    model: Model, batch: Batch, parsed: list[list[Point]], options: ListOptions, *, keep_inputs: bool
) -> Iterator[RankedRows | None]:
    """What the lists of the questions are drawn from."""
    rows = len(model.weights.norms)
    fold = fold_groups(model, raw=options.raw)
    group = np.arange(rows) if fold is None else fold
    inputs = padded([[] if keep_inputs else _inputs(points) for points in parsed])
    limits = RowFilter(
        listable(model, [], words=options.words, raw=options.raw), group, np.where(inputs >= 0, group[inputs], -1)
    )
    needed = options.k if fold is None else math.ceil(options.k * model.vocabulary.spellings) + MORE
    if batch.rule.is_sum:
        batch = sum_queries(
            batch.vectors[batch.terms].sum(axis=1), np.arange(len(parsed))[:, None]
        )  # [questions, n, dims]
    if batch.rule.is_sum and needed <= MOST_LISTED:
        sweep = nearest_candidates(model.weights, batch.vectors, limits, needed)
    else:
        sweep = search_batch(model.weights, batch, limits, needed)
    for found in sweep:
        yield from ranked_rows(model.weights, batch, found, group, options.k)


def _best(listed: RankedRows) -> Hits:
    return Hits(listed.rows[listed.best], listed.scores[listed.best])


def _input_scores(model: Model, batch: Batch, parsed: list[list[Point]]) -> list[F32]:
    """The scores of each question's own inputs."""
    inputs = [_inputs(points) for points in parsed]
    question = np.repeat(np.arange(len(inputs)), [len(one) for one in inputs])
    scores = exact_scores(model.weights, batch, question, np.concatenate(inputs).astype(np.intp))
    return np.split(scores, np.cumsum([len(one) for one in inputs])[:-1])


def _left_out(
    model: Model, points: list[Point], listed: RankedRows, scores: F32, fold: Ids | None
) -> tuple[ExcludedToken, ...]:
    """Where the inputs would have stood, if that is within the list."""
    rows, numbers = listed.rows.tolist(), listed.scores.tolist()
    groups = rows if fold is None else fold[listed.rows].tolist()
    lowest = numbers[-1] if numbers else np.inf
    found = []
    for token, score in zip(_inputs(points), scores.tolist(), strict=True):
        if not np.isfinite(score):
            continue
        own = token if fold is None else int(fold[token])
        better = {
            group for row, number, group in zip(rows, numbers, groups, strict=True) if (-number, row) < (-score, token)
        }
        rank = 1 + len(better - {own}) if score >= lowest else None
        found.append((rank, score, token))
    found.sort(key=lambda one: (one[0] is None, one[0] or 0, -one[1], one[2]))
    tokens = [(model.vocabulary.token(token), score, rank) for rank, score, token in found]
    return tuple(
        ExcludedToken(
            id=token.id,
            piece=token.piece,
            text=token.text,
            score=shortest(score),
            rank=rank,
        )
        for token, score, rank in tokens
    )


def _caught(ask: Callable[[], T]) -> T | EmbgeoError:
    try:
        return ask()
    except TermError as error:
        return error
