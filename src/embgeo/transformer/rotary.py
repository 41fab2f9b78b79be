"""Positions that are computed and not stored: rotary angles, ALiBi's slopes and MPNet's buckets of distances."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.transformer.activations import Floats


class Rotary(NamedTuple):
    """How one layer rotates queries and keys (Su et al. 2021, RoFormer).

    Attributes:
        dims: the first dimensions of each head, which are rotated; an even number.
        theta: base of the wavelengths.
        factor: positions are divided by it.
        low, high, original: Llama 3's scaling: wavelengths above original / low are stretched by the factor, those
            below original / high are not, and those between in part; 0: all are stretched.
    """

    dims: int
    theta: float
    factor: float = 1.0
    low: float = 0.0
    high: float = 0.0
    original: float = 0.0

    def frequencies(self) -> NDArray[np.float64]:
        """Radians a position [dims / 2]."""
        plain = self.theta ** -(np.arange(0, self.dims, 2) / self.dims)  # [dims / 2]
        if not self.original:
            return np.asarray(plain / self.factor)
        turns = self.original * plain / (2 * math.pi)  # in the length that the model was first trained on
        kept = np.clip((turns - self.low) / (self.high - self.low), 0, 1)  # [dims / 2] the share left as it is
        return np.asarray(plain * (kept + (1 - kept) / self.factor))


def angles(rotary: Rotary, first: int, length: int, dtype: Any) -> tuple[Floats, Floats]:
    """Cosines and sines [length, dims / 2] of the angles of positions `first`, `first` + 1, ..."""
    turned = np.arange(first, first + length)[:, None] * rotary.frequencies()  # [length, 1] * [dims / 2]
    return np.cos(turned).astype(dtype), np.sin(turned).astype(dtype)


def rotate(x: Floats, rotary: Rotary, *, pairs: bool, first: int = 0) -> None:
    """Rotate queries or keys [..., length, head dims] by their positions, in place.

    Args:
        first: position of the first.
        pairs: rotate dimensions 0 and 1, 2 and 3, ... together, and not 0 and dims / 2, ...
    """
    cos, sin = angles(rotary, first, x.shape[-2], x.dtype)  # [length, dims / 2]
    half = rotary.dims // 2
    a, b = (x[..., 0 : 2 * half : 2], x[..., 1 : 2 * half : 2]) if pairs else (x[..., :half], x[..., half : 2 * half])
    turned_a, turned_b = a * cos - b * sin, b * cos + a * sin  # [..., length, dims / 2]
    a[...], b[...] = turned_a, turned_b


def alibi_slopes(heads: int) -> NDArray[np.float64]:
    """How much a head adds to its scores for each position [heads] (Press et al. 2022, ALiBi)."""
    power = 2 ** int(math.log2(heads))
    base = 2.0 ** -(8 / power)
    first = base ** np.arange(1, power + 1)
    between = np.arange(1, 2 * (heads - power), 2)  # if the number of heads is not a power of 2
    rest = (2.0 ** -(4 / power)) ** between
    return np.concatenate([first, rest])


def distance_buckets(length: int, buckets: int) -> NDArray[np.intp]:
    """The bucket of each query's distance to each key [length, length], as in MPNet and T5 (Raffel et al. 2020).

    The logarithm is taken in float32, as in training.
    """
    places = np.arange(length)
    ahead = places[:, None] - places[None, :]  # [queries, keys] how far the key is before the query
    half = buckets // 2
    exact = half // 2
    far = np.abs(ahead)
    with np.errstate(divide="ignore"):
        ratio = np.log(far.astype(np.float32) / np.float32(exact)) / np.float32(math.log(128 / exact))
    large = exact + np.maximum(ratio * np.float32(half - exact), 0).astype(np.intp)
    bucket: NDArray[np.intp] = np.where(far < exact, far, np.minimum(large, half - 1)) + (ahead < 0) * half
    return bucket
