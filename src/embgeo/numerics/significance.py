"""Evidence for a direction: leave-one-out margins, a sign-flip permutation test, and percentiles in the vocabulary.

Each pair is tested with a direction learned from the other pairs. Its *margin* is the cosine of its own difference with
that direction; if it is positive, the first end scores higher, as it should. If the pairs had nothing in common, it
would not matter which end of a pair comes first: the test swaps the ends of random pairs, which flips the signs of
their differences, and counts how often the mean margin is at least as high.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, silent
from embgeo.numerics.dtypes import F64, Mask
from embgeo.numerics.margins import PairSet
from embgeo.numerics.search import Scan
from embgeo.numerics.subspace import unit

BLOCK_SIGNS: Final = 1 << 21  # signs in a block
EXACT_LIMIT: Final = 5000  # pairs counted in whole numbers
PAIR_BLOCK: Final = 1024  # pairs compared with as many at a time; OpenBLAS fails on the product of 16,000 by 16,000


class SignFlips(NamedTuple):
    """The distribution of margins over random sign flips.

    Attributes:
        tried: how many sign flips were tried.
        exact: they are all possible ones, not a sample.
        accuracy: the share of pairs with a positive margin, on average.
        accuracy_high, margin_high: the 95% quantiles of that share and of the mean margin.
        p: the share of sign flips whose mean margin is at least that of the pairs as given (itself included).
    """

    tried: int
    exact: bool
    accuracy: float
    accuracy_high: float
    margin_high: float
    p: float


def sign_flip_test(pairs: PairSet, count: int, seed: int, report: Report = silent) -> SignFlips:
    """Compare the pairs as given with sign flips: with all of them if they are at most `count`, else with a sample.

    Flipping all pairs changes nothing (the direction flips with them), so the first pair is never flipped.
    """
    of = len(pairs.own)
    exact = of <= count.bit_length() and 2 ** (of - 1) <= count
    total, right, means = 2 ** (of - 1) if exact else count + 1, [], []
    for signs in _signs(of, count, seed, exact=exact):
        margins = pairs.margins(signs)  # [block, pairs]; the first of all flips nothing
        right += (margins > 0).mean(axis=1).tolist()
        means += np.nan_to_num(margins).mean(axis=1).tolist()
        report("Flipping signs", len(means), total, "sign flips")
    return _summary(np.array(right), np.array(means), exact=exact)


def _summary(right: F64, means: F64, *, exact: bool) -> SignFlips:
    """The distribution from the share of positive margins and the mean margin of each flip [flips]."""
    reach = int(np.count_nonzero(means >= means[0] - 1e-12))  # includes itself despite rounding
    others = slice(None) if exact else slice(1, None)
    accuracy, margin = (float(np.quantile(values[others], 0.95, method="inverted_cdf")) for values in (right, means))
    return SignFlips(len(means) - (not exact), exact, float(right[others].mean()), accuracy, margin, reach / len(means))


def agreement(own: F64, with_: F64 | None = None) -> F64:
    """The mean cosine [pairs] of each difference [pairs, dims] with those of other pairs [others, dims].

    Args:
        with_: the other pairs; None for all of `own` but the pair itself.
    """
    units = unit(own)  # [pairs, dims]
    if with_ is not None:
        cosines: F64 = units @ unit(with_).mean(axis=0)  # [pairs, dims] @ [dims]
        return cosines
    itself = (units**2).sum(axis=1)  # [pairs]: 1, or 0 for a zero difference
    mean: F64 = (units @ units.sum(axis=0) - itself) / (len(units) - 1)  # [pairs, dims] @ [dims]
    return mean


def lowest_cosine(own: F64, report: Report = silent) -> float:
    """The lowest cosine between any two of the differences [pairs, dims], block by block."""
    units, lowest = unit(own), 1.0  # [pairs, dims]
    for at in range(0, len(units) - 1, PAIR_BLOCK):
        for beside in range(at, len(units), PAIR_BLOCK):
            cosines = units[at : at + PAIR_BLOCK] @ units[beside : beside + PAIR_BLOCK].copy().T  # [block, block]
            if at == beside:
                np.fill_diagonal(cosines, 1)
            lowest = min(lowest, float(cosines.min()))
        report("Comparing pairs", min(at + PAIR_BLOCK, len(units)), len(units), "pairs")
    return lowest


def binomial_tail(right: int, of: int) -> float:
    """The probability that at least `right` of `of` independent pairs are right if each is with probability 1/2."""
    if of > EXACT_LIMIT:
        return _long_tail(right, of) if 2 * right > of else 1 - _long_tail(of - right + 1, of)
    term = count = math.comb(of, right)
    for done in range(right, of):
        term = term * (of - done) // (done + 1)
        count += term
    return float(count / 2**of)


def _long_tail(right: int, of: int) -> float:
    """The same for many pairs, of which more than half are right: the first term by its logarithm, times a series."""
    if right > of:
        return 0.0
    term = series = 1.0
    for done in range(right, of):
        term *= (of - done) / (done + 1)
        series += term
    first = math.lgamma(of + 1) - math.lgamma(right + 1) - math.lgamma(of - right + 1)
    return math.exp(first + math.log(series) - of * math.log(2))


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


def _signs(pairs: int, count: int, seed: int, *, exact: bool) -> Iterator[F64]:
    """Blocks of signs [block, pairs], +1 or -1; the first line flips nothing."""
    step = max(1, BLOCK_SIGNS // pairs)
    if exact:
        every = itertools.product((1.0, -1.0), repeat=pairs - 1)
        while block := list(itertools.islice(every, step)):
            yield np.array([(1.0, *signs) for signs in block]).reshape(len(block), pairs)
        return
    random = np.random.default_rng(seed)
    yield np.ones((1, pairs))
    for at in range(0, count, step):
        yield random.choice((1.0, -1.0), (min(step, count - at), pairs))
