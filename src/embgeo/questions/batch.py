"""Many neighbor or analogy questions: the answers of `neighbors` and `analogy`, in order, some hundred at a time.

Questions that the batched search can't answer (few questions, other metrics, a list that folds to too few words) are
asked one by one, so every answer equals that of a single question. The one difference: inputs that would
rank below the end of the list have no rank here, since that would take a full count.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np

from embgeo.errors import EmbgeoError, TermError
from embgeo.models.model import Model
from embgeo.numerics.analogies import analogy_queries, has_direction, sum_queries
from embgeo.numerics.batches import Batch
from embgeo.numerics.objectives import SIGNS, analogy_method, metric_named
from embgeo.numerics.search import Hits
from embgeo.questions.analogy import analogy, question_text
from embgeo.questions.batch_lists import best_hits, excluded_inputs, input_scores, listed_rows
from embgeo.questions.neighbors import neighbors
from embgeo.questions.points import Point, TermLike
from embgeo.questions.ranking import ListOptions, check_count, ranked
from embgeo.questions.rows import about, fold_groups, listable, lists_pieces
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.analogy import Analogy
from embgeo.results.base import Query
from embgeo.results.neighbors import Neighbors

FEW: Final = 4  # fewer questions are faster one by one

Answered = Neighbors | EmbgeoError
Triple = tuple["TermLike", "TermLike", "TermLike"]
T = TypeVar("T")


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
    model: Model, terms: Iterable[TermLike], options: ListOptions, *,
    metric: str = "cosine", unit: bool = False, keep_inputs: bool = False,
) -> list[Answered]:  # fmt: skip
    """The answer of `neighbors` for each term or row of an array [n, dims], or the error that it would raise.

    Raises:
        UsageError: an unknown metric, or a negative k.
    """
    return _whole(
        model, neighbor_lists(model, terms, options, metric=metric, unit=unit, keep_inputs=keep_inputs), options
    )


def neighbor_lists(
    model: Model, terms: Iterable[TermLike], options: ListOptions, *,
    metric: str = "cosine", unit: bool = False, keep_inputs: bool = False,
) -> list[Listing | Answered]:  # fmt: skip
    """As `neighbors_batch`; answers of the batched search as listings, to be written without an object for each token.

    Raises:
        UsageError: an unknown metric, or a negative k.
    """
    check_count(options.k)
    metric_named(metric)
    terms = list(terms)

    def alone(term: TermLike) -> Answered:
        return _caught(
            lambda: neighbors(model, term, metric=metric, unit=unit, keep_inputs=keep_inputs, **options._asdict())
        )

    if len(terms) < FEW or metric != "cosine" or options.k == 0:
        return [alone(term) for term in terms]
    parsed = [_caught(lambda term=term: _points(model, (term,), options.multi, unit=unit)) for term in terms]  # type: ignore[misc]
    return _in_places(
        parsed, lambda valid: _neighbor_lists(model, valid, options, alone, unit=unit, keep_inputs=keep_inputs)
    )


def analogy_batch(
    model: Model, triples: Sequence[Triple], options: ListOptions, *, method: str = "3cosadd", keep_inputs: bool = False
) -> list[Answered]:
    """The answer of `analogy` for each A, B, C, or the error that it would raise.

    Raises:
        UsageError: an unknown method, or a negative k.
    """
    return _whole(model, analogy_lists(model, triples, options, method=method, keep_inputs=keep_inputs), options)


def analogy_lists(
    model: Model, triples: Sequence[Triple], options: ListOptions, *, method: str = "3cosadd", keep_inputs: bool = False
) -> list[Listing | Answered]:
    """As `analogy_batch`; answers of the batched search as listings, to be written without an object for each token.

    Raises:
        UsageError: an unknown method, or a negative k.
    """
    check_count(options.k)
    how = analogy_method(method)

    def alone(triple: Triple) -> Answered:
        return _caught(lambda: analogy(model, *triple, method=method, keep_inputs=keep_inputs, **options._asdict()))

    if len(triples) < FEW or options.k == 0:
        return [alone(triple) for triple in triples]
    parsed = [
        _caught(lambda triple=triple: _points(model, triple, options.multi, SIGNS, directed=how.unit_rows))  # type: ignore[misc]
        for triple in triples
    ]

    def lists(valid: list[list[Point]]) -> list[Listing | Answered]:
        vectors = np.array([point.vector for points in valid for point in points])  # [3 questions, dims]
        batch = analogy_queries(how, vectors, np.arange(len(vectors)).reshape(-1, 3))
        answerable = has_direction(batch)  # a search would rank all rows equal for the others
        settled = [
            points if fine else alone(_terms(points)) for points, fine in zip(valid, answerable.tolist(), strict=True)
        ]
        return _in_places(
            settled,
            lambda rest: _analogy_lists(
                model, batch.where(answerable), rest, options, alone, method=method, keep_inputs=keep_inputs
            ),
        )  # fmt: skip

    return _in_places(parsed, lists)


def _neighbor_lists(
    model: Model, questions: list[list[Point]], options: ListOptions, alone: Callable[[TermLike], Answered], *,
    unit: bool, keep_inputs: bool,
) -> list[Listing | Answered]:  # fmt: skip
    vectors = np.array([points[0].vector for points in questions])  # [questions, dims]
    batch = sum_queries(vectors, np.arange(len(questions))[:, None])
    inputs: list[list[int]] = [[] if keep_inputs else _rows(points) for points in questions]
    scores, fold = input_scores(model, batch, inputs), fold_groups(model, raw=options.raw)
    listed = listable(model, [], words=options.words, raw=options.raw, pieces=options.pieces)  # [rows]
    shows = lists_pieces(model, raw=options.raw, words=options.words, pieces=options.pieces)
    lists: list[Listing | Answered] = []
    for points, own, own_scores, rows in zip(
        questions, inputs, scores, listed_rows(model, batch, inputs, options), strict=True
    ):
        if rows is None or (keep_inputs and not listed[_rows(points)].all()):
            lists.append(alone(points[0].asked))
            continue
        answer = Neighbors(
            **about(model, "neighbors", term_notes(points, options.multi)), query=points[0].query(unit=unit),
            metric="cosine", results=(), excluded=excluded_inputs(model, own, own_scores, rows, fold), pieces=shows,
        )  # fmt: skip
        lists.append(Listing(answer, best_hits(rows)))
    return lists


def _analogy_lists(
    model: Model, batch: Batch, questions: list[list[Point]], options: ListOptions, alone: Callable[[Triple], Answered],
    *, method: str, keep_inputs: bool,
) -> list[Listing | Answered]:  # fmt: skip
    inputs = [_rows(points) for points in questions]
    found = listed_rows(model, batch, [[]] * len(inputs) if keep_inputs else inputs, options)
    scores, fold = input_scores(model, batch, inputs), fold_groups(model, raw=options.raw)
    listed = listable(model, [], words=options.words, raw=options.raw, pieces=options.pieces)  # [rows]
    shows = lists_pieces(model, raw=options.raw, words=options.words, pieces=options.pieces)
    lists: list[Listing | Answered] = []
    for points, own, own_scores, rows in zip(questions, inputs, scores, found, strict=True):
        if rows is None or not np.isfinite(own_scores).any() or (keep_inputs and not listed[own].all()):
            lists.append(alone(_terms(points)))
            continue
        terms = tuple(point.term for point in points)
        answer = Analogy(
            **about(model, "analogy", term_notes(points, options.multi)),
            query=Query(question_text(points), terms, analogy_method(method).unit_rows), metric="cosine", results=(),
            method=method, excluded=() if keep_inputs else excluded_inputs(model, own, own_scores, rows, fold),
            pieces=shows,
        )  # fmt: skip
        lists.append(Listing(answer, best_hits(rows)))
    return lists


def _in_places(
    questions: Sequence[list[Point] | Answered], answer: Callable[[list[list[Point]]], list[Listing | Answered]]
) -> list[Listing | Answered]:
    """Answer the questions that are still points, together, and put each answer in its place among the others."""
    valid = [one for one in questions if isinstance(one, list)]
    answers = iter(answer(valid) if valid else ())
    return [next(answers) if isinstance(one, list) else one for one in questions]


def _whole(model: Model, lists: list[Listing | Answered], options: ListOptions) -> list[Answered]:
    return [one.whole(model, raw=options.raw) if isinstance(one, Listing) else one for one in lists]


def _points(
    model: Model,
    terms: Sequence[TermLike],
    multi: str,
    weights: Sequence[float] = (1.0,),
    *,
    unit: bool = False,
    directed: bool = True,
) -> list[Point]:
    points = [
        read_term(model, term, weight=weight, multi=multi, unit=unit)
        for term, weight in zip(terms, weights, strict=True)
    ]
    if directed:
        for point in points:
            point.check_direction()
    return points


def _terms(points: list[Point]) -> Triple:
    a, b, c = (point.asked for point in points)
    return a, b, c


def _rows(points: list[Point]) -> list[int]:
    return list(dict.fromkeys(row for point in points for row in point.ids))


def _caught(ask: Callable[[], T]) -> T | EmbgeoError:
    try:
        return ask()
    except TermError as error:
        return error
