"""Many neighbor or analogy questions: the answers of `neighbors` and `analogy`, in order, some hundred at a time.

Questions that the batched search can't answer (few questions, other metrics, a list that folds to too few words) are
answered one by one, so every answer equals that of a single question. The only difference: inputs that would rank below
the end of the list have no rank here, since that would take a full count.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

import numpy as np

from embgeo.errors import EmbgeoError, TermError, UsageError, check_is_list
from embgeo.models.model import Model
from embgeo.numerics.analogies import analogy_queries, has_direction, sum_queries
from embgeo.numerics.batches import Batch
from embgeo.numerics.objectives import SIGNS, analogy_method, metric_named
from embgeo.numerics.search import Hits
from embgeo.questions.analogy import analogy, query_of
from embgeo.questions.batch_lists import best_hits, excluded_inputs, input_scores, listed_rows
from embgeo.questions.neighbors import neighbors
from embgeo.questions.points import Point, TermLike, rows_of
from embgeo.questions.ranking import ListOptions, check_count, ranked
from embgeo.questions.rows import about
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.analogy import Analogy
from embgeo.results.neighbors import Neighbors

MIN_BATCH: Final = 4  # fewer questions are faster one by one

AnswerOrError = Neighbors | EmbgeoError
Triple = tuple["TermLike", "TermLike", "TermLike"]
T = TypeVar("T")
P = ParamSpec("P")


class Listing(NamedTuple):
    """An answer whose list is still rows and scores.

    Attributes:
        answer: the answer with an empty list.
        hits: the rows of the list and their cosines [results], best first.
    """

    answer: Neighbors
    hits: Hits

    def to_answer(self, model: Model, *, raw: bool) -> Neighbors:
        """The answer with its list."""
        return dataclasses.replace(self.answer, results=ranked(model, self.hits, raw=raw))


def neighbors_batch(
    model: Model, terms: Iterable[TermLike], options: ListOptions, *,
    metric: str = "cosine", unit: bool = False, keep_inputs: bool = False,
) -> list[AnswerOrError]:  # fmt: skip
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
) -> list[Listing | AnswerOrError]:  # fmt: skip
    """As `neighbors_batch`; lists of the batched search as listings, to be written without an object for each token."""
    check_count(options.k)
    check_is_list(terms)
    metric_named(metric)
    terms = list(terms)

    def alone(term: TermLike) -> AnswerOrError:
        return _or_error(neighbors, model, term, metric=metric, unit=unit, keep_inputs=keep_inputs, **options._asdict())

    def empty(points: list[Point], **found: Any) -> Neighbors:
        said, query = about(model, "neighbors", term_notes(points, options.multi)), points[0].query(unit=unit)
        return Neighbors(**said, query=query, metric=metric, results=(), **found)

    def lists(valid: list[list[Point]]) -> list[Listing | AnswerOrError]:
        vectors = np.array([points[0].vector for points in valid])  # [questions, dims]
        batch = sum_queries(vectors)
        return _lists(model, batch, valid, options, alone, empty, keep_inputs=keep_inputs)

    if len(terms) < MIN_BATCH or metric != "cosine" or options.k == 0:
        return [alone(term) for term in terms]
    return _in_places([_or_error(_points, model, (term,), options.multi, unit=unit) for term in terms], lists)


def analogy_batch(
    model: Model, triples: Sequence[Triple], options: ListOptions, *, method: str = "3cosadd", keep_inputs: bool = False
) -> list[AnswerOrError]:
    """The answer of `analogy` for each A, B, C, or the error that it would raise.

    Raises:
        UsageError: an unknown method, or a negative k.
    """
    return _whole(model, analogy_lists(model, triples, options, method=method, keep_inputs=keep_inputs), options)


def analogy_lists(
    model: Model, triples: Sequence[Triple], options: ListOptions, *, method: str = "3cosadd", keep_inputs: bool = False
) -> list[Listing | AnswerOrError]:
    """As `analogy_batch`; lists of the batched search as listings, to be written without an object for each token."""
    check_count(options.k)
    _check_triples(triples)
    how = analogy_method(method)

    def alone(a: TermLike, b: TermLike, c: TermLike) -> AnswerOrError:
        return _or_error(analogy, model, a, b, c, method=method, keep_inputs=keep_inputs, **options._asdict())

    def empty(points: list[Point], **found: Any) -> Analogy:
        said, query = about(model, "analogy", term_notes(points, options.multi)), query_of(points, how)
        return Analogy(**said, query=query, metric="cosine", results=(), method=method, **found)

    def lists(valid: list[list[Point]]) -> list[Listing | AnswerOrError]:
        vectors = np.array([point.vector for points in valid for point in points])  # [3 questions, dims]
        batch = analogy_queries(how, vectors, np.arange(len(vectors)).reshape(-1, 3))
        answerable = has_direction(batch)  # a search would rank all rows equal for the others
        settled = [
            points if fine else alone(*(point.source for point in points))
            for points, fine in zip(valid, answerable.tolist(), strict=True)
        ]
        some = batch.where(answerable)
        return _in_places(
            settled, lambda rest: _lists(model, some, rest, options, alone, empty, keep_inputs=keep_inputs)
        )

    if len(triples) < MIN_BATCH or options.k == 0:
        return [alone(*triple) for triple in triples]
    return _in_places(
        [_or_error(_points, model, triple, options.multi, SIGNS, directed=how.unit_rows) for triple in triples], lists
    )


def _lists(
    model: Model, batch: Batch, questions: list[list[Point]], options: ListOptions, alone: Callable[..., AnswerOrError],
    empty: Callable[..., Neighbors], *, keep_inputs: bool,
) -> list[Listing | AnswerOrError]:  # fmt: skip
    """The lists of one batched search.

    Args:
        alone: answers a question by its terms, where the search can't.
        empty: the answer to a question by its points, without its list.
    """
    inputs = [rows_of(points) for points in questions]
    found = listed_rows(model, batch, [[]] * len(inputs) if keep_inputs else inputs, options)
    scores, fold = input_scores(model, batch, inputs), options.fold(model)
    listable, shows = options.listable(model, []), options.lists_pieces(model)
    lists: list[Listing | AnswerOrError] = []
    for points, own, own_scores, rows in zip(questions, inputs, scores, found, strict=True):
        unscored = len(own) > 0 and not np.isfinite(own_scores).any()
        if rows is None or unscored or (keep_inputs and not listable[own].all()):
            lists.append(alone(*(point.source for point in points)))
            continue
        excluded = () if keep_inputs else excluded_inputs(model, own, own_scores, rows, fold)
        lists.append(Listing(empty(points, excluded=excluded, pieces=shows), best_hits(rows)))
    return lists


def _in_places(
    questions: Sequence[list[Point] | AnswerOrError],
    answer: Callable[[list[list[Point]]], list[Listing | AnswerOrError]],
) -> list[Listing | AnswerOrError]:
    """Answer all questions that were parsed together, and put each answer in its place among the errors."""
    valid = [one for one in questions if isinstance(one, list)]
    answers = iter(answer(valid) if valid else ())
    return [next(answers) if isinstance(one, list) else one for one in questions]


def _check_triples(triples: Sequence[Triple]) -> None:
    """Raise a `UsageError` unless each is three terms; a text of three letters is not."""
    for triple in triples:
        if isinstance(triple, str) or not hasattr(triple, "__len__") or len(triple) != 3:
            raise UsageError(f"expected three terms, not {triple!r:.60}", 'As in: [("king", "man", "woman")]')


def _whole(model: Model, lists: list[Listing | AnswerOrError], options: ListOptions) -> list[AnswerOrError]:
    return [one.to_answer(model, raw=options.raw) if isinstance(one, Listing) else one for one in lists]


def _points(
    model: Model, terms: Sequence[TermLike], multi: str, weights: Sequence[float] = (1.0,), *, unit: bool = False,
    directed: bool = True,
) -> list[Point]:  # fmt: skip
    points = [
        read_term(model, term, weight=weight, multi=multi, unit=unit)
        for term, weight in zip(terms, weights, strict=True)
    ]
    if directed:
        for point in points:
            point.check_direction()
    return points


def _or_error(ask: Callable[P, T], *args: P.args, **options: P.kwargs) -> T | EmbgeoError:
    try:
        return ask(*args, **options)
    except TermError as error:
        return error
