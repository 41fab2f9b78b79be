"""Activation functions, computed in place a piece at a time, so that temporaries stay in the processor's cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # float32 or float64

PIECE: Final = 1 << 16  # elements
ROOT_2: Final = math.sqrt(2)
ROOT_2_PI: Final = math.sqrt(2 / math.pi)
# erf(x / sqrt 2) = tanh(x P(x^2)), lowest power first: least maximal error of tanh over |x| <= 5.5, 1.4e-7 in float32.
ERF: Final = (
    0.7978849411010742, 0.03633308410644531, -3.259475124650635e-05, -5.530631460715085e-05, 3.964772986364551e-06,
    -1.3226629391738243e-07, 1.7562781229329971e-09,
)  # fmt: skip
ERF_ENDS: Final = 5.5  # erf(x / sqrt 2) is 1 in float32 from here on


def activate(x: Floats, name: str) -> Floats:
    """Apply an activation function to an array in place, and return it.

    Args:
        name: a key of `ACTIVATIONS`, as config.json has it.
    """
    flat, function = x.reshape(-1), ACTIVATIONS[name]
    for at in range(0, flat.size, PIECE):
        flat[at : at + PIECE] = function(flat[at : at + PIECE])
    return x


def normal_cdf(x: Floats) -> Floats:
    """(1 + erf(x / sqrt 2)) / 2: in float64 by the C library's erf, in float32 by a polynomial inside tanh."""
    if x.dtype == np.float64:
        scaled = (x / ROOT_2).tolist()
        return 0.5 + 0.5 * np.fromiter(map(math.erf, scaled), np.float64, len(scaled))
    near = np.clip(x, -ERF_ENDS, ERF_ENDS)
    square = near * near
    power = np.full_like(square, ERF[-1])
    for coefficient in ERF[-2::-1]:  # Horner's rule
        power *= square
        power += np.float32(coefficient)
    power *= near
    cdf: Floats = 0.5 + 0.5 * np.tanh(power, out=power)
    return cdf


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), by tanh, which can't overflow."""
    half: Floats = 0.5 + 0.5 * np.tanh(0.5 * x)
    return half


def gelu(x: Floats) -> Floats:
    """X times the normal distribution's cumulative function (Hendrycks & Gimpel 2016)."""
    return x * normal_cdf(x)


def gelu_tanh(x: Floats, slope: float = ROOT_2_PI) -> Floats:
    """GELU's approximation by tanh, as in GPT-2."""
    cube = x * x * x
    approximated: Floats = 0.5 * x * (1 + np.tanh(slope * (x + 0.044715 * cube)))
    return approximated


def gelu_bloom(x: Floats) -> Floats:
    """The same with BLOOM's constant, which has eight digits."""
    return gelu_tanh(x, 0.79788456)


def silu(x: Floats) -> Floats:
    """X times its sigmoid."""
    return x * sigmoid(x)


def relu(x: Floats) -> Floats:
    """X where it is positive, else 0."""
    positive: Floats = np.maximum(x, 0)
    return positive


ACTIVATIONS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "gelu": gelu, "gelu_new": gelu_tanh, "gelu_pytorch_tanh": gelu_tanh, "gelu_bloom": gelu_bloom,
    "silu": silu, "swish": silu, "relu": relu,
}  # fmt: skip
