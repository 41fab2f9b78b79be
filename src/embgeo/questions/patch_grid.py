"""How alike the positions of an image's patches are, on their grid (Dosovitskiy et al. 2021, figure 7)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from embgeo.errors import ModelError, Report, TermError, silent
from embgeo.models.choice import PATCHES
from embgeo.models.layers import model_config
from embgeo.models.model import Model
from embgeo.models.sides import side_of
from embgeo.numerics.dtypes import F64, shortest, shortest_of
from embgeo.questions.rows import about
from embgeo.results.positions import PatchGrid, PatchMap

MAX_MAPS: Final = 5  # to a side
TERMINAL_WIDTH: Final = 80  # columns of a terminal, in which maps stand next to each other


def patch_grid(model: Model, report: Report = silent) -> PatchGrid:
    """The cosines of an image's position vectors on their grid; see `EmbeddingSpace.patch_positions`."""
    places = side_of(model, PATCHES, report)
    rows = places.weights.take(np.arange(places.weights.shape[0]))  # [positions, dims]
    lengths = np.linalg.norm(rows, axis=1)  # [positions]
    if not (np.isfinite(lengths).all() and lengths.min() > 0):
        raise TermError(f"a position of '{places.manifest.model}' has no direction")
    height, width, first = _grid(model_config(places) or model_config(model), len(rows), places.manifest.model)
    units = rows / lengths[:, None]  # [positions, dims]
    patches = units[first:]  # [patches, dims]
    cosines = patches @ patches.T  # [patches, dims] @ [dims, patches] -> [patches, patches]
    down, across = (np.abs(part[:, None] - part) for part in np.divmod(np.arange(height * width), width))
    return PatchGrid(
        **about(places, "positions"), tensor=places.manifest.tensor, rows=height, columns=width,
        dimensions=rows.shape[1], norm=shortest(float(lengths[first:].mean())),
        special=tuple(
            shortest(float(cosine)) for cosine in (units[:first] @ patches.T).mean(axis=1)  # [special, patches]
        ),
        adjacent=_mean(cosines, down + across == 1), same_row=_mean(cosines, (down == 0) & (across > 0)),
        same_column=_mean(cosines, (across == 0) & (down > 0)), elsewhere=_mean(cosines, (down > 0) & (across > 0)),
        maps=tuple(
            PatchMap(row, column, tuple(tuple(shortest_of(line)) for line in one.reshape(height, width)))
            for row in _shown_indices(height, width) for column in _shown_indices(width, width)
            for one in (cosines[row * width + column],)
        ),
    )  # fmt: skip


def _grid(config: Mapping[str, Any], positions: int, name: str) -> tuple[int, int, int]:
    """Rows and columns of patches, and how many positions before them are of other tokens, such as the class."""
    inner = config.get("vision_config")
    sizes = {**config, **(inner if isinstance(inner, dict) else {})}
    image, patch = (_pair(sizes.get(key)) for key in ("image_size", "patch_size"))
    if image is None or patch is None:
        raise ModelError(
            f"'{name}' is not a vision transformer: its config.json has no image_size and patch_size",
            "Leave out --grid for the positions of texts.",
        )
    height, width = image[0] // patch[0], image[1] // patch[1]
    if 0 <= positions - height * width <= 2 and height and width:
        return height, width, positions - height * width
    for first in range(3):  # trained further on images of another size
        side = math.isqrt(max(0, positions - first))
        if side and side * side == positions - first:
            return side, side, first
    raise ModelError(f"{positions:,} positions of '{name}' don't fill a grid of {height} x {width} patches")


def _pair(value: Any) -> tuple[int, int] | None:
    """Height and width, from two numbers or one for both."""
    both = value if isinstance(value, list) else [value, value]
    if len(both) != 2 or not all(type(one) is int and one > 0 for one in both):
        return None
    return both[0], both[1]


def _mean(cosines: F64, where: Any) -> float | None:
    """The mean of some cosines; None of none."""
    return shortest(float(cosines[where].mean())) if where.any() else None


def _shown_indices(length: int, width: int) -> list[int]:
    """Which rows or columns to show maps of: as many as fit next to each other, evenly spaced from end to end."""
    count = max(1, min(length, MAX_MAPS, (TERMINAL_WIDTH + 1) // (width + 2)))
    return sorted({round(n * (length - 1) / max(1, count - 1)) for n in range(count)})
