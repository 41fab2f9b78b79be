"""One pass over the rows of a mapped matrix: products with a few vectors, norms, digest.

float32 goes through BLAS at the memory's speed. NumPy has no such kernel for float16 and bfloat16 (it converts, which
takes 10 to 30 times as long), so those go through SimSIMD, which widens in registers; nothing is copied either way.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embgeo.dtypes import F32, F64, ROUNDOFF, from_float32, to_float32, to_float64
from embgeo.tensorfile import as_bytes

BLOCK_BYTES = 64 << 20
MANY = 8  # from so many vectors on, widening a block once and multiplying matrices is the faster way


@dataclass(frozen=True, slots=True)
class Matrix:
    """The embedding where it lies.

    Attributes:
        rows: [rows, dims], mapped read-only, in the file's own dtype (bfloat16 as uint16 bits).
        dtype: safetensors' name of that dtype.
        norms: [rows] Euclidean lengths; 0 for zero rows, NaN or infinite for rows that hold such a number.
    """

    rows: NDArray[Any]
    dtype: str
    norms: F64

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and dimensions."""
        return self.rows.shape[0], self.rows.shape[1]

    def take(self, ids: NDArray[np.intp]) -> F64:
        """Rows by number, as float64 [ids, dims]: exactly the numbers of the file."""
        return to_float64(np.asarray(self.rows)[ids], self.dtype)


def blocks(rows: int, row_bytes: int) -> Iterator[slice]:
    """Slices that cover all rows, about `BLOCK_BYTES` each."""
    step = max(1, BLOCK_BYTES // max(1, row_bytes))
    return (slice(at, min(at + step, rows)) for at in range(0, rows, step))


def products(matrix: Matrix, vectors: F64) -> tuple[F64, F64]:
    """Approximate dot products of every row with every vector, and how far off they can be.

    Args:
        vectors: [vectors, dims]

    Returns:
        The products [vectors, rows] and, for each vector, a bound on |product - exact| / (|row| |vector|) [vectors]:
        the rounding of the vector to the kernel's dtype, plus n u / (1 - n u) for the sum of n products in float32
        (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
    """
    lengths = np.linalg.norm(vectors, axis=1)  # [vectors]
    units = (vectors / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32)  # [vectors, dims]
    kernel, rounded = _kernel(matrix.dtype, units)
    result = np.empty((len(vectors), len(matrix.rows)), np.float32)
    rows = np.asarray(matrix.rows)
    for part in blocks(len(rows), rows.shape[1] * rows.itemsize):
        kernel(rows[part], result[:, part])
    drift = np.linalg.norm(rounded - vectors / np.where(lengths > 0, lengths, 1)[:, None], axis=1)
    n = (vectors.shape[1] + 4) * ROUNDOFF
    return result * lengths[:, None], drift + n / (1 - n)


Kernel = Callable[[NDArray[Any], F32], None]


def _kernel(dtype: str, units: F32) -> tuple[Kernel, F64]:
    """What fills [vectors, block] from a block of rows, and the vectors it truly multiplies with, as float64."""
    if dtype not in ("F16", "BF16") or len(units) >= MANY:
        turned = np.ascontiguousarray(units.T)  # [dims, vectors]

        def widened(block: NDArray[Any], out: F32) -> None:
            out[:] = (to_float32(block, dtype) @ turned).T  # [block, dims] @ [dims, vectors] -> [block, vectors]

        return widened, units.astype(np.float64)
    narrow = from_float32(units, dtype)  # [vectors, dims]
    cdist, name, threads = _simsimd().cdist, {"F16": "float16", "BF16": "bfloat16"}[dtype], os.cpu_count() or 1

    def in_place(block: NDArray[Any], out: F32) -> None:
        out[:] = cdist(narrow, block, metric="dot", dtype=name, out_dtype="float32", threads=threads)

    return in_place, to_float64(narrow, dtype)


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
        advance: told the bytes done after each block.
    """
    norms = np.empty(len(rows), np.float64)
    digest = hashlib.sha256()
    row_bytes = rows.shape[1] * rows.itemsize
    for part in blocks(len(rows), 4 * row_bytes):
        block = np.asarray(rows[part])
        digest.update(as_bytes(block))
        with np.errstate(invalid="ignore", over="ignore"):
            wide = to_float64(block, dtype)  # [block, dims]
            norms[part] = np.sqrt(np.einsum("rd,rd->r", wide, wide))
        advance(part.stop * row_bytes)
    return norms, digest.hexdigest()
