"""How the rows of one matrix differ from those of another: how far each moved, and in which common directions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from embgeo.numerics.correlation import cosines_between
from embgeo.numerics.dtypes import F64, Ids, Mask

BLOCK_ROWS = 4096  # rows at a time

ReadPairs = Callable[[Ids], tuple[F64, F64]]
"""The rows [rows, dims] by number in the one and in the other matrix."""


class Changes(NamedTuple):
    """What moved.

    Attributes:
        changed: [rows] which rows have another number anywhere.
        distances: [rows] length of the difference, second minus first.
        cosines: [rows] of a row before with itself after.
        shift: [dims] the mean difference of the changed rows.
        energies: [dims] eigenvalues of the differences' second moment about zero, the largest first; they add up to the
            sum of the squared distances.
        axes: [components, dims] its first eigenvectors, turned so that the mean movement along each is not negative.
        along: [rows, components] each row's movement along these.
    """

    changed: Mask
    distances: F64
    cosines: F64
    shift: F64
    energies: F64
    axes: F64
    along: F64


def measure_changes(pairs: ReadPairs, rows: int, dims: int, components: int) -> Changes:
    """Measure how paired rows differ, in two passes.

    Args:
        pairs: gives the rows.
        rows, dims: of both matrices.
        components: how many common directions to follow.
    """
    changed, distances, cosines = np.zeros(rows, bool), np.empty(rows), np.empty(rows)
    total, moment = np.zeros(dims), np.zeros((dims, dims))
    for part, before, after in _blocks(pairs, rows):
        moves = after - before  # [block, dims]
        changed[part] = (before != after).any(axis=1)
        distances[part] = np.sqrt((moves * moves).sum(axis=1))
        cosines[part] = cosines_between(before, after)
        total += moves.sum(axis=0)
        moment += moves.T @ moves  # [dims, block] @ [block, dims]
    values, vectors = np.linalg.eigh(moment)  # rising; vectors [dims, dims] in columns
    energies = np.maximum(values[::-1], 0.0)
    take = min(components, int(np.count_nonzero(energies > 1e-12 * energies[0]))) if energies[0] > 0 else 0
    axes = vectors[:, ::-1][:, :take].T  # [components, dims]
    axes = axes * np.where(axes @ total < 0, -1.0, 1.0)[:, None]
    along = np.empty((rows, take))
    for part, before, after in _blocks(pairs, rows):
        along[part] = (after - before) @ axes.T  # [block, dims] @ [dims, components]
    return Changes(changed, distances, cosines, total / max(1, int(changed.sum())), energies, axes, along)


def _blocks(pairs: ReadPairs, rows: int) -> Iterator[tuple[slice, F64, F64]]:
    for at in range(0, rows, BLOCK_ROWS):
        part = slice(at, min(at + BLOCK_ROWS, rows))
        before, after = pairs(np.arange(part.start, part.stop))
        yield part, before, after
