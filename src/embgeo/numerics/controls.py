"""Matrices unrelated to their words: random rows, or the rows in another order. Generated a block at a time.

A random row depends on its number alone, so it doesn't matter which rows are generated, in which order, or how many at
once: Philox 4x64-10 (Salmon et al. 2011) counts to the row, and its 16-bit integers index 65,536 quantiles of the
normal distribution. No step depends on the machine, unlike NumPy's own normal numbers, whose tails come from the
system's math library.
"""

from __future__ import annotations

import functools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embgeo.numerics.dtypes import F32, Ids, to_float64
from embgeo.numerics.kernels import Matrix, pieces

STANDARD_DEVIATION: Final = 0.02  # of GPT-2's and BERT's rows before training
NUMBERS_PER_COUNT: Final = 16  # drawn at each count: four of 64 bits, of four 16-bit integers each
QUANTILES: Final = 1 << 16
MAX_BYTES_IN_MEMORY: Final = 1 << 28  # bytes of a matrix that is made once; larger ones are made again for each pass
MAX_SEED: Final = (1 << 64) - 1
SHUFFLE_STREAM: Final = 1 << 32  # the stream of the permutation; those of random rows have smaller numbers


class GeneratedRows:
    """Rows [rows, dims] that are generated when they are sliced, just as those of a mapped matrix are read.

    Attributes:
        shape, dtype, itemsize, nbytes: as an array's.
    """

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[Any]) -> None:
        self.shape, self.dtype, self.itemsize = shape, dtype, dtype.itemsize
        self.nbytes = shape[0] * shape[1] * dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: slice | Ids) -> NDArray[Any]:
        """Some rows [n, dims]: a slice without a step, or numbers."""
        if isinstance(which, slice):
            start, stop, _ = which.indices(self.shape[0])
            return self.run(start, max(start, stop))
        ids = np.asarray(which)
        found = np.empty((len(ids), self.shape[1]), self.dtype)
        for place, row in enumerate(ids.tolist()):
            found[place] = self.run(row, row + 1)[0]
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # NumPy's signature
        return self.run(0, self.shape[0]).astype(dtype or self.dtype, copy=False)

    def run(self, start: int, stop: int) -> NDArray[Any]:
        """The rows from `start` to before `stop`."""
        raise NotImplementedError


class RandomRows(GeneratedRows):
    """Rows of float32 from the normal distribution with mean 0 and the standard deviation `STANDARD_DEVIATION`.

    Args:
        shape: rows and dims.
        seed: from 0 to `MAX_SEED`; each gives different rows.
        stream: distinguishes the matrices of one model under one seed.
    """

    def __init__(self, shape: tuple[int, int], seed: int, stream: int = 0) -> None:
        super().__init__(shape, np.dtype(np.float32))
        self._key = np.array([seed, stream], np.uint64)

    def run(self, start: int, stop: int) -> F32:
        """The rows from `start` to before `stop`; earlier rows needn't be drawn."""
        counts, dims = -(-self.shape[1] // NUMBERS_PER_COUNT), self.shape[1]
        source = np.random.Philox(key=self._key, counter=start * counts)
        words = source.random_raw((stop - start) * counts * 4)  # [n * counts * 4] of 64 bits
        # [n * counts * 4] -> [n, counts * 16] -> [n, dims]
        codes = words.astype("<u8", copy=False).view("<u2").reshape(stop - start, counts * NUMBERS_PER_COUNT)[:, :dims]
        found: F32 = np.take(quantiles(), codes, mode="wrap")
        return found


class ShuffledRows(GeneratedRows):
    """The rows of a matrix in another order."""

    def __init__(self, rows: NDArray[Any], order: Ids) -> None:
        super().__init__((rows.shape[0], rows.shape[1]), rows.dtype)
        self._rows, self._order = rows, order

    def run(self, start: int, stop: int) -> NDArray[Any]:
        """The rows at positions `start` to before `stop`."""
        return np.asarray(self._rows[self._order[start:stop]])

    def __getitem__(self, which: slice | Ids) -> NDArray[Any]:
        return np.asarray(self._rows[self._order[which]])


@functools.cache
def quantiles() -> F32:
    """The quantiles [65,536] at (i + 1/2) / 65,536, rising.

    Their standard deviation is that of the distribution to 1 in 90,000, and the largest is 4.3 deviations out. None
    lies within 1e-13 (relative) of the middle between two float32 numbers: any logarithm that is good to that gives the
    same (Wichura 1988, algorithm AS 241, in Python's statistics).
    """
    from statistics import NormalDist

    normal = NormalDist(0.0, STANDARD_DEVIATION)
    half = np.array([normal.inv_cdf((i + 0.5) / QUANTILES) for i in range(QUANTILES // 2, QUANTILES)])
    return np.concatenate([-half[::-1], half]).astype(np.float32)


def random_matrix(shape: tuple[int, int], seed: int, stream: int = 0) -> Matrix:
    """A matrix of `RandomRows`."""
    rows, norms = _in_memory(RandomRows(shape, seed, stream)), np.empty(shape[0])
    for part in pieces(shape[0], 8 * shape[1]):
        wide = to_float64(rows[part], "F32")  # [piece, dims]
        norms[part] = np.sqrt(np.einsum("rd,rd->r", wide, wide))
    return Matrix(rows, "F32", norms)


def shuffled_matrix(matrix: Matrix, moved: Ids, seed: int) -> Matrix:
    """A matrix in which each of the rows `moved` [n] takes the place of another.

    A single random cycle goes through all of them, so that no row keeps its place.
    """
    keys = np.random.Philox(key=np.array([seed, SHUFFLE_STREAM], np.uint64)).random_raw(len(moved))
    cycle = moved[np.argsort(keys, kind="stable")]
    order = np.arange(matrix.shape[0])
    order[cycle] = np.roll(cycle, 1)
    return Matrix(_in_memory(ShuffledRows(matrix.rows, order)), matrix.dtype, matrix.norms[order])


def _in_memory(rows: GeneratedRows) -> Any:
    """The rows as an array that can't be written to; as they are where that would take too much memory."""
    if rows.nbytes > MAX_BYTES_IN_MEMORY:
        return rows
    kept = np.empty(rows.shape, rows.dtype)
    for part in pieces(len(rows), rows.shape[1] * rows.itemsize):
        kept[part] = rows[part]
    kept.flags.writeable = False
    return kept
