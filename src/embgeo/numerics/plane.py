"""Planes through words: two axes, and how much of the variance and of each difference lies in them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F64
from embgeo.numerics.subspace import reject, unit

MIN_SINGULAR_VALUE: Final = 1e-9  # a singular value of unit vectors below this is rounding
SIGN_FLIPS: Final = 200  # random signs for the mean share along the axis across; its error is below 0.01


class Plane(NamedTuple):
    """Two perpendicular axes.

    Attributes:
        axes: [2, dims] of length 1; zero where nothing varies.
        coordinates: [words, 2] of the centered words.
        variance: [2] shares of their variance.
    """

    axes: F64
    coordinates: F64
    variance: F64


def along_mean(words: F64, own: F64) -> Plane:
    """The mean of differences across, and up the first principal component of what is left of the words.

    Args:
        words: [words, dims]
        own: [pairs, dims] differences.
    """
    across = unit(own.mean(axis=0))[None, :]  # [1, dims]
    rest = reject(words - words.mean(axis=0), across)  # [words, dims]
    return plane(words, np.vstack([across, principal(rest, 1)]))


def principal(centered: F64, count: int) -> F64:
    """The first principal components [count, dims] of centered unit vectors [rows, dims]; zero where nothing varies.

    The sign is chosen so that the outermost row is positive.
    """
    _, sizes, axes = np.linalg.svd(centered, full_matrices=False)  # [rank], [rank, dims]
    axes, sizes = axes[:count], sizes[:count]
    along = centered @ axes.T  # [rows, dims] @ [dims, count] -> [rows, count]
    far = along[np.abs(along.round(9)).argmax(axis=0), np.arange(len(axes))]  # [count]
    signs = np.where(far < 0, -1.0, 1.0) * (sizes > MIN_SINGULAR_VALUE)  # [count]
    found = np.zeros((count, centered.shape[1]))
    found[: len(axes)] = axes * signs[:, None]
    return found


def plane(words: F64, axes: F64) -> Plane:
    """Where words [words, dims] lie along axes [2, dims]."""
    centered = words - words.mean(axis=0)  # [words, dims]
    coordinates = centered @ axes.T  # [words, dims] @ [dims, 2] -> [words, 2]
    total = float((centered**2).sum())
    variance = (coordinates**2).sum(axis=0) / (total or 1.0)  # [2]
    return Plane(axes, coordinates, variance)


def shares_of_length(own: F64, axes: F64) -> F64:
    """The share [pairs] of the length of each difference [pairs, dims] that lies along perpendicular axes."""
    lengths = np.linalg.norm(own, axis=1)  # [pairs]
    inside = np.linalg.norm(own @ axes.T, axis=1)  # [pairs, dims] @ [dims, axes] -> [pairs]
    shares: F64 = inside / np.where(lengths > 0, lengths, 1.0)
    return shares


def share_by_chance(own: F64, seed: int) -> float:
    """The mean share of a difference's length along the mean of all, with random signs.

    Each difference is part of the mean, so this is far from zero: some 1 / sqrt(pairs) of unrelated ones.
    """
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (SIGN_FLIPS, len(own)))  # [flips, pairs]
    means = unit(signs @ own)  # [flips, pairs] @ [pairs, dims] -> [flips, dims]
    return float(np.abs(means @ unit(own).T).mean())  # [flips, dims] @ [dims, pairs] -> [flips, pairs]
