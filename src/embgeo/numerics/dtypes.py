"""Conversions between the dtypes of model files and NumPy's.

Dtypes that NumPy lacks are stored as their bits: bfloat16 as uint16 (the upper half of a float32, so widening is one
shift), eight-bit floats as uint8 (widened by a table of all 256).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

F32: TypeAlias = "NDArray[np.float32]"
F64: TypeAlias = "NDArray[np.float64]"
Ids: TypeAlias = "NDArray[np.intp]"
Mask: TypeAlias = "NDArray[np.bool_]"

CANCELLATION = 1e-12  # a sum is rounding if it is shorter than this times the lengths added
ROUNDOFF = 2.0**-24  # of float32: half the distance from 1 to the next number
SMALLEST_FLOAT32, LARGEST_FLOAT32 = 2.0**-149, (2 - 2.0**-23) * 2.0**127  # the smallest and largest positive float32
FLOAT16_LIMIT = 2.0**16  # finite float16 numbers are smaller
PIECE_NUMBERS = 1 << 14  # numbers that stay in the processor's cache
EIGHT_BITS = {"F8_E4M3": (4, 3), "F8_E5M2": (5, 2)}  # bits of exponent and mantissa


def to_float32(block: NDArray[Any], dtype: str) -> F32:
    """The same numbers as float32 (float64 is rounded); float32 is returned without a copy."""
    if dtype == "BF16":
        return (block.astype(np.uint32) << 16).view(np.float32)
    if dtype == "F16" and block.flags.c_contiguous:
        return _from_half(block)
    if dtype in EIGHT_BITS:
        widened: F32 = eight_bit_floats(dtype)[block]
        return widened
    with np.errstate(over="ignore", invalid="ignore"):  # a float64 beyond float32's range becomes infinite
        return block.astype(np.float32, copy=False)


def _from_half(block: NDArray[Any]) -> F32:
    """float16 as float32 by its bits, in a third of the time that NumPy's own cast takes.

    Sign, exponent and fraction move to their places; the exponent's bias grows by 112, which is a factor of 2^112.
    """
    halves, whole = block.reshape(-1).view("<i2"), np.empty(block.size, np.float32)
    for at in range(0, halves.size, PIECE_NUMBERS):
        floats = whole[at : at + PIECE_NUMBERS]
        bits = floats.view(np.int32)
        bits[:] = halves[at : at + PIECE_NUMBERS]
        bits <<= 13
        bits &= ~0x70000000  # copies of the sign
        floats *= 2.0**112
        if floats.max() >= FLOAT16_LIMIT or floats.min() <= -FLOAT16_LIMIT:  # infinity and NaN have no bias
            return block.astype(np.float32)
    return whole.reshape(block.shape)


def to_float64(block: NDArray[Any], dtype: str) -> F64:
    """The same numbers as float64, exactly, whatever the dtype."""
    with np.errstate(invalid="ignore"):  # signaling NaNs
        return (block if dtype == "F64" else to_float32(block, dtype)).astype(np.float64, copy=False)


def from_float32(values: F32, dtype: str) -> NDArray[Any]:
    """Round float32 numbers to F16, BF16, F32 or F64 (to nearest, ties to even)."""
    if dtype == "BF16":
        bits = values.view(np.uint32)
        rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
        return np.where(np.isnan(values), np.uint16(0x7FC0), rounded)  # rounding up would carry NaN over to zero
    with np.errstate(invalid="ignore"):
        return values.astype({"F16": np.float16, "F32": np.float32, "F64": np.float64}[dtype])


@functools.cache
def eight_bit_floats(dtype: str) -> F32:
    """All 256 numbers of an eight-bit dtype [256], by their bits (Micikevicius et al. 2022, FP8 Formats).

    E5M2 follows IEEE 754; E4M3 has no infinities, and NaN only where all of exponent and mantissa are ones.
    """
    exponent_bits, mantissa_bits = EIGHT_BITS[dtype]
    bias = 2 ** (exponent_bits - 1) - 1
    bits = np.arange(256)
    exponent = (bits >> mantissa_bits) & (2**exponent_bits - 1)
    mantissa = (bits & (2**mantissa_bits - 1)) / 2**mantissa_bits
    size = np.where(exponent > 0, (1 + mantissa) * 2.0 ** (exponent - bias), mantissa * 2.0 ** (1 - bias))
    if dtype == "F8_E5M2":
        size[exponent == 31] = np.where(mantissa[exponent == 31] > 0, np.nan, np.inf)
    else:
        size[(bits & 0x7F) == 0x7F] = np.nan
    numbers: F32 = np.where(bits >> 7, -size, size).astype(np.float32)
    return numbers


def shortest(value: float) -> float:
    """The number with the fewest digits that reads back as the same float32; outside its range the float64."""
    if value == 0 or SMALLEST_FLOAT32 <= abs(value) <= LARGEST_FLOAT32:
        return float(str(np.float32(value)))
    return float(value)


def shortest_of(values: F32 | F64) -> list[float]:
    """`shortest` of each number."""
    size = np.abs(values)
    if (
        values.dtype != np.float32
        and not ((size == 0) | ((size >= SMALLEST_FLOAT32) & (size <= LARGEST_FLOAT32))).all()
    ):
        return [shortest(value) for value in values.tolist()]
    rounded = values.astype(np.float32, copy=False)
    found, certain = _decimals(rounded)
    rest = iter(rounded[~certain])
    return [value if good else float(str(next(rest))) for value, good in zip(found, certain.tolist(), strict=True)]


def _decimals(values: F32) -> tuple[list[float], NDArray[np.bool_]]:
    """`shortest` of each number from 0.1 to 1, as most cosines are, and for which [values] it is certain.

    The closest number of seven decimals is the shortest if it reads back: float32 numbers in this range lie closer to
    each other than such decimals, so no other does. Else it takes eight or nine. A product with 10^9 has at most 45
    bits, so float64 holds it exactly.
    """
    size = np.abs(values)
    within = (size >= np.float32(0.1)) & (size < 1)
    wide = np.where(within, values, 0).astype(np.float64)
    found, certain = wide.copy(), np.zeros(len(values), bool)
    for digits in (7, 8, 9):
        scaled = wide * 10.0**digits
        rounded = np.rint(scaled)
        decimal = rounded / 10.0**digits
        fits = within & (decimal.astype(np.float32) == values)
        found[fits] = decimal[fits]
        certain |= fits & (np.abs(scaled - rounded) < 0.5)  # halfway, two decimals are as close
        within &= ~fits
    return found.tolist(), certain


def as_bytes(array: NDArray[Any]) -> memoryview:
    """An array's bytes without a copy, for writing or hashing."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
