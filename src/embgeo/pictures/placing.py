"""Where labels stand: next to their points, clear of each other, of other points and of lines.

Each label tries places around its point, near ones first. Those with the fewest free places choose first. A label
without a free place is left out, and the figure says how many are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F64, Mask

RING_RADII: Final = (3.0, 6.0, 10.0, 16.0, 24.0, 34.0, 46.0, 60.0, 78.0, 100.0, 126.0, 156.0)  # pixels from the point
MAX_FAR_LABELS: Final = 60  # labels; more look near their points alone
ANGLES: Final = 24
CLEARANCE: Final = 2.0  # pixels between labels, and between labels and lines
LEADER_DISTANCE: Final = 12.0  # a label further from its point is joined to it by a thin line
SIDES: Final = {-1: (-1.0, 0.0), 0: (0.0, -1.0), 1: (1.0, 0.0)}


class LabelRequest(NamedTuple):
    """A label: its point, its size, and the side where it would best stand (see `Dot.side`)."""

    x: float
    y: float
    width: float
    height: float
    side: int = 0


class PlacedLabel(NamedTuple):
    """The upper left corner of a label's box, and the line from its point, if it stands far off."""

    x: float
    y: float
    leader: tuple[float, float, float, float] | None


def place(
    labels: Sequence[LabelRequest], bounds: tuple[float, float, float, float], lines: F64, dots: F64, radius: float
) -> list[PlacedLabel | None]:
    """Places for labels, None for those without room.

    Args:
        bounds: x0, y0, x1, y1 that labels stay within.
        lines: [lines, 4] x0, y0, x1, y1 that no label may touch.
        dots: [dots, 2] centers of points that no label may touch.
        radius: of the points.
    """
    if not labels:
        return []
    discs = np.hstack([dots - radius, dots + radius])  # [dots, 4]
    rings = np.array(RING_RADII if len(labels) <= MAX_FAR_LABELS else RING_RADII[: len(RING_RADII) // 2])
    tries = [_tries(one, radius, rings) for one in labels]
    free = [_free(boxes, bounds, lines, discs) for boxes, _, _ in tries]
    found: list[PlacedLabel | None] = [None] * len(labels)
    taken, leaders = np.empty((0, 4)), np.empty((0, 4))
    for at in sorted(range(len(labels)), key=lambda at: int(free[at].sum())):
        boxes, costs, joined = tries[at]
        open_ = free[at].copy()
        places = np.flatnonzero(open_)
        if len(taken) and len(places):
            open_[places] &= ~overlapping(boxes[places], taken).any(axis=1)
            open_[places] &= ~crossing(boxes[places], leaders).any(axis=1)
            open_[places] &= ~(joined[places] & crossing(taken, _leaders(labels[at], boxes[places])).any(axis=0))
        if not open_.any():
            continue
        best = int(np.where(open_, costs, np.inf).argmin())
        leader = _leaders(labels[at], boxes[best : best + 1])
        x, y = boxes[best, :2].tolist()
        found[at] = PlacedLabel(x, y, tuple(leader[0].tolist()) if joined[best] else None)
        taken = np.vstack([taken, boxes[best]])
        leaders = np.vstack([leaders, leader]) if joined[best] else leaders
    return found


def overlapping(boxes: F64, others: F64) -> Mask:
    """Whether boxes [n, 4] overlap boxes [m, 4], or come too near: [n, m]."""
    a, b = boxes[:, None, :], others[None, :, :]  # [n, 1, 4], [1, m, 4]
    over: Mask = (
        (a[..., 0] < b[..., 2] + CLEARANCE) & (a[..., 2] > b[..., 0] - CLEARANCE)
        & (a[..., 1] < b[..., 3]) & (a[..., 3] > b[..., 1])
    )  # fmt: skip
    return over


def crossing(boxes: F64, lines: F64) -> Mask:
    """Whether lines [m, 4] pass through boxes [n, 4], or too near: [n, m]."""
    start, step = lines[None, :, :2], (lines[:, 2:] - lines[:, :2])[None, :, :]  # [1, m, 2]
    low, high = boxes[:, None, :2] - CLEARANCE, boxes[:, None, 2:] + CLEARANCE  # [n, 1, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - start) / step, (high - start) / step  # [n, m, 2]
    flat = (step == 0) & np.ones_like(one, bool)
    outside = flat & ((start < low) | (start > high))
    first = np.where(flat, 0.0, np.fmin(one, other)).max(axis=2)  # [n, m] where the line has entered both slabs
    last = np.where(flat, 1.0, np.fmax(one, other)).min(axis=2)
    through: Mask = (np.maximum(first, 0) <= np.minimum(last, 1)) & ~outside.any(axis=2)
    return through


def _tries(label: LabelRequest, radius: float, rings: F64) -> tuple[F64, F64, Mask]:
    """Boxes [tries, 4] around a label's point, their costs [tries], and whether they are far enough to be joined."""
    turn = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    way = np.round(np.stack([np.cos(turn), np.sin(turn)], axis=1), 9)  # [angles, 2]
    half = np.array([label.width, label.height]) / 2
    center = (
        np.array([label.x, label.y]) + np.clip(way * 1.6, -1, 1)[None] * half + (rings[:, None, None] + radius) * way
    )  # [rings, angles, 2]
    boxes = np.concatenate([center - half, center + half], axis=2).reshape(-1, 4)
    away = 1 - way @ np.array(SIDES[label.side])  # [angles] 0 on the best side, 2 opposite
    costs = np.round(rings[:, None] / 4 + 1.5 * away[None], 6).reshape(-1)
    return boxes, costs, np.repeat(rings > LEADER_DISTANCE, ANGLES)


def _free(boxes: F64, bounds: tuple[float, float, float, float], lines: F64, discs: F64) -> Mask:
    x0, y0, x1, y1 = bounds
    reach = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])[None]  # [1, 4] all places together
    discs, lines = discs[overlapping(reach, discs)[0]], lines[crossing(reach, lines)[0]]
    free: Mask = (boxes[:, 0] >= x0) & (boxes[:, 1] >= y0) & (boxes[:, 2] <= x1) & (boxes[:, 3] <= y1)
    if len(discs):
        free &= ~overlapping(boxes, discs).any(axis=1)
    if len(lines):
        free &= ~crossing(boxes, lines).any(axis=1)
    return free


def _leaders(label: LabelRequest, boxes: F64) -> F64:
    """The lines [boxes, 4] from a label's point to the nearest points of boxes."""
    point = np.array([label.x, label.y])
    near = np.clip(point, boxes[:, :2], boxes[:, 2:])  # [boxes, 2]
    return np.hstack([np.broadcast_to(point, near.shape), near])
