"""One pass over the rows of a mapped matrix: products with a few vectors, norms, digest.

float32 goes through BLAS at the memory's speed. NumPy has no such kernel for float16 and bfloat16, nor for float32 that
lies at odd addresses, as in GPT-2's published file (it converts or copies, which takes several times as long): those go
through SimSIMD, which widens in registers. Nothing is copied either way.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F32, F64, ROUNDOFF, as_bytes, from_float32, to_float32, to_float64

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIECE_BYTES = 4 << 20  # of rows copied at a time, so that they stay in the processor's cache
MIN_VECTORS_TO_WIDEN = 8  # vectors from which it is faster to widen the rows once and multiply matrices
SIMD = {"F32": ("float32", "f"), "F16": ("float16", "H"), "BF16": ("bfloat16", "H")}  # SimSIMD's name, buffer format


class Matrix(NamedTuple):
    """A matrix as it is mapped.

    Attributes:
        rows: [rows, dims], mapped read-only, in the file's own dtype (bfloat16 as uint16 bits).
        dtype: safetensors' name of that dtype.
        norms: [rows] Euclidean lengths; 0 for zero rows, NaN or infinite for rows with such a number.
    """

    rows: NDArray[Any]
    dtype: str
    norms: F64

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and dimensions."""
        return self.rows.shape[0], self.rows.shape[1]

    def take(self, ids: NDArray[np.intp]) -> F64:
        """Rows by number in float64 [ids, dims], exactly as in the file."""
        return to_float64(np.asarray(self.rows[ids]), self.dtype)


def pieces(rows: int, row_bytes: int) -> Iterator[slice]:
    """Slices that cover all rows, about `PIECE_BYTES` each."""
    step = max(1, PIECE_BYTES // max(1, row_bytes))
    return (slice(at, min(at + step, rows)) for at in range(0, rows, step))


def products(matrix: Matrix, vectors: F64) -> tuple[F64, F64]:
    """Approximate dot products of every row with every vector, and a bound on their error.

    Args:
        vectors: [vectors, dims]

    Returns:
        The products [vectors, rows] and, for each vector, a bound on |product - exact| / (|row| |vector|) [vectors]:
        the rounding of the vector to the kernel's dtype, plus n u / (1 - n u) for the sum of n products in float32
        (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
    """
    lengths = np.linalg.norm(vectors, axis=1)  # [vectors]
    exact = vectors / np.where(lengths > 0, lengths, 1)[:, None]  # [vectors, dims] of length 1
    with np.errstate(invalid="ignore", over="ignore"):  # rows with NaN or infinity, and very small or large ones
        result, rounded = _multiply(matrix.rows, matrix.dtype, exact.astype(np.float32))
    n = (vectors.shape[1] + 4) * ROUNDOFF
    return result * lengths[:, None], np.linalg.norm(rounded - exact, axis=1) + n / (1 - n)


def _multiply(rows: NDArray[Any], dtype: str, units: F32) -> tuple[F32, NDArray[Any]]:
    """Products [vectors, rows] by the fastest kernel, and the vectors [vectors, dims] as it rounded them."""
    if not isinstance(rows, np.ndarray):  # made a piece at a time; see `controls`
        return _in_pieces(rows, dtype, units), units
    rows = np.asarray(rows)  # a memmap is slower to slice
    if dtype == "F32" and rows.flags.aligned:
        return (rows @ units.T).T, units  # [rows, dims] @ [dims, vectors]
    if dtype not in SIMD or len(units) >= MIN_VECTORS_TO_WIDEN:
        return _in_pieces(rows, dtype, units), units
    narrow = from_float32(units, dtype)  # [vectors, dims]
    return _in_place(rows, dtype, narrow), to_float64(narrow, dtype)


def _in_place(rows: NDArray[Any], dtype: str, narrow: NDArray[Any]) -> F32:
    """Products [vectors, rows] by SimSIMD, which also reads unaligned rows without a copy."""
    name, form = SIMD[dtype]
    threads = os.cpu_count() or 1
    dots = _simsimd().cdist(
        _as_buffer(narrow, form), _as_buffer(rows, form), metric="dot", dtype=name, out_dtype="float32", threads=threads
    )
    return np.asarray(dots, np.float32).reshape(len(narrow), len(rows))


def _as_buffer(array: NDArray[Any], form: str) -> memoryview:
    # NumPy marks an unaligned buffer in a way that SimSIMD refuses; it accepts the same bytes in a plain format.
    plain: memoryview = as_bytes(array).cast("B").cast(form, [*array.shape])  # type: ignore[call-overload]  # any rank
    return plain


def _in_pieces(rows: NDArray[Any], dtype: str, units: F32) -> F32:
    """Products [vectors, rows], a piece of the rows at a time as float32."""
    columns = np.ascontiguousarray(units.T)  # [dims, vectors]
    result = np.empty((len(units), len(rows)), np.float32)
    for part in pieces(len(rows), 4 * rows.shape[1]):
        result[:, part] = (to_float32(rows[part], dtype) @ columns).T  # [piece, dims] @ [dims, vectors]
    return result


@functools.cache
def _simsimd() -> Any:
    import simsimd

    # Its kernel for CPUs with AVX512-FP16 sums in half precision: 2,000 times the error that `products` promises.
    simsimd.disable_capability("sapphire")
    return simsimd


def norms_and_digest(rows: NDArray[Any], dtype: str, advance: Callable[[int], None]) -> tuple[F64, str]:
    """Euclidean lengths [rows], and the SHA-256 of the matrix's bytes, in one pass.

    Args:
        rows: [rows, dims]
        advance: called with the bytes done after each piece.
    """
    import hashlib

    norms = np.empty(len(rows), np.float64)
    digest = hashlib.sha256()
    row_bytes = rows.shape[1] * rows.itemsize
    for part in pieces(len(rows), row_bytes):
        block = np.asarray(rows[part])
        digest.update(as_bytes(block))
        with np.errstate(invalid="ignore", over="ignore"):
            wide = to_float64(block, dtype)  # [piece, dims]
            norms[part] = np.sqrt(np.einsum("rd,rd->r", wide, wide))
        advance(part.stop * row_bytes)
    return norms, digest.hexdigest()
