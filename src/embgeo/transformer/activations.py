"""Activation functions, computed in place a piece at a time, so that temporaries stay in the processor's cache."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # float32 or float64

PIECE_ELEMENTS: Final = 1 << 16  # elements
ROOT_2: Final = math.sqrt(2)
ROOT_2_PI: Final = math.sqrt(2 / math.pi)
# erf(x / sqrt 2) = tanh(x P(x^2)), lowest power first: least maximal error of tanh over |x| <= 5.5, 1.4e-7 in float32.
# Beyond that x P(x^2) grows on, so that tanh is 1 as erf is.
ERF: Final = (
    0.7978849411010742, 0.03633308410644531, -3.259475124650635e-05, -5.530631460715085e-05, 3.964772986364551e-06,
    -1.3226629391738243e-07, 1.7562781229329971e-09,
)  # fmt: skip


def row_pieces(x: Floats) -> Iterator[slice]:
    """Slices of the first axis of an array, of about `PIECE_ELEMENTS` elements each."""
    step = max(1, PIECE_ELEMENTS * len(x) // max(1, x.size))
    for at in range(0, len(x), step):
        yield slice(at, at + step)


def activate(x: Floats, name: str) -> Floats:
    """Apply an activation function to an array in place, and return it.

    Args:
        name: a key of `ACTIVATIONS`, as config.json has it.
    """
    function = ACTIVATIONS[name]
    with np.errstate(over="ignore"):  # tanh of infinity is 1
        for piece in row_pieces(x):
            function(x[piece])
    return x


def gelu(x: Floats) -> None:
    """X times the normal distribution's cumulative function (Hendrycks & Gimpel 2016).

    In float64 by the C library's erf, in float32 by a polynomial inside tanh.
    """
    if x.dtype == np.float64:
        scaled = (x / ROOT_2).ravel().tolist()
        x *= 0.5 + 0.5 * np.fromiter(map(math.erf, scaled), np.float64, len(scaled)).reshape(x.shape)
        return
    square = x * x
    power = square * ERF[-1]
    for coefficient in ERF[-2:0:-1]:  # Horner's rule
        power += coefficient
        power *= square
    power += ERF[0]
    power *= x
    _times_half_of_1_plus_tanh(x, power)


def gelu_tanh(x: Floats, slope: float = ROOT_2_PI) -> None:
    """GELU's approximation by tanh, as in GPT-2."""
    inner = x * x
    inner *= 0.044715
    inner += 1
    inner *= x
    inner *= slope
    _times_half_of_1_plus_tanh(x, inner)


def gelu_bloom(x: Floats) -> None:
    """The same with BLOOM's constant, which has eight digits."""
    gelu_tanh(x, 0.79788456)


def silu(x: Floats) -> None:
    """X times its sigmoid 1 / (1 + exp(-x)), by tanh, which can't overflow."""
    _times_half_of_1_plus_tanh(x, 0.5 * x)


def relu(x: Floats) -> None:
    """X where it is positive, else 0."""
    np.maximum(x, 0, out=x)


def _times_half_of_1_plus_tanh(x: Floats, inner: Floats) -> None:
    """X * (1 + tanh(inner)) / 2, in place; `inner` is overwritten."""
    np.tanh(inner, out=inner)
    inner += 1
    x *= 0.5
    x *= inner


ACTIVATIONS: Final[dict[str, Callable[[Floats], None]]] = {
    "gelu": gelu, "gelu_new": gelu_tanh, "gelu_pytorch_tanh": gelu_tanh, "gelu_bloom": gelu_bloom,
    "silu": silu, "swish": silu, "relu": relu,
}  # fmt: skip
