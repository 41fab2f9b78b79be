"""Pairs as arrows in a plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.models.model import Model
from embgeo.numerics import significance
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.margins import PairSet
from embgeo.numerics.plane import Plane, along_mean, plane, principal, share_by_chance, shares_of_length
from embgeo.numerics.subspace import reject
from embgeo.questions.points import Point
from embgeo.questions.rows import about
from embgeo.questions.terms import read_term, read_terms, term_notes
from embgeo.results.plots.pairs import PairsChance, PairsPlot, PlaneAxis, PlottedPair, PlottedWord

WEAK_SHARE: Final = 0.5  # an arrow is weak if less than this share of its length lies in the plane
MIN_PERPENDICULAR: Final = 1e-9  # two axes are parallel if less than this is left of the second
PERMUTATIONS: Final = 1000  # a fifth of them for many pairs, whose mean varies less
MANY_PAIRS: Final = 50
PAIRS: Final = "pairs"
PCA: Final = "pca"


def plot_pairs(
    model: Model, pairs: Sequence[tuple[str, str]], *, axes: str = PAIRS, seed: int = 0, multi: str = "mean"
) -> PairsPlot:
    """Pairs of words as arrows in a plane, and how much of them the plane shows; see `EmbeddingSpace.plot_pairs`."""
    wrong = next((pair for pair in pairs if isinstance(pair, str) or len(pair) != 2), None)
    if wrong is not None:
        raise UsageError(f"{wrong!r:.60} is not a pair", 'As in: space.plot_pairs(("man", "woman"), ("king", "queen"))')
    if not pairs:
        raise UsageError("plot pairs needs a pair of words", "As in: embgeo plot pairs man:woman king:queen")
    points = {term: read_term(model, term, multi=multi) for term in dict.fromkeys(t for pair in pairs for t in pair)}
    units = {term: point.unit() for term, point in points.items()}
    first, second = (np.array([units[pair[side]] for pair in pairs]) for side in (0, 1))  # [pairs, dims]
    own = second - first  # [pairs, dims]
    for pair, length in zip(pairs, np.linalg.norm(own, axis=1), strict=True):
        if not length > MIN_PERPENDICULAR:
            raise TermError(f"'{pair[0]}' and '{pair[1]}' have the same vector here, which gives no arrow")
    found, names = _plane(model, np.array(list(units.values())), own, axes, multi)
    shares = shares_of_length(own, found.axes)  # [pairs]
    arrows = PairSet.of(second, first, "mean")
    cosines = arrows.left_out() if len(pairs) > 1 else np.full(1, np.nan)  # [pairs]
    across = shares_of_length(own, along_mean(first, own).axes[:1])  # [pairs]
    x, y = (PlaneAxis(name=name, variance=shortest(part)) for name, part in zip(names, found.variance, strict=True))
    return PairsPlot(
        **about(model, "plot pairs", term_notes(points.values(), multi)), axes=axes, x=x, y=y,
        words=_words(list(points.values()), found.coordinates), pairs=_pairs(pairs, shares, cosines),
        share=shortest(shares.mean()), across=shortest(across.mean()),
        cosine=shortest(np.nan_to_num(cosines).mean()) if len(pairs) > 1 else None,
        chance=_chance(arrows, own, seed) if len(pairs) > 1 else None,
    )  # fmt: skip


def _plane(model: Model, words: F64, own: F64, axes: str, multi: str) -> tuple[Plane, tuple[str, str]]:
    if axes == PAIRS:
        if not np.linalg.norm(own.mean(axis=0)) > MIN_PERPENDICULAR:
            raise TermError(f"the arrows of the {len(own)} pairs cancel out", "Draw them with --axes pca.")
        name = "the pair's difference" if len(own) == 1 else f"mean of the {len(own)} arrows"
        return along_mean(words, own), (name, "first component of what is left")
    if axes == PCA:
        components = principal(words - words.mean(axis=0), 2)  # [2, dims]
        return plane(words, components), ("first principal component", "second principal component")
    texts = [part.strip() for part in axes.split(",")]
    if len(texts) != 2 or not all(texts):
        hint = "As in: --axes 'woman - man,king - man'"
        raise UsageError(f"unknown axes '{axes}'; expected pairs, pca or two expressions", hint)
    across, up = (point.unit() for point in read_terms(model, texts, multi=multi))  # [dims] each
    left = reject(up[None, :], across[None, :])[0]  # [dims]
    length = np.linalg.norm(left)
    if not length > MIN_PERPENDICULAR:
        raise TermError(f"'{texts[0]}' and '{texts[1]}' are parallel, which gives no plane")
    return plane(words, np.array([across, left / length])), (texts[0], f"{texts[1]}, less its part across")


def _words(points: list[Point], coordinates: F64) -> tuple[PlottedWord, ...]:
    return tuple(
        PlottedWord(term=point.term.term, tokens=point.term.tokens, x=shortest(x), y=shortest(y))
        for point, (x, y) in zip(points, coordinates, strict=True)
    )


def _pairs(pairs: Sequence[tuple[str, str]], shares: F64, cosines: F64) -> tuple[PlottedPair, ...]:
    return tuple(
        PlottedPair(
            first=first, second=second, share=shortest(share), weak=bool(share < WEAK_SHARE),
            cosine=None if np.isnan(cosine) else shortest(cosine),
        )
        for (first, second), share, cosine in zip(pairs, shares, cosines, strict=True)
    )  # fmt: skip


def _chance(arrows: PairSet, own: F64, seed: int) -> PairsChance:
    found = significance.sign_flip_test(arrows, PERMUTATIONS if len(own) <= MANY_PAIRS else PERMUTATIONS // 5, seed)
    return PairsChance(
        turnings=found.tried, exact=found.exact, seed=seed, cosine_high=shortest(found.margin_high),
        p=shortest(found.p), across=shortest(share_by_chance(own, seed)),
    )  # fmt: skip
