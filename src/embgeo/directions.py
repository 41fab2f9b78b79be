"""Directions: the difference of two rows, and how far words reach along it."""

from __future__ import annotations

import itertools

import numpy as np

from embgeo.dtypes import F64, shortest
from embgeo.embedding import Embedding, Point
from embgeo.errors import TermError
from embgeo.neighbours import check_count
from embgeo.results.along import DirectionScores, End, Score
from embgeo.search import DOT, scan


class Direction:
    """row(a) - row(b), raw: scores along it are dot products, so that lengths count.

    Args:
        space: the model.
        a, b: terms.
        multi: for words of several tokens, as in `neighbours`.

    Raises:
        TermError: the model has no vector for a term, or the two are the same vector.
    """

    def __init__(self, space: Embedding, a: str, b: str, *, multi: str = "mean") -> None:
        self.space = space
        self.multi = multi
        self.points = (space.point(a, multi=multi), space.point(b, -1.0, multi))
        self.vector: F64 = self.points[0].vector - self.points[1].vector  # [dims]
        self.norm = float(np.linalg.norm(self.vector))
        if not (np.isfinite(self.norm) and self.norm > 0):
            raise TermError(f"'{a}' and '{b}' have the same vector here, which gives no direction")

    def score(self, words: list[str]) -> DirectionScores:
        """Each word's dot product and cosine with the direction, and whether they rise or fall in the order given.

        Raises:
            TermError: the model has no vector for a word.
        """
        points = [self.space.point(word, multi=self.multi) for word in words]
        scores = tuple(self._score(point) for point in points)
        return self._answer(points, scores, (), ())

    def ends(self, k: int = 10, *, raw: bool = False, words: bool = False) -> DirectionScores:
        """The k tokens with the highest and the k with the lowest dot product; the pair's own are left out.

        Args:
            raw, words: as in `neighbours`.
        """
        check_count(k)
        return self._answer([], (), self._end(1, k, raw, words), self._end(-1, k, raw, words))

    def _end(self, sign: int, k: int, raw: bool, words: bool) -> tuple[End, ...]:
        own = [token for point in self.points for token in point.ids]
        allowed = self.space.allowed(own, words=words, raw=raw)
        hits = scan(self.space.searchable(), sign * self.vector[None, :], DOT).best(
            k, allowed, self.space.fold(raw=raw)
        )
        norms = self.space.matrix.norms[hits.ids]
        rows = zip(hits.ids.tolist(), hits.scores.tolist(), norms, self.space.variants(hits.ids, raw=raw), strict=True)
        ends = []
        for rank, (token, dot, norm, variants) in enumerate(rows, 1):
            named = self.space.vocabulary.token(token)
            cosine = sign * dot / (norm * self.norm) if norm > 0 else 0.0
            ends.append(End(token, named.piece, named.text, rank, shortest(sign * dot), shortest(cosine), variants))
        return tuple(ends)

    def _score(self, point: Point) -> Score:
        dot = float(point.vector @ self.vector)  # [dims] @ [dims]
        cosine = dot / (point.norm * self.norm) if point.norm > 0 else 0.0
        return Score(point.term.term, point.term.tokens, shortest(dot), shortest(cosine))

    def _answer(
        self, points: list[Point], scores: tuple[Score, ...], top: tuple[End, ...], bottom: tuple[End, ...]
    ) -> DirectionScores:
        manifest = self.space.manifest
        notes = (*self.space.notes, *self.space.split_notes([*self.points, *points], self.multi))
        first, second = (point.term for point in self.points)
        return DirectionScores(
            "direction", manifest.model, manifest.revision, manifest.dtype, notes,
            ((first, second),), shortest(self.norm), scores, order_of([score.dot for score in scores]), top, bottom,
        )  # fmt: skip


def order_of(dots: list[float]) -> str:
    """How numbers run: `increasing`, `decreasing`, or `none` (also for fewer than two)."""
    steps = [after - before for before, after in itertools.pairwise(dots)]
    if steps and all(step > 0 for step in steps):
        return "increasing"
    return "decreasing" if steps and all(step < 0 for step in steps) else "none"
