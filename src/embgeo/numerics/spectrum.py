"""How variance is spread over directions and over single dimensions."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F64, Ids, Mask

OUTLIER_SIGMAS: Final = 5.0  # of 768 normal numbers, 2 exceed 3 sigmas by chance, 0.0004 exceed 5
VARIANCE_TOLERANCE: Final = 1e-24  # (1e-12)^2, relative to |mean|^2: rounding of identical rows gives less
ROUNDING_TOLERANCE: Final = 1e-6  # relative differences below this can be rounding to float32


class DimensionDeviations(NamedTuple):
    """How unusual each dimension is among all.

    Attributes:
        mean_sigmas, variance_sigmas: [dims] how many standard deviations its mean and its variance lie from the average
            of all dimensions' means and variances.
        order: [dims] the farthest dimension first, by the larger of the two; lower numbers first among equals.
        outlier: [dims] whether one of the two exceeds `OUTLIER_SIGMAS`.
    """

    mean_sigmas: F64
    variance_sigmas: F64
    order: Ids
    outlier: Mask


def spectrum(mean: F64, covariance: F64) -> F64:
    """Variances [dims] along the principal components, the largest first: the eigenvalues of [dims, dims].

    Args:
        mean: [dims] of the rows; variances that rounding next to it can explain become 0.
        covariance: [dims, dims]
    """
    values = np.linalg.eigvalsh(covariance)[::-1]
    return np.where(values > VARIANCE_TOLERANCE * (mean @ mean), values, 0.0)  # [dims] @ [dims]


def participation_ratio(variances: F64) -> float | None:
    """(sum of variances)^2 / sum of squared variances: n for n equal variances. None if all are zero.

    Gao et al. 2017, A theory of multineuronal dimensionality, dynamics and measurement.
    """
    total = variances.sum()
    if not total > 0:
        return None
    shares = variances / total
    return float(1 / (shares * shares).sum())


def components_for(share: float, variances: F64) -> int | None:
    """How many of the variances [dims], the largest first, add up to a share of their sum; None if that is 0."""
    total = variances.sum()
    if not total > 0:
        return None
    reached = np.cumsum(variances) / total  # [dims]
    return 1 + int(np.searchsorted(reached, share - 1e-12))  # within rounding of the share is enough


def dimension_deviations(mean: F64, variance: F64) -> DimensionDeviations:
    """How far each dimension lies from the others, after Kovaleva et al. 2021 (BERT Busters), who use 3 sigmas.

    Args:
        mean, variance: [dims] of each dimension.
    """
    size = float(np.sqrt((mean * mean + variance).mean()))  # root mean square of the rows' numbers
    sigmas = _sigmas(mean, size), _sigmas(variance, float(variance.mean()))
    farthest = np.maximum(np.abs(sigmas[0]), np.abs(sigmas[1]))  # [dims]
    order = np.lexsort((np.arange(len(mean)), -farthest))
    return DimensionDeviations(*sigmas, order, farthest > OUTLIER_SIGMAS)


def _sigmas(values: F64, size: float) -> F64:
    scaled = values / size if size > 0 else values  # so that squares don't overflow
    deviation = scaled.std()
    if not deviation > ROUNDING_TOLERANCE:
        return np.zeros(len(values))
    result: F64 = (scaled - scaled.mean()) / deviation
    return result
