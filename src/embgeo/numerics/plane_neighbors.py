"""The nearest points in an integer plane, and how many of the true neighbors a picture keeps."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

from embgeo.numerics.batches import places_in_runs
from embgeo.numerics.dtypes import Ids

PAIR_BATCH: Final = 1 << 21  # looked at together


def plane_neighbors(places: Ids, k: int) -> Ids:
    """The k nearest other points of each point, nearest first; the lower number first among equals [points, k].

    Of several points at one place only the first k + 1 can be neighbors, so that many equal rows cost no more.

    Args:
        places: [points, 2] whole numbers.
        k: fewer than there are points.
    """
    order, start, rank = _by_place(places)
    result = np.empty((len(places), k), np.intp)
    beyond = rank > k  # [points] in the order of places
    result[order[beyond]] = order[start[beyond][:, None] + np.arange(k)]
    some = np.sort(order[~beyond])
    result[some] = some[_nearest_of(places[some], k)]
    return result


def _by_place(places: Ids) -> tuple[Ids, Ids, Ids]:
    """The points sorted by place and number, where each one's place begins in it, and its rank; [points] each."""
    inside = places - places.min(axis=0)  # [points, 2]
    code = inside[:, 0] * (int(inside[:, 1].max()) + 1) + inside[:, 1]  # [points]
    order = np.argsort(code, kind="stable")
    start = np.searchsorted(code[order], code[order])
    return order, start, np.arange(len(code)) - start


def _nearest_of(places: Ids, k: int) -> Ids:
    """As `plane_neighbors`, for points of which few share a place: cells that double until they hold enough points."""
    result = np.empty((len(places), k), np.intp)
    left = np.arange(len(places))
    span = int((places.max(axis=0) - places.min(axis=0)).max()) + 1
    cell = 1
    while len(left):
        left = _settle(places, left, cell, result, last=cell >= span)
        cell *= 2
    return result


def kept_counts(graph: Ids, plane: Ids) -> Ids:
    """How many of each point's true neighbors [points, k] are among its nearest in the plane [points, k]; [points]."""
    common: Ids = (graph[:, :, None] == plane[:, None, :]).any(axis=2).sum(axis=1)
    return common


def _settle(places: Ids, left: Ids, cell: int, result: Ids, *, last: bool) -> Ids:
    """Find the neighbors of those points whose circle lies within the cells around their own; returns the others.

    Args:
        left: numbers of points without neighbors so far.
        cell: the side of a cell.
        result: [points, k] is filled.
        last: whether the cells around a point cover all points.
    """
    inside = places - places.min(axis=0)  # [points, 2]
    at = inside // cell + 1
    width = int(at[:, 1].max()) + 2
    number = at[:, 0] * width + at[:, 1]  # [points] the cell of each
    order = np.argsort(number, kind="stable")
    rows = number[left][:, None] + width * np.arange(-1, 2)  # [left, 3] the middle cell of each row of three
    first = np.searchsorted(number[order], rows - 1)
    stop = np.searchsorted(number[order], rows + 1, "right")
    enough = (stop - first).sum(axis=1) > result.shape[1]  # a point is among its own
    few: Ids = left[~enough]
    first, stop, left = first[enough], stop[enough], left[enough]
    if not len(left):
        return few
    edge = inside[left] % cell
    reach = np.minimum(edge, cell - 1 - edge).min(axis=1) + cell  # [left] a circle of this size lies within
    done = np.zeros(len(left), bool)
    for part in _runs((stop - first).sum(axis=1)):
        table, farthest = _nearest(places, left[part], order, first[part], stop[part], result.shape[1])
        done[part] = (farthest >= 0) & ((farthest <= reach[part] ** 2) | last)
        result[left[part][done[part]]] = table[done[part]]
    others: Ids = np.concatenate([few, left[~done]])
    return others


def _nearest(places: Ids, some: Ids, order: Ids, first: Ids, stop: Ids, k: int) -> tuple[Ids, Ids]:
    """The k nearest of each point [some, k] in its cells, and the squared distance of the last; -1 if there are fewer.

    Args:
        order: [points] by cell; the candidates of a point are three ranges `first` to `stop` [some, 3] of it.
    """
    counts = (stop - first).ravel()
    owner = np.repeat(np.arange(len(some)), counts.reshape(-1, 3).sum(axis=1))
    begins = np.repeat(first.ravel() - np.cumsum(counts) + counts, counts)
    other = order[begins + np.arange(len(begins))]  # [pairs]
    keep = other != some[owner]
    owner, other = owner[keep], other[keep]
    gap = places[other] - places[some[owner]]  # [pairs, 2]
    distance = (gap * gap).sum(axis=1)
    ranked = np.lexsort((other, distance, owner))
    owner, other, distance = owner[ranked], other[ranked], distance[ranked]
    place = places_in_runs(owner)
    table, farthest = np.full((len(some), k), -1, np.intp), np.full(len(some), -1)
    listed, at_end = place < k, place == k - 1
    table[owner[listed], place[listed]] = other[listed]
    farthest[owner[at_end]] = distance[at_end]
    return table, farthest


def _runs(counts: Ids) -> list[slice]:
    """Slices of points with about `PAIR_BATCH` pairs each."""
    ends = np.cumsum(counts)
    marks = np.unique(np.searchsorted(ends, np.arange(PAIR_BATCH, int(ends[-1]) + PAIR_BATCH, PAIR_BATCH)) + 1)
    edges = [0, *np.minimum(marks, len(counts)).tolist()]
    return [slice(a, b) for a, b in itertools.pairwise(edges) if b > a]
