"""Directions: differences of rows, learnt from one pair or many, and how far words reach along them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.models.model import CANCELLED, Embedding, Point
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.search import DOT, scan
from embgeo.numerics.subspace import learn
from embgeo.questions.neighbors import check_count
from embgeo.results.direction import DirectionScores, End, Score


@dataclass(frozen=True, slots=True)
class Direction:
    """One or more axes of the space, and the pairs that they were learnt from. Made by `from_pairs` and its kin.

    Scores along it are dot products of raw rows with `vector`, so that lengths count.

    Attributes:
        name: as people call it.
        axes: [components, dims]; for the default method the raw mean difference of the pairs, first minus second.
        shares: [components] of the pairs' variance (`pca`), or empty.
        pairs: as vectors; empty for a direction that was given or read as it is.
        method: as in `subspace.learn`; empty for a direction that was not learnt.
        notes: on where it came from.
        ids: the rows that it was made of, which its ends leave out.
    """

    space: Embedding
    name: str
    axes: F64
    shares: F64
    pairs: tuple[tuple[Point, Point], ...] = ()
    method: str = ""
    multi: str = "mean"
    notes: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()

    @property
    def vector(self) -> F64:
        """The first axis [dims]."""
        first: F64 = self.axes[0]
        return first

    @property
    def norm(self) -> float:
        """Length of the first axis."""
        return float(np.linalg.norm(self.vector))

    def score(self, words: Sequence[str]) -> DirectionScores:
        """Each word's dot product and cosine with the direction, and whether they rise or fall in the order given.

        Raises:
            TermError: the model has no vector for a word.
        """
        points = [self.space.point(word, multi=self.multi) for word in words]
        scores = tuple(self.score_of(point) for point in points)
        return self._answer(points, scores, (), ())

    def ends(self, k: int = 10, *, raw: bool = False, words: bool = False) -> DirectionScores:
        """The k tokens with the highest and the k with the lowest dot product; the pairs' own are left out.

        Args:
            raw, words: as in `neighbours`.
        """
        check_count(k)
        return self._answer([], (), self._end(1, k, raw, words), self._end(-1, k, raw, words))

    def save(self, path: str) -> None:
        """Keep the direction in a safetensors file, from which `from_file` reads the same numbers.

        Raises:
            UsageError: it can't be written there, or another file is there.
        """
        from embgeo.formats.direction_file import Saved, save

        pairs = tuple((a.term.term, b.term.term) for a, b in self.pairs)
        manifest = self.space.manifest
        save(
            path,
            Saved(
                self.axes, self.shares, manifest.model, manifest.revision, self.method, self.multi, pairs,
                manifest.transform,
            ),
        )  # fmt: skip

    def score_of(self, point: Point) -> Score:
        """One term along the direction."""
        dot = float(point.vector @ self.vector)  # [dims] @ [dims]
        cosine = dot / (point.norm * self.norm) if point.norm > 0 else 0.0
        return Score(point.term.term, point.term.tokens, shortest(dot), shortest(cosine))

    def _end(self, sign: int, k: int, raw: bool, words: bool) -> tuple[End, ...]:
        allowed = self.space.allowed(list(self.ids), words=words, raw=raw)
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

    def _answer(
        self, points: list[Point], scores: tuple[Score, ...], top: tuple[End, ...], bottom: tuple[End, ...]
    ) -> DirectionScores:
        manifest = self.space.manifest
        own = [point for pair in self.pairs for point in pair]
        notes = (*self.space.notes, *self.notes, *self.space.split_notes([*own, *points], self.multi))
        return DirectionScores(
            "direction", manifest.model, manifest.revision, manifest.dtype, notes,
            tuple((first.term, second.term) for first, second in self.pairs), shortest(self.norm), scores,
            order_of([score.dot for score in scores]), top, bottom, transform=manifest.transform,
        )  # fmt: skip


def from_pairs(
    space: Embedding, pairs: Sequence[tuple[str, str]], *,
    method: str = "mean", components: int = 1, multi: str = "mean",
) -> Direction:  # fmt: skip
    """What pairs have in common: for one pair and the method `mean`, row(first) - row(second), raw.

    Args:
        pairs: terms; the direction points from the second of each to the first.
        method, components: as in `subspace.learn`.
        multi: for words of several tokens, as in `neighbours`.

    Raises:
        TermError: the model has no vector for a term, or the two of a pair are the same vector.
        UsageError: no pairs, no such method, or more components than it gives.
    """
    if not pairs:
        raise UsageError("a direction takes a pair of terms", "As in: embgeo direction cats cat")
    points = tuple((space.point(a, multi=multi), space.point(b, -1.0, multi)) for a, b in pairs)
    for first, second in points:
        _check_apart(first, second, method)
    learnt = learn(_rows(points, 0), _rows(points, 1), method, components)
    name = f"{pairs[0][0]} - {pairs[0][1]}" if len(pairs) == 1 else f"{len(pairs)} pairs"
    if not np.linalg.norm(learnt.axes, axis=1).all():
        raise TermError(f"the differences of the {name} cancel out, which gives no direction")
    return Direction(space, name, learnt.axes, learnt.shares, points, method, multi, _twice(pairs), _ids(points))


def from_text(space: Embedding, text: str, *, multi: str = "mean") -> Direction:
    """A direction as it is typed: `@FILE` (one that was saved), or any expression, such as `cats - cat`.

    Raises:
        TermError: the model has no vector for a term, the expression is malformed, or it comes to nothing.
        UsageError, FormatError: there is no such file, or no direction in it.
    """
    if text.startswith("@") and len(text) > 1:
        return from_file(space, text[1:], multi=multi)
    point = space.point(text, multi=multi)
    point.unit()
    notes = space.split_notes([point], multi)
    axes = point.vector[None, :]  # [1, dims]
    return Direction(space, text, axes, np.empty(0), multi=multi, notes=notes, ids=tuple(point.ids))


def from_file(space: Embedding, path: str, *, multi: str = "mean") -> Direction:
    """A direction that was saved; a note says so where it was learnt on another model.

    Raises:
        TermError: it has other dimensions than the model.
        UsageError, FormatError: there is no such file, or no direction in it.
    """
    from embgeo.formats.direction_file import read

    saved = read(path)
    manifest = space.manifest
    if saved.axes.shape[1] != manifest.shape[1]:
        dims = f"{saved.axes.shape[1]:,} dimensions, {manifest.model} has {manifest.shape[1]:,}"
        raise TermError(f"the direction in '{path}' has {dims}", f"It was learnt on {saved.model}: -m {saved.model}")
    here, there = (
        " ".join(part for part in (one.model, one.revision, one.transform) if part) for one in (manifest, saved)
    )
    if here != there:
        notes = (f"'{path}' was learnt on {there}, and is used on {here}",)
        return Direction(space, f"@{path}", saved.axes, saved.shares, (), saved.method, multi, notes)
    points = tuple((space.point(a, multi=saved.multi), space.point(b, -1.0, saved.multi)) for a, b in saved.pairs)
    return Direction(space, f"@{path}", saved.axes, saved.shares, points, saved.method, multi, ids=_ids(points))


def order_of(dots: list[float]) -> str:
    """How numbers run: `increasing`, `decreasing`, or `none` (also for fewer than two)."""
    steps = [after - before for before, after in itertools.pairwise(dots)]
    if steps and all(step > 0 for step in steps):
        return "increasing"
    return "decreasing" if steps and all(step < 0 for step in steps) else "none"


def _rows(points: Sequence[tuple[Point, Point]], side: int) -> F64:
    return np.array([pair[side].vector for pair in points])  # [pairs, dims]


def _twice(pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    names = [f"{a}:{b}" for a, b in pairs]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1] if len(set(names)) < len(names) else []
    return (f"given more than once, so that the evidence flatters: {', '.join(twice)}",) if twice else ()


def _ids(points: Sequence[tuple[Point, Point]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(token for pair in points for point in pair for token in point.ids))


def _check_apart(first: Point, second: Point, method: str) -> None:
    if method == "pca":
        apart = float(np.linalg.norm(first.unit() - second.unit()))
        added = 2.0
    else:
        apart = float(np.linalg.norm(first.vector - second.vector))
        added = first.added + second.added
    if not (np.isfinite(apart) and apart > CANCELLED * added):
        a, b = first.term.term, second.term.term
        raise TermError(f"'{a}' and '{b}' have the same vector here, which gives no direction")
