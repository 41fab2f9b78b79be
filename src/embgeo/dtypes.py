"""Blocks of rows in the dtypes that model files use, as NumPy numbers.

bfloat16 is kept as its bits (uint16): it is the upper half of a float32, so that widening is one shift.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

ROUNDOFF = 2.0**-24  # of float32: half the distance from 1 to the next number


def to_float32(block: NDArray[Any], dtype: str) -> F32:
    """The same numbers as float32 (float64 is rounded); float32 itself is returned as it is, uncopied."""
    if dtype == "BF16":
        return (block.astype(np.uint32) << 16).view(np.float32)
    return block.astype(np.float32, copy=False)


def to_float64(block: NDArray[Any], dtype: str) -> F64:
    """The same numbers as float64, exactly, whatever the dtype."""
    return (to_float32(block, dtype) if dtype == "BF16" else block).astype(np.float64, copy=False)


def from_float32(values: F32, dtype: str) -> NDArray[Any]:
    """Round float32 numbers to a dtype (to nearest, ties to even): the inverse of `to_float32` for what it holds."""
    if dtype == "BF16":
        bits = values.view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    return values.astype({"F16": np.float16, "F32": np.float32, "F64": np.float64}[dtype])


def shortest(value: float) -> float:
    """The number with the fewest digits that still reads back to the same float32."""
    return float(str(np.float32(value)))
