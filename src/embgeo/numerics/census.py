"""What one pass over a matrix tells: moments, mean direction, identical rows; and how far rows are from a point."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import Report, silent
from embgeo.numerics.dtypes import F64, Ids, Mask, as_bytes, to_float64
from embgeo.numerics.kernels import Matrix, pieces
from embgeo.numerics.moments import Moments, Running, blocks

DIGEST = 16  # bytes: of a million different rows, two have the same with a probability of 1e-27


class Census(NamedTuple):
    """What the first pass finds.

    Attributes:
        moments: of the rows that count.
        directed: how many of those are not zero.
        unit_mean, unit_squares: [dims] the mean of the directed rows made length 1, and of their squared numbers.
        twins: groups of rows that are the same to the byte, the largest first; zero rows are in none.
        picked: [picks, dims] the rows that were asked for, in the file's dtype.
    """

    moments: Moments
    directed: int
    unit_mean: F64
    unit_squares: F64
    twins: list[Ids]
    picked: NDArray[Any]


def census(matrix: Matrix, keep: Mask, picks: Ids, report: Report = silent) -> Census:
    """Go through the rows once.

    Args:
        keep: [rows] which count; none with NaN or infinity.
        picks: [picks] numbers of rows to bring along, rising.
        report: told how many rows are done.
    """
    rows, dims = matrix.shape
    running = Running(dims)
    sums = np.zeros((2, dims))
    digests = np.zeros((rows, DIGEST // 8), np.uint64)
    picked: list[NDArray[Any]] = []
    for part in blocks(matrix):
        block = np.asarray(matrix.rows[part])  # [block, dims]
        ends = np.searchsorted(picks, (part.start, part.stop))
        picked.append(block[picks[ends[0] : ends[1]] - part.start])
        digests[part] = _digests(block)
        kept, norms = keep[part], matrix.norms[part]
        wide = to_float64(block if kept.all() else block[kept], matrix.dtype)
        running.add(wide)
        _add_units(wide, norms[kept], sums)
        report("Mean and covariance", part.stop, rows, "rows")
    directed = np.flatnonzero(keep & (matrix.norms > 0))
    sums /= max(1, len(directed))
    return Census(
        running.moments(), len(directed), sums[0], sums[1], _twins(digests, directed), np.concatenate(picked)
    )  # fmt: skip


def distances(block: Matrix, point: F64) -> F64:
    """Euclidean distances [rows] from a point [dims], in float64; infinite or NaN for rows with such numbers."""
    result = np.empty(len(block.norms))
    for part in pieces(len(result), 8 * len(point)):
        with np.errstate(invalid="ignore", over="ignore"):
            gaps = to_float64(np.asarray(block.rows[part]), block.dtype) - point  # [piece, dims]
            # Summed row by row, not by BLAS, whose order of addition depends on a row's place: equal rows are as far.
            result[part] = np.sqrt((gaps * gaps).sum(axis=1))
    return result


def _add_units(block: F64, norms: F64, sums: F64) -> None:
    """Add up the rows [block, dims] made length 1, and the squares of their numbers."""
    has_direction = norms > 0
    if not has_direction.all():
        block, norms = block[has_direction], norms[has_direction]
    units = block / norms[:, None]  # [block, dims]
    sums[0] += units.sum(axis=0)
    sums[1] += np.einsum("rd,rd->d", units, units)


def _digests(block: NDArray[Any]) -> NDArray[np.uint64]:
    """A number of 128 bits [block, 2] for the bytes of each row."""
    data, size = memoryview(as_bytes(block)).cast("B"), block.shape[1] * block.itemsize
    found = b"".join(
        hashlib.blake2b(data[at : at + size], digest_size=DIGEST, usedforsecurity=False).digest()
        for at in range(0, len(block) * size, size)
    )
    return np.frombuffer(found, np.uint64).reshape(len(block), -1)


def _twins(digests: NDArray[np.uint64], rows: Ids) -> list[Ids]:
    """Rows with the same digest, the largest group first, then the one with the lowest row; each in rising order."""
    found = digests[rows]
    order = np.lexsort((rows, *found.T))
    changes = 1 + np.flatnonzero((np.diff(found[order], axis=0) != 0).any(axis=1))
    begins, ends = np.concatenate([[0], changes]), np.concatenate([changes, [len(order)]])
    groups = [rows[order[a:b]] for a, b in np.stack([begins, ends], axis=1)[ends - begins > 1]]
    return sorted(groups, key=lambda group: (-len(group), int(group[0])))
