"""How far a direction holds: pairs held out, pairs turned round at random, and places in the vocabulary.

Every pair is judged by a direction learnt from the other pairs. Its *margin* is the cosine of its own difference with
that direction; above zero the first end scores higher, as it should. If the pairs had nothing in common, it would not
matter which end of a pair is called the first: the *turnings* turn each pair round or not, at random, and count how
often that does as well (a sign-flip permutation test).
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

BLOCK: Final = 1 << 20  # numbers worked on at a time


class SignFlips(NamedTuple):
    """What pairs turned round at random do.

    Attributes:
        tried: how many turnings were looked at.
        exact: they are all there are, not a sample.
        accuracy: the share of pairs held out that come out right, on average.
        accuracy_high, margin_high: what at most 5 % of the turnings exceed, in that share and in the mean margin.
        p: the share of turnings whose mean margin reaches that of the pairs as given (itself counted).
    """

    tried: int
    exact: bool
    accuracy: float
    accuracy_high: float
    margin_high: float
    p: float


def leave_one_out(first: F64, second: F64, method: str) -> F64:
    """The margin [pairs] of each pair with the direction of the others; NaN where those have none.

    Args:
        first, second: [pairs, dims], two pairs at least.
        method: as in `subspace.learn`; with `pca` unit rows are compared, with the others raw ones.
    """
    first, second = _compact(first, second, method)
    margins: F64 = _margins(np.ones((1, len(first))), first, second, _axes(first, second, method), method)[0]
    return margins


def sign_flip_test(first: F64, second: F64, method: str, count: int, seed: int) -> SignFlips:
    """Compare the pairs as given with turnings: all of them where that is no more than `count`, else a sample.

    Turning all pairs round changes nothing (the direction turns with them), so that one pair always stays.
    """
    first, second = _compact(first, second, method)
    axes = _axes(first, second, method)
    pairs = len(first)
    exact = 2 ** (pairs - 1) <= count
    margins = np.concatenate(
        [_margins(signs, first, second, axes, method) for signs in _signs(pairs, count, seed, exact=exact)]
    )  # [turnings, pairs]; the first turning is none
    right = (margins > 0).mean(axis=1)  # [turnings]
    means = np.nan_to_num(margins).mean(axis=1)  # [turnings]
    reach = int(np.count_nonzero(means >= means[0] - 1e-12))  # itself included, whatever the rounding
    others = slice(None) if exact else slice(1, None)
    accuracy, margin = (float(np.quantile(values[others], 0.95, method="inverted_cdf")) for values in (right, means))
    return SignFlips(len(means) - (not exact), exact, float(right[others].mean()), accuracy, margin, reach / len(means))


def difference_cosines(first: F64, second: F64) -> F64:
    """Cosines [pairs, pairs] between the pairs' own differences (the raw ones)."""
    units = unit(first - second)  # [pairs, dims]
    cosines: F64 = units @ units.T  # [pairs, dims] @ [dims, pairs]
    return cosines


def binomial_tail(right: int, of: int) -> float:
    """The probability that so many or more of independent pairs come out right if each does with one half."""
    return float(sum(math.comb(of, count) for count in range(right, of + 1)) / 2**of)


def percentiles(question: Scan, scores: F64, allowed: Mask) -> F64:
    """How many per cent of the allowed rows score lower than each of these scores, equal ones counted half.

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
    """The same rows in fewer dimensions: coordinates in what they span, which keeps every dot product."""
    both = np.concatenate([first, second])  # [2 pairs, dims]
    if method == "pca":
        both = unit(both)
    if len(both) < both.shape[1]:
        both = np.linalg.qr(both.T)[1].T  # [2 pairs, 2 pairs]
    return both[: len(first)], both[len(first) :]


def _axes(first: F64, second: F64, method: str) -> F64:
    """For `pca`, the axis of the others for each pair [pairs, dims]: turning pairs round changes its sign at most."""
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
    """Margins [turnings, pairs] with pairs turned round where signs [turnings, pairs] are -1."""
    own = first - second  # [pairs, dims]
    turned_all = signs @ own  # [turnings, pairs] @ [pairs, dims] -> [turnings, dims]
    others = turned_all[:, None, :] - signs[:, :, None] * own  # [turnings, pairs, dims]: without the pair itself
    if method == "pca":
        along = np.einsum("tpd,pd->tp", others, axes)  # [turnings, pairs]
        directions = np.where(along < 0, -1.0, 1.0)[:, :, None] * axes  # [turnings, pairs, dims]
    elif method == "sum":
        total = (first + second).sum(axis=0) - (first + second)  # [pairs, dims]: of both ends of the others
        directions = unit((total + others) / 2) - unit((total - others) / 2)  # [turnings, pairs, dims]
    else:
        directions = others
    lengths = np.linalg.norm(directions, axis=2) * np.linalg.norm(own, axis=1)  # [turnings, pairs]
    dots = signs * np.einsum("tpd,pd->tp", directions, own)  # [turnings, pairs]
    with np.errstate(invalid="ignore", divide="ignore"):
        margins: F64 = dots / np.where(lengths > 0, lengths, np.nan)
    return margins


def _signs(pairs: int, count: int, seed: int, *, exact: bool) -> Iterator[F64]:
    """Blocks of turnings [block, pairs] of +1 and -1; the first turns nothing."""
    step = max(1, BLOCK // (pairs * pairs * 2))
    if exact:
        every = itertools.product((1.0, -1.0), repeat=pairs - 1)
        while block := list(itertools.islice(every, step)):
            yield np.array([(1.0, *turning) for turning in block]).reshape(len(block), pairs)
        return
    random = np.random.default_rng(seed)
    yield np.ones((1, pairs))
    for at in range(0, count, step):
        yield random.choice((1.0, -1.0), (min(step, count - at), pairs))
