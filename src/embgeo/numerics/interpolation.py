"""Points between two vectors."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from embgeo.numerics.dtypes import F64
from embgeo.numerics.subspace import unit

SMALL_ANGLE: Final = 1e-6  # radians: below it the arc is a straight line, to float64's precision


def angle_between(a: F64, b: F64) -> float:
    """The angle of two vectors [dims] in radians, from 0 to pi; accurate near both ends, where a cosine is flat."""
    first, second = unit(a), unit(b)
    return 2 * math.atan2(float(np.linalg.norm(first - second)), float(np.linalg.norm(first + second)))


def straight(a: F64, b: F64, shares: F64) -> F64:
    """The points (1 - t) a + t b [points, dims] for shares t [points] of the way."""
    points: F64 = (1 - shares)[:, None] * a + shares[:, None] * b  # [points, 1] * [dims]
    return points


def spherical(a: F64, b: F64, shares: F64) -> F64:
    """Unit vectors [points, dims] at equal angles along the great circle from a to b (Shoemake 1985, "slerp").

    With the angle w between a and b, the point at t is (sin((1 - t) w) unit(a) + sin(t w) unit(b)) / sin(w).

    Args:
        a, b: [dims] not zero, and not opposed: opposed vectors don't define one great circle.
        shares: [points] of the angle, from 0 to 1.
    """
    first, second = unit(a), unit(b)
    angle = angle_between(a, b)
    if angle < SMALL_ANGLE:
        return unit(straight(first, second, shares))
    weights = np.sin(np.stack([1 - shares, shares], axis=1) * angle) / math.sin(angle)  # [points, 2]
    points: F64 = weights @ np.stack([first, second])  # [points, 2] @ [2, dims]
    return points
