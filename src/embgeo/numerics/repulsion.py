"""The repulsion of t-SNE between all points of a plane, by interpolation on a grid and FFT.

Linderman et al. 2019, Fast interpolation-based t-SNE: charges are spread over the nodes of a grid, convolved with the
kernels 1 / (1 + d^2) and its square, and read back at the points, by quadratic interpolation in boxes of 3 nodes a
side. Even kernels have a real transform, so no complex product occurs, whose rounding differs between processors.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.numerics.dtypes import F32, F64, Ids

NODES_PER_SIDE: Final = 3  # a side of a box
MIN_BOXES: Final = 50  # boxes per side
MAX_BOXES: Final = 120
BOX_SIDE: Final = 1.0  # the side of a box, unless `MAX_BOXES` makes it larger
MIN_WIDTH: Final = 1e-6  # of a grid
WIDTH_RATIO: Final = 1.02  # the ratio of two widths of grids, so that a kernel's transform serves many steps
SMOOTH: Final = tuple(sorted(2**a * 3**b * 5**c for a in range(9) for b in range(5) for c in range(3)))

MapFunction = Callable[..., Iterable[Any]]
C64 = NDArray[np.complex64]


class Mesh(NamedTuple):
    """A square grid of nodes: boxes per side, the side of a box, and the corner [2]."""

    boxes: int
    side: float
    corner: F64


def repulsion(places: F64, each: MapFunction = map) -> tuple[F64, float]:
    """The sum over all j of (y_i - y_j) / (1 + d_ij^2)^2 [points, 2], and of 1 / (1 + d_ij^2) over all pairs.

    Args:
        places: [points, 2]
        each: as `map`; a pool's runs the transforms side by side, with the same result.
    """
    grid = _grid(places)
    node, weight = _interpolation(places, grid)
    x, y = places.T
    size = NODES_PER_SIDE * grid.boxes
    flat = node.ravel()
    charges = [np.bincount(flat, part.ravel(), size * size) for part in (weight, weight * x, weight * y)]
    spectra = list(each(_spectrum, [charge.reshape(size, size) for charge in charges]))
    kernel, square = _kernels(size, grid.side / NODES_PER_SIDE)
    fields = each(_field, [spectra[0], *spectra], [kernel, square, square, square])  # [size * size] each
    near, one, along_x, along_y = ((field[node] * weight).sum(axis=0) for field in fields)  # [9, points] -> [points]
    total = float(near.sum()) - len(places)
    return np.stack([x * one - along_x, y * one - along_y], axis=1), total


def _grid(places: F64) -> Mesh:
    low, high = places.min(axis=0), places.max(axis=0)
    span = float((high - low).max()) * (1 + 1e-9) + 1e-12
    width = MIN_WIDTH
    while width < span:  # not by a logarithm, whose last bit differs between machines
        width *= WIDTH_RATIO
    wanted = min(MAX_BOXES, max(MIN_BOXES, int(width / BOX_SIDE) + 1))
    boxes = next(side for side in SMOOTH if side >= wanted)
    return Mesh(boxes, width / boxes, (low + high) / 2 - width / 2)


def _interpolation(places: F64, grid: Mesh) -> tuple[Ids, F64]:
    """The nodes around each point, and the weight of each [9, points]."""
    at = (places - grid.corner) / grid.side  # [points, 2]
    box = np.clip(at.astype(np.intp), 0, grid.boxes - 1)
    t = (at - box) * NODES_PER_SIDE - 1.5  # [points, 2]; the nodes of a box are at -1, 0 and 1
    left, middle, right = t * (t - 1) / 2, (1 - t) * (1 + t), t * (t + 1) / 2  # Lagrange at -1, 0, 1
    first = NODES_PER_SIDE * box
    size = NODES_PER_SIDE * grid.boxes
    node = np.stack(
        [(first[:, 0] + i) * size + first[:, 1] + j for i in range(NODES_PER_SIDE) for j in range(NODES_PER_SIDE)]
    )
    sides = (left, middle, right)
    weight = np.stack([sides[i][:, 0] * sides[j][:, 1] for i in range(NODES_PER_SIDE) for j in range(NODES_PER_SIDE)])
    return node, weight


@functools.lru_cache(2)
def _kernels(size: int, step: float) -> tuple[F32, F32]:
    """The transforms of 1 / (1 + d^2) and its square on a grid of twice the size [2 size, size + 1]; real."""
    line = np.arange(size + 1) * step
    square = line * line
    kernel = 1 / (1 + square[:, None] + square)  # [size + 1, size + 1]
    return _even_transform(kernel), _even_transform(kernel * kernel)


def _even_transform(quarter: F64) -> F32:
    """The two-dimensional transform of a kernel that is even in both axes [2 size, size + 1], from a quarter of it."""
    for _ in range(2):
        whole = np.concatenate([quarter, quarter[:, -2:0:-1]], axis=1)  # [size + 1, 2 size]
        quarter = np.fft.rfft(whole, axis=1).real.T  # [size + 1, size + 1], then the other axis
    return np.concatenate([quarter, quarter[-2:0:-1]], axis=0).astype(np.float32)


def _spectrum(charges: F64) -> C64:
    """The transform of charges [size, size] on a grid of twice the size [2 size, size + 1]."""
    size = len(charges)
    lines = np.fft.rfft(charges.astype(np.float32), 2 * size, axis=1)  # [size, size + 1]
    spectrum: C64 = np.fft.fft(lines, 2 * size, axis=0).astype(np.complex64, copy=False)
    return spectrum


def _field(spectrum: C64, kernel: F32) -> F64:
    """The field [size * size] of charges, from their transform and a kernel's [2 size, size + 1]."""
    size = kernel.shape[1] - 1
    field = np.empty_like(spectrum)
    np.multiply(spectrum.real, kernel, out=field.real)
    np.multiply(spectrum.imag, kernel, out=field.imag)
    half = np.fft.ifft(field, axis=0)[:size]  # [size, size + 1]
    return np.fft.irfft(half, 2 * size, axis=1)[:, :size].astype(np.float64).ravel()
