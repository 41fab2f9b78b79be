"""How alike two matrices are whose rows are paired: linear CKA, and the correlation of all cosines.

Both need only the moments of the rows [x | y] side by side, so they are exact for any number of rows in one pass.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F64
from embgeo.numerics.moments import Moments

VARIANCE_TOLERANCE = 1e-12  # a variance below this part of the mean square is rounding


class PairedMoments(NamedTuple):
    """Moments of paired rows, x [rows, p] and y [rows, q], as sums over the rows.

    Attributes:
        rows: how many.
        sums: [p] of x and [q] of y.
        first: [p, p] x^T x, about the mean or not.
        second: [q, q] y^T y.
        cross: [p, q] x^T y.
    """

    rows: int
    sums: tuple[F64, F64]
    first: F64
    second: F64
    cross: F64


def paired(moments: Moments, width: int, *, centered: bool) -> PairedMoments:
    """The moments of x and y, from those of [x | y].

    Args:
        moments: of rows [p + q].
        width: p.
        centered: about the mean; else about zero.
    """
    mean, table = moments.mean, moments.covariance
    table = moments.rows * (table if centered else table + np.multiply.outer(mean, mean))  # [p + q, p + q]
    sums = moments.rows * mean
    return PairedMoments(
        moments.rows, (sums[:width], sums[width:]), table[:width, :width], table[width:, width:], table[:width, width:]
    )


def linear_cka(centered: PairedMoments) -> tuple[float, float] | None:
    """Linear CKA of paired rows, and its mean over all ways to pair them; None where one side doesn't vary.

    CKA = |y^T x|^2 / (|x^T x| |y^T y|) with centered columns and Frobenius norms (Kornblith et al. 2019, Similarity of
    Neural Network Representations Revisited, section 3). With the rows of y in random order the numerator is on average
    tr(x^T x) tr(y^T y) / (rows - 1) (Kazi-Aoual et al. 1995, for the RV coefficient, which is the same number).
    """
    sizes = float(np.linalg.norm(centered.first)) * float(np.linalg.norm(centered.second))
    if centered.rows < 2 or not sizes > 0:
        return None
    chance = float(np.trace(centered.first)) * float(np.trace(centered.second)) / (centered.rows - 1)
    return min(1.0, float((centered.cross**2).sum()) / sizes), chance / sizes


class CosineMoments(NamedTuple):
    """All cosines between different rows, in x and in y.

    Attributes:
        pairs: how many.
        means: of the cosines in x, and in y.
        correlation: Pearson's, from -1 to 1; None where one of the two doesn't vary.
    """

    pairs: int
    means: tuple[float, float]
    correlation: float | None


def cosine_moments(units: PairedMoments) -> CosineMoments:
    """The moments of the cosines of all pairs of rows, from those of unit rows about zero.

    The sum of all cosines is |sum of x|^2, that of their squares |x^T x|^2, and that of the products of cosines in x
    with those in y |x^T y|^2; each row's cosine of 1 with itself is taken away.
    """
    rows = units.rows
    pairs = rows * (rows - 1) // 2
    means = [(float(total @ total) - rows) / (2 * pairs) for total in units.sums]  # [p] @ [p]; [q] @ [q]
    squares = [(float((table**2).sum()) - rows) / (2 * pairs) for table in (units.first, units.second)]
    products = (float((units.cross**2).sum()) - rows) / (2 * pairs)
    variances = [square - mean**2 for square, mean in zip(squares, means, strict=True)]
    varies = all(variance > VARIANCE_TOLERANCE * square for variance, square in zip(variances, squares, strict=True))
    correlation = None
    if pairs > 1 and varies:
        correlation = (products - means[0] * means[1]) / float(np.sqrt(variances[0] * variances[1]))
        correlation = max(-1.0, min(1.0, correlation))
    return CosineMoments(pairs, (means[0], means[1]), correlation)
