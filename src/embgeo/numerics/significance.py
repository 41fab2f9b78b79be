"""Evidence for a direction: leave-one-out margins, a sign-flip permutation test, and percentiles in the vocabulary.

Each pair is tested with a direction learned from the other pairs. Its *margin* is the cosine of its own difference with
that direction; above zero the first end scores higher, as it should. If the pairs had nothing in common, it would not
matter which end of a pair comes first: the test swaps the ends of pairs at random, which flips the signs of their
differences, and counts how often the mean margin is as high.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F64, Mask
from embgeo.numerics.search import Scan
from embgeo.numerics.subspace import unit

BLOCK: Final = 1 << 20  # numbers in a block


class SignFlips(NamedTuple):
    """The distribution of margins over random sign flips.

    Attributes:
        tried: how many sign flips were tried.
        exact: they are all possible ones, not a sample.
        accuracy: the share of pairs with a positive margin, on average.
        accuracy_high, margin_high: the 95 % quantiles of that share and of the mean margin.
        p: the share of sign flips whose mean margin is at least that of the pairs as given (itself included).
    """

    tried: int
    exact: bool
    accuracy: float
    accuracy_high: float
    margin_high: float
    p: float


def leave_one_out(first: F64, second: F64, method: str) -> F64:
    """The margin [pairs] of each pair with the direction of the others; NaN if they have none.

    Args:
        first, second: [pairs, dims], two pairs at least.
        method: as in `subspace.learn`; `pca` compares unit rows, the others raw rows.
    """
    first, second = _compact(first, second, method)
    margins: F64 = _margins(np.ones((1, len(first))), first, second, _axes(first, second, method), method)[0]
    return margins


def sign_flip_test(first: F64, second: F64, method: str, count: int, seed: int) -> SignFlips:
    """Compare the pairs as given with sign flips: with all of them if they are at most `count`, else with a sample.

    Flipping all pairs changes nothing (the direction flips with them), so the first pair is never flipped.
    """
    first, second = _compact(first, second, method)
    axes = _axes(first, second, method)
    pairs = len(first)
    exact = 2 ** (pairs - 1) <= count
    margins = np.concatenate(
        [_margins(signs, first, second, axes, method) for signs in _signs(pairs, count, seed, exact=exact)]
    )  # [flips, pairs]; the first flips nothing
    right = (margins > 0).mean(axis=1)  # [flips]
    means = np.nan_to_num(margins).mean(axis=1)  # [flips]
    reach = int(np.count_nonzero(means >= means[0] - 1e-12))  # includes itself despite rounding
    others = slice(None) if exact else slice(1, None)
    accuracy, margin = (float(np.quantile(values[others], 0.95, method="inverted_cdf")) for values in (right, means))
    return SignFlips(len(means) - (not exact), exact, float(right[others].mean()), accuracy, margin, reach / len(means))


def difference_cosines(first: F64, second: F64) -> F64:
    """Cosines [pairs, pairs] between the raw differences of the pairs [pairs, dims]."""
    units = unit(first - second)  # [pairs, dims]
    cosines: F64 = units @ units.T  # [pairs, dims] @ [dims, pairs]
    return cosines


def binomial_tail(right: int, of: int) -> float:
    """The probability that at least `right` of `of` independent pairs are right if each is with probability 1/2."""
    return float(sum(math.comb(of, count) for count in range(right, of + 1)) / 2**of)


def percentiles(question: Scan, scores: F64, allowed: Mask) -> F64:
    """The percentage [scores] of the allowed rows that score lower than each score; equal rows count half.

    Args:
        question: a scan of the vocabulary along the direction.
        scores: [scores], rounded to float32 as the scan's own are.
    """
    rows = np.count_nonzero(allowed & np.isfinite(question.matrix.norms))
    return np.array([100 * _below(question, float(score), allowed) / rows for score in scores])


def _below(question: Scan, score: float, allowed: Mask) -> float:
    lower = allowed & (question.high < score) & np.isfinite(question.matrix.norms)
    unsure = np.flatnonzero(allowed & (question.high >= score) & (question.low <= score))
    exact = question.score(unsure)
    return float(np.count_nonzero(lower) + np.count_nonzero(exact < score) + np.count_nonzero(exact == score) / 2)


def _compact(first: F64, second: F64, method: str) -> tuple[F64, F64]:
    """The same rows as coordinates in their span: fewer dimensions with the same dot products."""
    both = np.concatenate([first, second])  # [2 pairs, dims]
    if method == "pca":
        both = unit(both)
    if len(both) < both.shape[1]:
        both = np.linalg.qr(both.T)[1].T  # [2 pairs, 2 pairs]
    return both[: len(first)], both[len(first) :]


def _axes(first: F64, second: F64, method: str) -> F64:
    """For `pca`, the axis of the other pairs for each pair [pairs, dims]: flips change at most its sign."""
    if method != "pca":
        return np.empty((0, first.shape[1]))
    own = first - second  # [pairs, dims]
    gram = own @ own.T  # [pairs, dims] @ [dims, pairs]; its leading eigenvector weighs the pairs into the axis
    axes = np.empty_like(own)  # [pairs, dims]
    for pair in range(len(own)):
        rest = np.delete(np.arange(len(own)), pair)
        leading = np.linalg.eigh(gram[np.ix_(rest, rest)])[1][:, -1]  # [pairs - 1]
        axes[pair] = leading @ own[rest]  # [pairs - 1] @ [pairs - 1, dims] -> [dims]
    return unit(axes)


def _margins(signs: F64, first: F64, second: F64, axes: F64, method: str) -> F64:
    """Margins [flips, pairs] with the ends of pairs swapped where signs [flips, pairs] are -1."""
    own = first - second  # [pairs, dims]
    sums = signs @ own  # [flips, pairs] @ [pairs, dims] -> [flips, dims]
    others = sums[:, None, :] - signs[:, :, None] * own  # [flips, pairs, dims]: without the pair itself
    if method == "pca":
        along = np.einsum("tpd,pd->tp", others, axes)  # [flips, pairs]
        directions = np.where(along < 0, -1.0, 1.0)[:, :, None] * axes  # [flips, pairs, dims]
    elif method == "sum":
        total = (first + second).sum(axis=0) - (first + second)  # [pairs, dims]: of both ends of the others
        directions = unit((total + others) / 2) - unit((total - others) / 2)  # [flips, pairs, dims]
    else:
        directions = others
    lengths = np.linalg.norm(directions, axis=2) * np.linalg.norm(own, axis=1)  # [flips, pairs]
    dots = signs * np.einsum("tpd,pd->tp", directions, own)  # [flips, pairs]
    with np.errstate(invalid="ignore", divide="ignore"):
        margins: F64 = dots / np.where(lengths > 0, lengths, np.nan)
    return margins


def _signs(pairs: int, count: int, seed: int, *, exact: bool) -> Iterator[F64]:
    """Blocks of signs [block, pairs], +1 or -1; the first line flips nothing."""
    step = max(1, BLOCK // (pairs * pairs * 2))
    if exact:
        every = itertools.product((1.0, -1.0), repeat=pairs - 1)
        while block := list(itertools.islice(every, step)):
            yield np.array([(1.0, *signs) for signs in block]).reshape(len(block), pairs)
        return
    random = np.random.default_rng(seed)
    yield np.ones((1, pairs))
    for at in range(0, count, step):
        yield random.choice((1.0, -1.0), (min(step, count - at), pairs))
