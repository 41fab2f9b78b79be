"""The evidence for a direction: held-out pairs, pairs with random signs, percentiles in the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from embgeo.errors import Report, UsageError, silent
from embgeo.numerics import significance
from embgeo.numerics.dtypes import F64, shortest, shortest_of
from embgeo.numerics.margins import PairSet
from embgeo.numerics.subspace import unit
from embgeo.questions.axes import Axes, sides
from embgeo.questions.terms import read_terms, term_notes
from embgeo.results.direction import (
    AxesScore,
    Baseline,
    DirectionScores,
    Evidence,
    HeldOut,
    LearnedDirection,
    PairEvidence,
    WordScore,
)

MAX_PAIRS: Final = 20_000  # pairs whose lowest cosine is computed, which compares every two of them
MAX_FLIPS: Final = 1_000_000  # permutations
SIGNIFICANCE_LEVEL: Final = 0.05  # of significance: a direction holds if p is at most this
NamedPairs = Sequence[tuple[str, str]]


def with_evidence(
    direction: Axes, answer: DirectionScores, *,
    test: NamedPairs = (), permutations: int = 1000, seed: int = 0, saved: str = "", report: Report = silent,
) -> LearnedDirection:  # fmt: skip
    """Scores or ends of a direction, with the evidence for it; see `Direction.with_evidence`."""
    if not 1 <= permutations <= MAX_FLIPS or seed < 0:
        hint = f"Use 1 to {MAX_FLIPS:,} permutations and a seed from 0."
        raise UsageError(f"can't try {permutations:,} permutations with seed {seed}", hint)
    fields = {name: getattr(answer, name) for name in DirectionScores.__dataclass_fields__}
    notes = dict.fromkeys([*answer.notes, *_test_notes(direction, test)])
    fields |= {"scores": _along(direction, answer.scores), "notes": tuple(notes)}
    return LearnedDirection(
        **fields, direction=direction.name, method=direction.method,
        shares=tuple(shortest_of(direction.shares)), norms=tuple(shortest_of(np.linalg.norm(direction.axes, axis=1))),
        evidence=_evidence(direction, test, permutations, seed, report) if direction.pairs or test else None,
        saved=saved,
    )  # fmt: skip


def _evidence(direction: Axes, test: NamedPairs, permutations: int, seed: int, report: Report) -> Evidence:
    left_out = baseline = agreement = lowest = holds = None
    pairs = len(direction.pairs)
    if pairs > 1:
        cosines = significance.agreement(own := _differences(direction))  # [pairs]
        lowest = shortest(significance.lowest_cosine(own, report)) if pairs <= MAX_PAIRS else None
        del own  # as large as all the rows of the pairs
        learned = PairSet.of(*sides(direction.pairs), direction.method, report)
        names = [(a.term.term, b.term.term) for a, b in direction.pairs]
        left_out, agreement = _held_out(names, learned.left_out(), cosines), shortest(cosines.mean())
        found = significance.sign_flip_test(learned, permutations, seed, report)
        baseline = Baseline(
            turnings=found.tried, exact=found.exact, seed=seed, accuracy=shortest(found.accuracy),
            accuracy_high=shortest(found.accuracy_high), margin_high=shortest(found.margin_high),
            p=shortest(found.p),
        )  # fmt: skip
        holds = (
            found.p <= SIGNIFICANCE_LEVEL
            if 2 ** (1 - pairs) <= SIGNIFICANCE_LEVEL and permutations >= 1 / SIGNIFICANCE_LEVEL
            else None
        )
    tested = _tested(direction, test) if test else None
    # Not rounded to float32: the probability can be far below float32's smallest number.
    chance = None if tested is None else significance.binomial_tail(tested.right, tested.of)
    return Evidence(
        left_out=left_out, baseline=baseline, agreement=agreement, lowest=lowest, test=tested, test_p=chance,
        holds=holds,
    )  # fmt: skip


def _differences(direction: Axes) -> F64:
    first, second = sides(direction.pairs)
    first -= second
    return first  # [pairs, dims]


def _tested(direction: Axes, test: NamedPairs) -> HeldOut:
    points = [read_terms(direction.model, pair, multi=direction.multi, unit=direction.unit) for pair in test]
    for point in (point for pair in points for point in pair):
        point.check_direction()
    first, second = sides(points)  # [pairs, dims] each
    own = unit(first) - unit(second) if direction.method == "pca" else first - second  # [pairs, dims]
    margins = unit(own) @ unit(direction.vector)  # [pairs, dims] @ [dims] -> [pairs]
    agreement = None
    if direction.pairs:
        agreement = significance.agreement(first - second, _differences(direction))  # [tested]
    return _held_out(list(test), margins, agreement)


def _held_out(names: NamedPairs, margins: F64, agreement: F64 | None) -> HeldOut:
    right = margins > 0  # [pairs]; NaN is not right
    shown = [None if np.isnan(margin) else shortest(margin) for margin in margins]
    others = [None] * len(names) if agreement is None else [shortest(cosine) for cosine in agreement]
    pairs = tuple(
        PairEvidence(first=a, second=b, margin=margin, right=bool(fine), agreement=other)
        for (a, b), margin, fine, other in zip(names, shown, right, others, strict=True)
    )
    count = int(right.sum())
    return HeldOut(
        right=count, of=len(names), accuracy=shortest(count / len(names)),
        margin=shortest(np.nan_to_num(margins).mean()), pairs=pairs,
    )  # fmt: skip


def _along(direction: Axes, scores: tuple[WordScore, ...]) -> tuple[AxesScore, ...]:
    """Scores along every axis."""
    if not scores:
        return ()
    points = read_terms(direction.model, [score.term for score in scores], multi=direction.multi)
    vectors = np.array([point.vector for point in points])  # [scores, dims]
    along = (vectors[:, None, :] * direction.axes).sum(axis=2)  # [scores, 1, dims] * [components, dims]
    return tuple(
        AxesScore(
            term=score.term, tokens=score.tokens, dot=score.dot, cosine=score.cosine, percentile=score.percentile,
            along=tuple(shortest_of(coordinates)),
        )
        for score, coordinates in zip(scores, along, strict=True)
    )  # fmt: skip


def _test_notes(direction: Axes, test: NamedPairs) -> tuple[str, ...]:
    points = read_terms(direction.model, [term for pair in test for term in pair], multi=direction.multi)
    learned = {frozenset((a.term.term, b.term.term)) for a, b in direction.pairs}
    both = [f"{a}:{b}" for a, b in test if frozenset((a, b)) in learned]
    seen = (f"both training and test pairs: {', '.join(both)}",) if both else ()
    return (*term_notes(points, direction.multi), *seen)
