"""Products with every row: the error bound holds for every dtype, aligned or not."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embgeo.numerics.dtypes import from_float32, to_float32, to_float64
from embgeo.numerics.kernels import MIN_VECTORS_TO_WIDEN, Matrix, norms_and_digest, products

DTYPES = ("F64", "F32", "F16", "BF16")
WIDTHS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


def mapped(rows: NDArray[Any], path: Path, offset: int) -> NDArray[Any]:
    """The rows, mapped from a file in which they start at this byte."""
    path.write_bytes(b"\0" * offset + rows.tobytes())
    return np.memmap(path, rows.dtype, "r", offset, rows.shape)


def matrix_of(dtype: str, path: Path, offset: int, rows: int = 500, dims: int = 96) -> Matrix:
    """Random rows with very different norms."""
    rng = np.random.default_rng(3)
    values = rng.standard_normal((rows, dims)) * np.exp(rng.normal(0, 2, (rows, 1)))
    mapped_rows = mapped(from_float32(values.astype(np.float32), dtype).astype(WIDTHS[dtype]), path, offset)
    return Matrix(mapped_rows, dtype, norms_and_digest(mapped_rows, dtype, lambda _: None)[0])


@pytest.mark.parametrize("count", [1, 3, MIN_VECTORS_TO_WIDEN])
@pytest.mark.parametrize("offset", [0, 3, 2])
@pytest.mark.parametrize("dtype", DTYPES)
def test_bound_holds(dtype: str, offset: int, count: int, tmp_path: Path) -> None:
    """|product - exact| <= bound |row| |vector|, also for files whose data starts at an odd byte, like GPT-2's."""
    matrix = matrix_of(dtype, tmp_path / "rows", offset)
    vectors = np.random.default_rng(4).standard_normal((count, 96)) * 1e3  # [vectors, dims]
    found, bound = products(matrix, vectors)
    exact = vectors @ to_float64(np.asarray(matrix.rows), dtype).T  # [vectors, rows]
    tolerance = bound[:, None] * np.linalg.norm(vectors, axis=1)[:, None] * matrix.norms
    assert (np.abs(found - exact) <= tolerance).all()
    assert bound.max() < {"F16": 1e-3, "BF16": 5e-3}.get(dtype, 1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_of_the_matrix_is_not_rounded(dtype: str, tmp_path: Path) -> None:
    """`take` gives a row's stored numbers in float64, bit for bit."""
    matrix = matrix_of(dtype, tmp_path / "rows", 0)
    assert np.array_equal(matrix.take(np.array([7]))[0], to_float64(np.asarray(matrix.rows)[7], dtype))


@pytest.mark.parametrize("dtype", ["F16", "BF16", "F32", "F64"])
def test_conversion_round_trip(dtype: str) -> None:
    """Values that a dtype can represent survive conversion from float32 and back."""
    values = np.array([0.0, -0.0, 1.0, -2.5, 0.15625, 65280.0, 1.5 * 2.0**-12], np.float32)
    assert np.array_equal(to_float32(from_float32(values, dtype), dtype), values)


def test_bfloat16_ties_to_even() -> None:
    """1 + 2^-8, halfway between 1 and 1 + 2^-7, rounds to 1; 1 + 3 x 2^-8 rounds to 1 + 2^-6."""
    halves = np.array([1 + 2.0**-8, 1 + 3 * 2.0**-8], np.float32)
    assert to_float32(from_float32(halves, "BF16"), "BF16").tolist() == [1.0, 1 + 2.0**-6]


@pytest.mark.parametrize("dtype", ["F16", "BF16", "F64"])
def test_nan_stays_nan(dtype: str) -> None:
    """Every NaN, even with all bits set, is NaN in the other dtype; infinities keep their sign."""
    bits = np.array([0x7FC00000, 0x7FFFFFFF, 0xFFFFFFFF, 0xFF800001, 0x7F800000, 0xFF800000], np.uint32)
    converted = to_float32(from_float32(bits.view(np.float32), dtype), dtype)
    assert np.isnan(converted[:4]).all()
    assert converted[4:].tolist() == [np.inf, -np.inf]


def test_norms_and_digest(tmp_path: Path) -> None:
    """Norms match float64, zero and non-finite rows are told apart, and the digest is SHA-256 of the bytes."""
    rows = np.array([[3, 4], [0, 0], [np.nan, 1], [np.inf, 1], [3e38, 3e38]], np.float32)
    norms, digest = norms_and_digest(mapped(rows, tmp_path / "rows", 1), "F32", lambda _: None)
    assert norms[:2].tolist() == [5.0, 0.0]
    assert not np.isfinite(norms[2:4]).any()
    assert norms[4] == pytest.approx(np.sqrt(2) * 3e38)
    assert digest == hashlib.sha256(rows.tobytes()).hexdigest()
