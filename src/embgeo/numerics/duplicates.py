"""Rows that are identical byte for byte."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embgeo.numerics.dtypes import Ids, as_bytes
from embgeo.numerics.kernels import Matrix, pieces

DIGEST_BYTES: Final = 16  # bytes: of a million different rows, two have the same with a probability of 1e-27
LENGTH_TOLERANCE: Final = 1e-11  # relative; the order of summation can change the length of equal rows by less


def duplicates(matrix: Matrix, rows: Ids) -> list[Ids]:
    """Groups of identical rows: the largest first, then the one with the lowest row; each in rising order.

    Only rows that share their length with another row are read.

    Args:
        rows: [rows] the rows to compare, rising, each with a finite length.
    """
    lengths = matrix.norms[rows]
    order = np.argsort(lengths, kind="stable")
    close = np.diff(lengths[order]) <= LENGTH_TOLERANCE * lengths[order][1:]
    candidates = np.zeros(len(rows), bool)
    candidates[order[1:]] = close
    candidates[order[:-1]] |= close
    return _groups(matrix, rows[candidates])


def _groups(matrix: Matrix, rows: Ids) -> list[Ids]:
    digests = np.zeros((len(rows), DIGEST_BYTES // 8), np.uint64)
    for part in pieces(len(rows), matrix.shape[1] * matrix.rows.itemsize):
        digests[part] = _digests(np.asarray(matrix.rows[rows[part]]))
    order = np.lexsort((rows, *digests.T))
    changes = 1 + np.flatnonzero((np.diff(digests[order], axis=0) != 0).any(axis=1))
    groups = [group for group in np.split(rows[order], changes) if len(group) > 1]
    return sorted(groups, key=lambda group: (-len(group), int(group[0])))


def _digests(block: NDArray[Any]) -> NDArray[np.uint64]:
    """A 128-bit digest [block, 2] of the bytes of each row."""
    data, size = memoryview(as_bytes(block)).cast("B"), block.shape[1] * block.itemsize
    digests = b"".join(
        hashlib.blake2b(data[at : at + size], digest_size=DIGEST_BYTES, usedforsecurity=False).digest()
        for at in range(0, len(block) * size, size)
    )
    return np.frombuffer(digests, np.uint64).reshape(len(block), -1)
