"""Many neighbour or analogy questions: the answers of `neighbours` and `analogy`, in order, some hundred at a time.

What the batched search can't answer (few questions, other metrics, a list that folds to less than was kept) is asked
one by one, so that every answer is the one that would be given alone. Just the inputs of an analogy that would stand
below the list have no rank here, since that would take a full count.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np

from embgeo.analogy import analogy, question_text
from embgeo.batch import Listed, exact, lists
from embgeo.bulk import Batch, Limits
from embgeo.closest import MOST_KEPT, closest
from embgeo.dtypes import F32, shortest
from embgeo.embedding import Embedding, Point
from embgeo.errors import EmbgeoError, TermError
from embgeo.evaluation.questions import padded
from embgeo.methods import SIGNS, analogies, check_method, directed, summed
from embgeo.neighbours import check_count, metric_named, neighbours, ranked
from embgeo.results.base import Query
from embgeo.results.ranked import Analogy, LeftOut, Neighbours
from embgeo.search import Hits, Ids
from embgeo.sweep import search

FEW: Final = 4  # so many are quicker asked one by one
MORE: Final = 8  # rows kept for each list, beyond k words of as many spellings as words have on average

Answered = Neighbours | EmbgeoError
Triple = tuple[str, str, str]
T = TypeVar("T")


class ListOptions(NamedTuple):
    """As in `neighbours.neighbours`."""

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

    answer: Neighbours
    hits: Hits

    def whole(self, space: Embedding, *, raw: bool) -> Neighbours:
        """The answer with its list."""
        return dataclasses.replace(self.answer, results=ranked(space, self.hits, self.answer.metric, raw=raw))


def many_neighbours(
    space: Embedding, terms: Sequence[str], options: ListOptions, *, metric: str = "cosine"
) -> list[Answered]:
    """The answer of `neighbours` for each term, or the error that it would raise.

    Raises:
        UsageError: no such metric, or a negative k.
    """
    return _whole(space, neighbour_lists(space, terms, options, metric=metric), options)


def neighbour_lists(
    space: Embedding, terms: Sequence[str], options: ListOptions, *, metric: str = "cosine"
) -> list[Listing | Answered]:
    """As `many_neighbours`; answers of the batched search as listings, to be written without an object for each token.

    Raises:
        UsageError: no such metric, or a negative k.
    """
    check_count(options.k)
    metric_named(metric)

    def alone(term: str) -> Answered:
        return _caught(lambda: neighbours(space, term, metric=metric, **options._asdict()))

    if len(terms) < FEW or metric != "cosine" or options.k == 0:
        return [alone(term) for term in terms]
    asked = [_caught(lambda term=term: _points(space, (term,), options.multi)) for term in terms]  # type: ignore[misc]
    fine = [points for points in asked if not isinstance(points, EmbgeoError)]
    if not fine:
        return [error for error in asked if isinstance(error, EmbgeoError)]
    vectors = np.array([points[0].vector for points in fine])  # [questions, dims]
    found = _listed(space, summed(vectors, np.arange(len(fine))[:, None]), fine, options, keep_inputs=False)
    manifest = space.manifest

    def told(points: list[Point], listed: Listed) -> Listing:
        answer = Neighbours(
            "neighbors", manifest.model, manifest.revision, manifest.dtype,
            (*space.notes, *space.split_notes(points, options.multi)),
            Query(points[0].term.term, points[0].parts), metric, (), transform=manifest.transform,
        )  # fmt: skip
        return Listing(answer, _best(listed))

    answers = (
        told(points, one) if one else alone(points[0].term.term) for points, one in zip(fine, found, strict=True)
    )
    return [points if isinstance(points, EmbgeoError) else next(answers) for points in asked]


def many_analogies(
    space: Embedding,
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
    return _whole(space, analogy_lists(space, triples, options, method=method, keep_inputs=keep_inputs), options)


def analogy_lists(
    space: Embedding,
    triples: Sequence[Triple],
    options: ListOptions,
    *,
    method: str = "3cosadd",
    keep_inputs: bool = False,
) -> list[Listing | Answered]:
    """As `many_analogies`; answers of the batched search as listings, to be written without an object for each token.

    Raises:
        UsageError: no such method, or a negative k.
    """
    check_count(options.k)
    check_method(method)

    def alone(triple: Triple) -> Answered:
        return _caught(lambda: analogy(space, *triple, method=method, keep_inputs=keep_inputs, **options._asdict()))

    if len(triples) < FEW or options.k == 0:
        return [alone(triple) for triple in triples]
    asked = [
        _caught(lambda one=one: _points(space, one, options.multi, SIGNS, unit=method != "offset"))  # type: ignore[misc]
        for one in triples
    ]
    fine = [points for points in asked if not isinstance(points, EmbgeoError)]
    if not fine:
        return [error for error in asked if isinstance(error, EmbgeoError)]
    vectors = np.array([point.vector for points in fine for point in points])  # [3 questions, dims]
    batch = analogies(method, vectors, np.arange(len(vectors)).reshape(-1, 3))
    sound = directed(batch)
    settled, batch = _settled(asked, sound.tolist(), alone), batch.where(sound)
    fine = [points for points in settled if isinstance(points, list)]
    if not fine:
        return [one for one in settled if not isinstance(one, list)]
    found = _listed(space, batch, fine, options, keep_inputs=keep_inputs)
    scores = _input_scores(space, batch, fine)
    manifest, fold = space.manifest, space.fold(raw=options.raw)

    def told(points: list[Point], listed: Listed, inputs: F32) -> Listing:
        left_out = () if keep_inputs else _left_out(space, points, listed, inputs, fold)
        answer = Analogy(
            "analogy", manifest.model, manifest.revision, manifest.dtype,
            (*space.notes, *space.split_notes(points, options.multi)),
            Query(question_text(points), tuple(point.term for point in points)), "cosine",
            (), method, left_out, transform=manifest.transform,
        )  # fmt: skip
        return Listing(answer, _best(listed))

    answers = (
        told(points, one, inputs) if one and np.isfinite(inputs).any() else alone(_terms(points))
        for points, one, inputs in zip(fine, found, scores, strict=True)
    )
    return [next(answers) if isinstance(one, list) else one for one in settled]


def _whole(space: Embedding, found: list[Listing | Answered], options: ListOptions) -> list[Answered]:
    return [one.whole(space, raw=options.raw) if isinstance(one, Listing) else one for one in found]


def _settled(
    asked: list[list[Point] | EmbgeoError], sound: Iterable[bool], alone: Callable[[Triple], Answered]
) -> list[list[Point] | Answered]:
    """What is asked, with what the question alone says where it cancels out: a search would find every row as good."""
    each = iter(sound)
    return [one if isinstance(one, EmbgeoError) or next(each) else alone(_terms(one)) for one in asked]


def _points(
    space: Embedding, terms: Sequence[str], multi: str, weights: Sequence[float] = (1.0,), *, unit: bool = True
) -> list[Point]:
    points = [space.point(term, weight, multi) for term, weight in zip(terms, weights, strict=True)]
    if unit:
        for point in points:
            point.unit()
    return points


def _terms(points: list[Point]) -> Triple:
    a, b, c = (point.term.term for point in points)
    return a, b, c


def _inputs(points: list[Point]) -> list[int]:
    return list(dict.fromkeys(token for point in points for token in point.ids))


def _listed(
    space: Embedding, batch: Batch, asked: list[list[Point]], options: ListOptions, *, keep_inputs: bool
) -> Iterator[Listed | None]:
    """What the lists of the questions are drawn from."""
    rows = len(space.matrix.norms)
    fold = space.fold(raw=options.raw)
    group = np.arange(rows) if fold is None else fold
    inputs = padded([[] if keep_inputs else _inputs(points) for points in asked])
    limits = Limits(
        space.allowed([], words=options.words, raw=options.raw), group, np.where(inputs >= 0, group[inputs], -1)
    )
    kept = options.k if fold is None else math.ceil(options.k * space.vocabulary.spellings) + MORE
    if batch.rule.is_sum:
        batch = summed(batch.vectors[batch.terms].sum(axis=1), np.arange(len(asked))[:, None])  # [questions, n, dims]
    if batch.rule.is_sum and kept <= MOST_KEPT:
        sweep = closest(space.matrix, batch.vectors, limits, kept)
    else:
        sweep = search(space.matrix, batch, limits, kept)
    for found in sweep:
        yield from lists(space.matrix, batch, found, group, options.k)


def _best(listed: Listed) -> Hits:
    return Hits(listed.rows[listed.best], listed.scores[listed.best])


def _input_scores(space: Embedding, batch: Batch, asked: list[list[Point]]) -> list[F32]:
    """The scores of each question's own inputs."""
    inputs = [_inputs(points) for points in asked]
    question = np.repeat(np.arange(len(inputs)), [len(one) for one in inputs])
    scores = exact(space.matrix, batch, question, np.concatenate(inputs).astype(np.intp))
    return np.split(scores, np.cumsum([len(one) for one in inputs])[:-1])


def _left_out(
    space: Embedding, points: list[Point], listed: Listed, scores: F32, fold: Ids | None
) -> tuple[LeftOut, ...]:
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
    tokens = [(space.vocabulary.token(token), score, rank) for rank, score, token in found]
    return tuple(LeftOut(token.id, token.piece, token.text, shortest(score), rank) for token, score, rank in tokens)


def _caught(ask: Callable[[], T]) -> T | EmbgeoError:
    try:
        return ask()
    except TermError as error:
        return error
