"""Orthogonal Procrustes: the rotation that maps one space onto another, and how well it finds the right rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F32, F64, Ids
from embgeo.numerics.subspace import RANK_TOLERANCE, unit

CSLS_NEIGHBORS: Final = 10  # whose mean cosine CSLS takes away, as in Conneau et al. 2018
BLOCK_ROWS: Final = 1024  # rows compared with the mapped ones at a time


def rotation(cross: F64) -> F64:
    """The rotation R [p, q] that maximizes the sum of x R . y over paired rows, from cross = x^T y [p, q].

    With the singular value decomposition cross = U S V^T, R = U V^T (Schönemann 1966). For p = q it also minimizes
    |x R - y|. For spaces of different width the formula is the same with the thin decomposition, and R is
    semi-orthogonal: for p < q an embedding into the wider space (R R^T = 1), for p > q a projection onto as many axes
    as the narrower one has (R^T R = 1). If the rows span fewer dimensions than they have, many rotations are equally
    good; R is then what these have in common, and maps everything else to zero.
    """
    left, sizes, right = np.linalg.svd(cross, full_matrices=False)  # [p, r], [r], [r, q] with r = min(p, q)
    known = sizes > RANK_TOLERANCE * sizes.max(initial=0)
    result: F64 = left[:, known] @ right[known]  # [p, rank] @ [rank, q] -> [p, q]
    return result


class Ranks(NamedTuple):
    """The rank from 1 that the right row has for each mapped row [mapped], by cosine and by CSLS."""

    cosine: Ids
    csls: Ids


def target_ranks(mapped: F64, targets: Callable[[Ids], F64], count: int, right: Ids) -> Ranks:
    """The ranks of the right rows among all rows of the other space.

    CSLS(x, y) = 2 cos(x, y) - r(x) - r(y) (Conneau et al. 2018, Word Translation Without Parallel Data), where r(y) is
    the mean cosine of y with its 10 nearest mapped rows; r(x) is the same for all y and changes no rank. Scores are
    computed in float64 and rounded to float32 once; lower rows come first among equal ones.

    Args:
        mapped: [mapped, q] rows already rotated.
        targets: rows by number at length 1 [rows, q].
        count: of target rows.
        right: [mapped] the number of each mapped row's own target.
    """
    units = unit(mapped)  # [mapped, q]
    own_rows = targets(right)  # [mapped, q]
    near = _mean_of_nearest(units @ own_rows.T)  # [mapped, q] @ [q, mapped] -> [mapped] of the right targets
    cosine = (units * own_rows).sum(axis=1)  # [mapped]
    own = cosine.astype(np.float32), (2 * cosine - near).astype(np.float32)
    above = np.zeros((2, len(mapped)), np.intp)
    for at in range(0, count, BLOCK_ROWS):
        ids = np.arange(at, min(at + BLOCK_ROWS, count))
        cosines = units @ targets(ids).T  # [mapped, q] @ [q, block] -> [mapped, block]
        for kind, scores in enumerate((cosines, 2 * cosines - _mean_of_nearest(cosines))):
            above[kind] += _above(scores.astype(np.float32), own[kind], ids, right)
    return Ranks(above[0] + 1, above[1] + 1)


def _mean_of_nearest(cosines: F64) -> F64:
    """The mean [targets] of the highest cosines of each target with mapped rows [mapped, targets]."""
    take = min(CSLS_NEIGHBORS, len(cosines))
    columns = np.ascontiguousarray(cosines.T)  # [targets, mapped]
    highest: F64 = np.partition(columns, len(cosines) - take, axis=1)[:, len(cosines) - take :].mean(axis=1)
    return highest


def _above(scores: F32, own: F32, ids: Ids, right: Ids) -> Ids:
    """How many rows of a block score better than each mapped row's own [mapped].

    Args:
        scores: [mapped, block]
        own: [mapped] the scores of the right rows.
        ids: [block] numbers of the rows.
        right: [mapped] numbers of the right rows.
    """
    better = scores > own[:, None]
    tied, place = np.nonzero(scores == own[:, None])
    earlier = ids[place] < right[tied]
    itself = (right >= ids[0]) & (right <= ids[-1])
    better[np.flatnonzero(itself), right[itself] - ids[0]] = False  # rounding may differ from its own score
    counts: Ids = np.count_nonzero(better, axis=1) + np.bincount(tied[earlier], minlength=len(own))
    return counts
