"""Transformations of a space: the formulas for the new rows (`names` has their names).

With mean m and covariance C (divided by the number of rows) of the rows that count, C = U diag(l) U^T, l falling:

    center            x - m
    remove-top=D      (I - U_D U_D^T) (x - m)          all-but-the-top (Mu & Viswanath 2018)
    whiten            C^(-1/2) (x - m)                 C^(-1/2) = U diag(l)^(-1/2) U^T, the symmetric root (ZCA)
    inner=causal      C_g^(-1/2) (x - m)               C_g of the unembedding's rows (Park, Choe & Veitch 2023)

Everything is float64 until the new rows are rounded to float32, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import ModelError, UsageError
from embgeo.numerics.dtypes import F64
from embgeo.numerics.spectrum import VARIANCE_TOLERANCE
from embgeo.numerics.subspace import reject

RANK_TOLERANCE: Final = 1e-12  # variances below this times the largest are rounding; a zero one has up to 1e-15
TIE_TOLERANCE: Final = 1e-9  # a smaller relative difference of two variances is rounding

RowFunction = Callable[[F64], F64]  # rows [rows, dims] -> their new form [rows, dims]


class RowTransform(NamedTuple):
    """A transformation of rows, and its description for a note."""

    rule: RowFunction
    note: str


class PrincipalComponents(NamedTuple):
    """The principal components of rows.

    Attributes:
        variances: [dims] falling; those that are only rounding are 0.
        axes: [dims, dims] a unit vector in each row, in the same order.
        rank: how many variances are not 0.
    """

    variances: F64
    axes: F64
    rank: int


def principal_components(mean: F64, covariance: F64, model: str) -> PrincipalComponents:
    """The principal components of rows with this mean [dims] and covariance [dims, dims].

    Raises:
        ModelError: numbers too large to be squared, or no variance at all.
    """
    if not np.isfinite(covariance).all():
        raise ModelError(f"the rows of '{model}' are too large for a covariance in float64")
    variances, axes = np.linalg.eigh(covariance)  # [dims] rising, [dims, dims] in columns
    variances, axes = variances[::-1], axes.T[::-1]
    real = variances > RANK_TOLERANCE * variances[0]
    if variances[0] <= VARIANCE_TOLERANCE * float(mean @ mean) or not real.any():  # [dims] @ [dims]
        raise ModelError(f"the rows of '{model}' don't differ: there is no variance to go by")
    return PrincipalComponents(np.where(real, variances, 0.0), axes, int(np.count_nonzero(real)))


def centering(mean: F64, count: int) -> RowTransform:
    """Subtract the mean [dims] of `count` rows."""
    return RowTransform(
        lambda rows: rows - mean, f"the mean of {count:,} rows, of length {np.linalg.norm(mean):.4g}, is subtracted"
    )


def removal(mean: F64, components: PrincipalComponents, top: int) -> RowTransform:
    """Subtract the mean [dims], then remove the first `top` principal components.

    Raises:
        UsageError: no component would be left.
    """
    if top >= components.rank:
        raise UsageError(
            f"can't remove {top:,} components", f"Only {components.rank:,} have any variance: remove fewer."
        )
    basis = components.axes[:top].copy()  # [top, dims]
    share = components.variances[:top].sum() / components.variances.sum()
    what = "principal component" if top == 1 else f"{top:,} principal components"
    note = f"centered, and without the first {what}, {100 * share:.1f}% of the variance"
    last, after = components.variances[top - 1 : top + 1]
    if last - after <= TIE_TOLERANCE * last:
        note += f"; components {top:,} and {top + 1:,} have the same, so which of them goes is arbitrary"
    return RowTransform(lambda rows: reject(rows - mean, basis), note)


def whitening(mean: F64, components: PrincipalComponents, whose: str = "") -> RowTransform:
    """Subtract the mean [dims], then multiply by the root of the inverse covariance; drop axes without variance.

    Args:
        whose: the name of the matrix that the covariance comes from, if it is another one.
    """
    axes = components.axes[: components.rank]  # [rank, dims]
    # [dims, rank] / [rank] @ [rank, dims] -> [dims, dims]
    root: F64 = (axes.T / np.sqrt(components.variances[: components.rank])) @ axes
    note = "centered, and the covariance made the identity"
    if whose:
        note = f"centered, and measured by the inverse covariance of the unembedding {whose}"
    if dropped := len(components.variances) - components.rank:
        have = "1 component has" if dropped == 1 else f"{dropped:,} components have"
        note += f"; {have} no variance and {'is' if dropped == 1 else 'are'} dropped"
    return RowTransform(lambda rows: (rows - mean) @ root, note)  # [rows, dims] @ [dims, dims]
