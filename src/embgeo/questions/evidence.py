"""A direction with the evidence for it: pairs held out, pairs turned round at random, places in the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from embgeo.errors import UsageError
from embgeo.numerics import significance
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.search import DOT, scan
from embgeo.numerics.subspace import unit
from embgeo.questions.direction import Direction
from embgeo.results.direction import DirectionScores, Score
from embgeo.results.learnt import Baseline, Evidence, HeldOut, LearntDirection, PairEvidence, PlacedScore

LEVEL: Final = 0.05  # what a p at most this is called: more than chance
Pairs = Sequence[tuple[str, str]]


def judged(
    direction: Direction, answer: DirectionScores, *,
    test: Pairs = (), turnings: int = 1000, seed: int = 0, saved: str = "",
) -> LearntDirection:  # fmt: skip
    """An answer of `direction` (scores or ends) with percentiles and evidence.

    Args:
        test: pairs that the direction was not learnt from, to be told apart by it.
        turnings, seed: of the baseline, as in `evidence.turned`.
        saved: the file that the direction was saved to.

    Raises:
        TermError: the model has no vector for a term of `test`, or one without direction.
        UsageError: a number of turnings or a seed below what makes sense.
    """
    if turnings < 1 or seed < 0:
        raise UsageError(f"can't try {turnings} permutations with seed {seed}", "At least 1, and a seed from 0.")
    told = {name: getattr(answer, name) for name in DirectionScores.__dataclass_fields__}
    notes = dict.fromkeys([*answer.notes, *_test_notes(direction, test)])
    told |= {"scores": _placed(direction, answer.scores), "notes": tuple(notes)}
    return LearntDirection(
        **told, direction=direction.name, method=direction.method,
        shares=_floats(direction.shares), norms=_floats(np.linalg.norm(direction.axes, axis=1)),
        evidence=_evidence(direction, test, turnings, seed) if direction.pairs or test else None, saved=saved,
    )  # fmt: skip


def _evidence(direction: Direction, test: Pairs, turnings: int, seed: int) -> Evidence:
    left_out = baseline = agreement = lowest = holds = None
    pairs = len(direction.pairs)
    if pairs > 1:
        first, second = _sides(direction)
        margins = significance.held_out(first, second, direction.method)
        cosines = significance.differences(first, second)  # [pairs, pairs]
        others = cosines[~np.eye(pairs, dtype=bool)].reshape(pairs, pairs - 1)
        names = [(a.term.term, b.term.term) for a, b in direction.pairs]
        left_out = _held_out(names, margins, others.mean(axis=1))
        agreement, lowest = shortest(others.mean()), shortest(others.min())
        found = significance.turned(first, second, direction.method, turnings, seed)
        baseline = Baseline(
            found.tried, found.exact, seed, shortest(found.accuracy), shortest(found.accuracy_high),
            shortest(found.margin_high), shortest(found.p),
        )  # fmt: skip
        holds = found.p <= LEVEL if 2 ** (1 - pairs) <= LEVEL and turnings >= 1 / LEVEL else None
    tested = _tested(direction, test) if test else None
    chance = None if tested is None else significance.by_chance(tested.right, tested.of)  # far below float32's least
    return Evidence(left_out, baseline, agreement, lowest, tested, chance, holds)


def _sides(direction: Direction) -> tuple[F64, F64]:
    first, second = (np.array([pair[side].vector for pair in direction.pairs]) for side in (0, 1))
    return first, second  # [pairs, dims] each


def _tested(direction: Direction, test: Pairs) -> HeldOut:
    points = [[direction.space.point(term, multi=direction.multi) for term in pair] for pair in test]
    for point in (point for pair in points for point in pair):
        point.unit()
    first, second = (np.array([pair[side].vector for pair in points]) for side in (0, 1))  # [pairs, dims] each
    own = unit(first) - unit(second) if direction.method == "pca" else first - second  # [pairs, dims]
    margins = unit(own) @ unit(direction.vector)  # [pairs, dims] @ [dims] -> [pairs]
    agreement = None
    if direction.pairs:
        before, after = _sides(direction)
        agreement = (unit(first - second) @ unit(before - after).T).mean(axis=1)  # [tested, learnt] -> [tested]
    return _held_out(list(test), margins, agreement)


def _held_out(names: Pairs, margins: F64, agreement: F64 | None) -> HeldOut:
    right = margins > 0  # [pairs]; a margin that is no number is not right
    told = [None if np.isnan(margin) else shortest(margin) for margin in margins]
    others = [None] * len(names) if agreement is None else [shortest(cosine) for cosine in agreement]
    pairs = tuple(
        PairEvidence(a, b, margin, bool(fine), other)
        for (a, b), margin, fine, other in zip(names, told, right, others, strict=True)
    )
    count = int(right.sum())
    return HeldOut(count, len(names), shortest(count / len(names)), shortest(np.nan_to_num(margins).mean()), pairs)


def _placed(direction: Direction, scores: tuple[Score, ...]) -> tuple[PlacedScore, ...]:
    """Scores with their percentiles, all found in one pass over the vocabulary."""
    if not scores:
        return ()
    space = direction.space
    question = scan(space.searchable(), direction.vector[None, :], DOT)  # [1, dims]
    vectors = np.array([space.point(score.term, multi=direction.multi).vector for score in scores])  # [scores, dims]
    along = (vectors[:, None, :] * direction.axes).sum(axis=2)  # [scores, components]; added up as the scan does
    with np.errstate(over="ignore"):
        asked = along[:, 0].astype(np.float32).astype(np.float64)  # rounded as the scan rounds
    places = significance.percentiles(question, np.where(np.isinf(asked), along[:, 0], asked), space.allowed([]))
    return tuple(
        PlacedScore(score.term, score.tokens, score.dot, score.cosine, _floats(coordinates), shortest(place))
        for score, coordinates, place in zip(scores, along, places, strict=True)
    )


def _test_notes(direction: Direction, test: Pairs) -> tuple[str, ...]:
    points = [direction.space.point(term, multi=direction.multi) for pair in test for term in pair]
    learnt = {frozenset((a.term.term, b.term.term)) for a, b in direction.pairs}
    both = [f"{a}:{b}" for a, b in test if frozenset((a, b)) in learnt]
    seen = (f"learnt from and tested alike: {', '.join(both)}",) if both else ()
    return (*direction.space.split_notes(points, direction.multi), *seen)


def _floats(values: F64) -> tuple[float, ...]:
    return tuple(shortest(value) for value in values)
