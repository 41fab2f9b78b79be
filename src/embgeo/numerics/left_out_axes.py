"""The first principal axis of all rows but one, for each row, from one eigendecomposition of all.

Leaving out a row d takes d dᵀ away from the scatter matrix of the rows. In the eigenvectors of the whole that leaves
diag(λ) - z zᵀ with z the coordinates of d. Its largest eigenvalue μ solves 1 = Σ zᵢ² / (λᵢ - μ) between λ₂ and λ₁, and
its eigenvector is zᵢ / (λᵢ - μ) (Golub 1973, Some modified matrix eigenvalue problems, section 5).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.errors import Report, silent
from embgeo.numerics.dtypes import F64
from embgeo.numerics.subspace import unit

BLOCK_NUMBERS: Final = 1 << 20  # numbers worked on at a time
BISECTIONS: Final = 66  # of a bracket from 1e-280 to 1 on a logarithmic scale: to the last bit of a float64
MIN_GAP_SHARE: Final = 1e-280  # of a distance to an eigenvalue, as a share of the gap between the first two
TOLERANCE: Final = 1e-9  # of an eigenvector, as a share of the largest eigenvalue


def left_out_axes(rows: F64, report: Report = silent) -> F64:
    """For each row [rows, dims] the first principal axis [rows, dims] of the others, of any sign.

    The axes are those of the rows as they are, not centered. Two rows at least.
    """
    variances, basis = np.linalg.eigh(np.dot(rows.T, rows))  # [dims, rows] @ [rows, dims] -> [dims], [dims, dims]
    variances, basis = np.maximum(variances[::-1], 0), basis[:, ::-1]  # largest first; rounding may leave -1e-17
    axes = np.empty_like(rows)  # [rows, dims]
    step = max(1, BLOCK_NUMBERS // rows.shape[1])
    for at in range(0, len(rows), step):
        own = rows[at : at + step] @ basis  # [block, dims] @ [dims, dims]
        axes[at : at + step] = _leading(variances, own, report, at, len(rows)) @ basis.T  # [block, dims] @ [dims, dims]
        report("Leaving out each pair", min(at + step, len(rows)), len(rows), "pairs")
    return axes


def _leading(variances: F64, own: F64, report: Report, at: int, total: int) -> F64:
    """The leading eigenvectors [block, dims] of diag(variances) - z zᵀ for each z of own [block, dims]."""
    if len(variances) < 2 or not variances[0] > variances[1]:
        vectors, wrong = np.zeros_like(own), np.arange(len(own))
    else:
        vectors, largest = _secular(variances, own)  # [block, dims], [block]
        missed = variances * vectors - own * (own * vectors).sum(axis=1)[:, None] - largest[:, None] * vectors
        wrong = np.flatnonzero(~(np.linalg.norm(missed, axis=1) <= TOLERANCE * variances[0]))  # NaN is wrong too
    for done, row in enumerate(wrong):  # eigenvalues that coincide: rare
        vectors[row] = np.linalg.eigh(np.diag(variances) - np.outer(own[row], own[row]))[1][:, -1]
        report("Leaving out each pair", at + done, total, "pairs")
    return vectors


def _secular(variances: F64, own: F64) -> tuple[F64, F64]:
    """Eigenvectors [block, dims] and eigenvalues [block] by bisection, from the nearer of the first two variances.

    From there the distances to both keep all their digits, however close the eigenvalue is.
    """
    gap = variances[0] - variances[1]
    from_first, from_second = variances[0] - variances, variances[1] - variances  # [dims] each
    squares = own**2  # [block, dims]
    near_first = (squares / (gap / 2 - from_first)).sum(axis=1) <= 1  # [block]: the root is above the middle
    poles = np.where(near_first[:, None], from_first, from_second)  # [block, dims]: distances below the origin
    side = np.where(near_first, 1.0, -1.0)  # [block]: the eigenvalue is below the first, above the second
    low, high = np.full(len(own), np.log(MIN_GAP_SHARE)), np.zeros(len(own))  # [block]: logarithms of shares of gap / 2
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        apart = side * np.exp(middle) * gap / 2  # [block]
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            beyond = (squares / (apart[:, None] - poles)).sum(axis=1) > 1  # [block]: the eigenvalue is lower still
        further = beyond == near_first
        low, high = np.where(further, middle, low), np.where(further, high, middle)
    apart = side * np.exp((low + high) / 2) * gap / 2  # [block]
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        vectors = unit(own / (apart[:, None] - poles))  # [block, dims]
    aligned = squares[:, 0] < MIN_GAP_SHARE  # such a row takes nothing away from the first axis
    vectors[aligned] = np.eye(1, own.shape[1])
    origin = np.where(near_first, variances[0], variances[1])
    return vectors, np.where(aligned, variances[0], origin - apart)
