"""Directions: differences of rows, learned from one pair or many, and the scores of words along them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from embgeo.errors import Report, TermError, UsageError, check_is_list, first_of, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import shortest
from embgeo.numerics.objectives import DOT
from embgeo.numerics.search import scan
from embgeo.numerics.subspace import learn
from embgeo.questions.axes import Axes, order_of, sides
from embgeo.questions.points import Point, TermLike, check_apart
from embgeo.questions.ranking import ListOptions, check_count
from embgeo.questions.rows import about, variants
from embgeo.questions.terms import read_term, read_terms, term_notes
from embgeo.results.direction import DirectionEnd, DirectionScores, LearnedDirection, WordScore
from embgeo.vocabulary.expression import is_expression

TermPair = tuple[TermLike, TermLike]

MAX_NAMED: Final = 100  # repeated pairs that a note lists
REPORT_INTERVAL: Final = 1000  # pairs are read between two reports


@dataclass(frozen=True, slots=True)
class Direction(Axes):
    """A direction of the space. Made by `EmbeddingSpace.direction`.

    A score along it is the dot product of a raw row with `vector`, so the lengths of both matter.
    """

    def score(self, words: Sequence[TermLike]) -> DirectionScores:
        """Each word's dot product, cosine and percentile, and whether the scores rise or fall in the order given.

        Raises:
            TermError: the model has no vector for a word.
            UsageError: a single text in place of a list.
        """
        check_is_list(words)
        points = read_terms(self.model, words, multi=self.multi)
        return self._answer(points, self.scores_of(points), (), ())

    def ends(self, k: int = 10, *, raw: bool = False, words: bool = False, pieces: bool = False) -> DirectionScores:
        """The k tokens with the highest and the k with the lowest dot product, without the direction's own terms.

        Args:
            raw, words, pieces: as in `neighbors`.

        Raises:
            UsageError: a negative k.
        """
        check_count(k)
        options = ListOptions(k, raw, words, pieces=pieces)
        top, bottom = (self._end(sign, options) for sign in (1, -1))
        return self._answer([], (), top, bottom, pieces=options.lists_pieces(self.model))

    def save(self, path: str) -> None:
        """Save the direction to a safetensors file; `from_file` reads exactly the same numbers.

        Raises:
            UsageError: the file can't be written, or another file has that name.
        """
        from embgeo.formats.direction_file import SavedDirection, save

        pairs = tuple((a.term.term, b.term.term) for a, b in self.pairs)
        manifest = self.model.manifest
        save(
            path,
            SavedDirection(
                self.axes, self.shares, manifest.model, manifest.revision, self.method, self.multi, pairs,
                manifest.transform, self.unit,
            ),
        )  # fmt: skip

    def with_evidence(
        self, answer: DirectionScores, *, test: Sequence[tuple[str, str]] = (), permutations: int = 1000, seed: int = 0,
        saved: str = "", report: Report = silent,
    ) -> LearnedDirection:  # fmt: skip
        """Scores or ends along the direction, with percentiles and the evidence for it.

        Args:
            answer: the result of `score` or `ends`.
            test: pairs that the direction was not learned from.
            permutations, seed: of the baseline, the pairs with random signs (`significance.sign_flip_test`).
            saved: the file that the direction was saved to.
            report: called with the progress.

        Raises:
            TermError: the model has no vector for a term of `test`, or that vector has no direction.
            UsageError: fewer than one permutation or more than a million, or a negative seed.
        """
        from embgeo.questions.evidence import with_evidence

        return with_evidence(self, answer, test=test, permutations=permutations, seed=seed, saved=saved, report=report)

    def _end(self, sign: int, options: ListOptions) -> tuple[DirectionEnd, ...]:
        model = self.model
        search = scan(model.searchable(), sign * self.vector[None, :], DOT)  # [1, dims]
        hits = search.best(options.k, options.listable(model, list(self.ids)), options.fold(model))
        tokens, norms = map(model.vocabulary.token, hits.ids.tolist()), model.weights.norms[hits.ids]
        rows = zip(tokens, hits.scores.tolist(), norms, variants(model, hits.ids, raw=options.raw), strict=True)
        return tuple(
            DirectionEnd(
                *token, rank=rank, dot=shortest(sign * dot), variants=others,
                cosine=shortest(sign * dot / (norm * self.norm) if norm > 0 else 0.0),
            )
            for rank, (token, dot, norm, others) in enumerate(rows, 1)
        )  # fmt: skip

    def _answer(
        self,
        points: list[Point],
        scores: tuple[WordScore, ...],
        top: tuple[DirectionEnd, ...],
        bottom: tuple[DirectionEnd, ...],
        *,
        pieces: bool | None = None,
    ) -> DirectionScores:
        own = [point for pair in self.pairs for point in pair]
        notes = (*self.notes, *term_notes([*own, *points], self.multi))
        order = order_of([score.dot for score in scores])
        return DirectionScores(
            **about(self.model, "direction", notes), unit=self.unit,
            pairs=tuple((first.term, second.term) for first, second in self.pairs), norm=shortest(self.norm),
            scores=scores, order=order, order_chance=None if order == "none" else 1 / math.factorial(len(scores)),
            top=top, bottom=bottom, pieces=pieces,
        )  # fmt: skip


def direction(
    model: Model, a: TermLike = "", b: TermLike = "", *, pairs: Sequence[TermPair] = (), method: str = "mean",
    components: int = 1, unit: bool = False, multi: str = "mean", report: Report = silent,
) -> Direction:  # fmt: skip
    """The direction learned from pairs, or the one that `a` alone names; see `EmbeddingSpace.direction`."""
    first, second = (isinstance(term, str) and not term for term in (a, b))  # whether it is missing
    if not first and second and not pairs and (not isinstance(a, str) or a.startswith("@") or is_expression(a)):
        if method != "mean" or components != 1:
            raise UsageError(f"'{a}' is not learned from pairs", "--method and --components go with pairs of terms.")
        if unit and isinstance(a, str) and a.startswith("@"):
            raise UsageError(
                f"'{a}' is learned already", "--unit goes with the terms that a direction is learned from."
            )
        return from_text(model, a, unit=unit, multi=multi)
    if second and not first:
        raise UsageError(f"'{a}' is only half of a pair", "As in: embgeo direction cats cat")
    own = [] if first and second else [(a, b)]
    return from_pairs(
        model, [*own, *pairs], method=method, components=components, unit=unit, multi=multi, report=report
    )


def from_pairs(
    model: Model, pairs: Sequence[TermPair], *,
    method: str = "mean", components: int = 1, unit: bool = False, multi: str = "mean", report: Report = silent,
) -> Direction:  # fmt: skip
    """The direction that pairs share: for one pair and the method `mean`, the raw difference first - second."""
    if not pairs:
        raise UsageError("direction needs a pair of terms", "As in: embgeo direction cats cat")
    points = _points(model, pairs, multi, report, unit=unit)
    for first, second in points:
        check_apart(first, second, unit=method == "pca")
    learned = learn(*sides(points), method, components)
    name = " - ".join(point.term.term for point in points[0]) if len(points) == 1 else f"{len(points)} pairs"
    if not np.linalg.norm(learned.axes, axis=1).all():
        raise TermError(f"the differences of the {name} cancel out, which gives no direction")
    return Direction(
        model, name, learned.axes, learned.shares, points, method, multi, unit, _repeated(points), _ids(points)
    )


def from_text(model: Model, text: TermLike, *, unit: bool = False, multi: str = "mean") -> Direction:
    """The direction of a vector, an expression or `@FILE`, a saved one; errors as in `read_term` and `read_saved`."""
    if isinstance(text, str) and text.startswith("@") and len(text) > 1:
        return from_file(model, text[1:], multi=multi)
    point = read_term(model, text, multi=multi, unit=unit)
    point.check_direction()
    notes = term_notes([point], multi)
    axes = point.vector[None, :]  # [1, dims]
    return Direction(
        model, point.term.term, axes, np.empty(0), multi=multi, unit=unit, notes=notes, ids=tuple(point.ids)
    )


def from_file(model: Model, path: str, *, multi: str = "mean") -> Direction:
    """A saved direction, without its pairs if it was learned on another model; errors as in `read_saved`."""
    from embgeo.questions.saved_directions import read_saved

    saved, notes = read_saved(model, path)
    points = () if notes else _points(model, saved.pairs, saved.multi, silent, unit=saved.unit)
    return Direction(
        model, f"@{path}", saved.axes, saved.shares, points, saved.method, multi, saved.unit, notes, _ids(points)
    )


def _points(
    model: Model, pairs: Sequence[TermPair], multi: str, report: Report, *, unit: bool
) -> tuple[tuple[Point, Point], ...]:
    """The terms of pairs as vectors; a term that occurs in several pairs is read only once."""
    known: dict[str, Point] = {}

    def read(term: TermLike) -> Point:
        if not isinstance(term, str):
            return read_term(model, term, multi=multi, unit=unit)
        if term not in known:
            known[term] = read_term(model, term, multi=multi, unit=unit)
        return known[term]

    points = []
    for done, (first, second) in enumerate(pairs, 1):
        plus, minus = read(first), read(second)
        points.append((plus, minus._replace(term=replace(minus.term, weight=-1.0))))
        if done % REPORT_INTERVAL == 0:
            report("Reading pairs", done, len(pairs), "pairs")
    return tuple(points)


def _repeated(pairs: Sequence[tuple[Point, Point]]) -> tuple[str, ...]:
    names = Counter(f"{a.term.term}:{b.term.term}" for a, b in pairs)
    twice = [name for name, times in names.items() if times > 1]
    what = "given more than once, so the evidence looks stronger than it is"
    return (f"{what}: {first_of(twice, MAX_NAMED)}",) if twice else ()


def _ids(points: Sequence[tuple[Point, Point]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(token for pair in points for point in pair for token in point.ids))
