"""How parallel two sides of a parallelogram would be by chance, given how close its corners are.

A - B and C - D are parallel for a trivial reason if C is close to A and D to B, as in king - car and queen - cars. So
the baseline is not two differences of random words, but a figure whose other two sides are just as close:

    C' = |C| (x A^ + sqrt(1 - x^2) r),   x = cos(A, C)

with A^ = A / |A| and r the unit part of a random row that is orthogonal to A; D' likewise from B. Then cos(A, C') = x
and |C'| = |C|, and only the direction in which C' departs from A is random.
"""

from __future__ import annotations

import numpy as np

from embgeo.numerics.correlation import cosines_between
from embgeo.numerics.dtypes import F64


def cosine_of(first: F64, second: F64) -> float:
    """The cosine of two vectors [dims]; 0 where one of them is zero."""
    cosine = float(cosines_between(first[None, :], second[None, :])[0])  # [1, dims] each
    return cosine if np.isfinite(cosine) else 0.0


def chance_cosines(corners: F64, random: F64) -> F64:
    """Cosines [at most draws] of A - B with C' - D'.

    Args:
        corners: [4, dims] A, B, C and D.
        random: [draws, 2, dims] random rows, for C' and D'; a row parallel to its corner gives no cosine.
    """
    a, b, c, d = corners  # [dims] each
    departed = _as_close(a, c, random[:, 0]) - _as_close(b, d, random[:, 1])  # [draws, dims]
    cosines: F64 = cosines_between(np.broadcast_to(a - b, departed.shape), departed)  # [draws]
    return cosines[np.isfinite(cosines)]


def _as_close(corner: F64, near: F64, random: F64) -> F64:
    """Vectors [draws, dims] with the length of `near` and its cosine with a corner [dims], in random directions."""
    length = float(np.linalg.norm(corner))
    axis = corner / length if length else corner  # [dims]
    rest = random - (random @ axis)[:, None] * axis  # [draws, dims]
    with np.errstate(invalid="ignore", divide="ignore"):
        rest /= np.linalg.norm(rest, axis=1, keepdims=True)  # [draws, dims] / [draws, 1]
    cosine = min(1.0, max(-1.0, cosine_of(corner, near)))
    found: F64 = np.linalg.norm(near) * (cosine * axis + np.sqrt(1 - cosine**2) * rest)  # [draws, dims]
    return found
