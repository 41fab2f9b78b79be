"""Position vectors, which a model adds to its tokens' vectors to encode their place in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embgeo.results.base import Answer
from embgeo.results.neighbors import Neighbors
from embgeo.results.records import Record, as_data
from embgeo.results.vector import F64, equal_fields


@dataclass(frozen=True, slots=True)
class PositionLength:
    """A position and the length of its vector."""

    position: int
    norm: float


@dataclass(frozen=True, slots=True)
class DistanceCosines:
    """The cosines of all pairs of positions at one distance.

    Attributes:
        distance: in positions.
        pairs: number of pairs with a cosine.
        cosine, lowest, highest: mean, minimum and maximum, from -1 to 1.
    """

    distance: int
    pairs: int
    cosine: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Positions(Answer):
    """A model's position embedding.

    Attributes:
        tensor: its name in the model's file.
        positions, dimensions: shape of the position embedding, without rows before position 0.
        offset: the row of position 0.
        norm: mean length.
        shortest, longest: the positions with the shortest and the longest vector.
        norms: [positions] lengths; None for a row with NaN or infinity.
        apart: cosines at the distances 1, 2, 4, 8, ...
        order: whether mean cosines are `decreasing` or `increasing` with distance, or `none`.
    """

    tensor: str
    positions: int
    dimensions: int
    offset: int
    norm: float
    shortest: PositionLength
    longest: PositionLength
    norms: tuple[float | None, ...]
    apart: tuple[DistanceCosines, ...]
    order: str

    def records(self) -> list[Record]:
        """A row for each distance."""
        return [as_data(one) for one in self.apart]


@dataclass(frozen=True, slots=True)
class PatchMap:
    """The cosines of one patch's position with all others.

    Attributes:
        row, column: of the patch, from 0.
        cosines: [rows, columns], from -1 to 1; 1 at the patch itself.
    """

    row: int
    column: int
    cosines: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class PatchGrid(Answer):
    """The position vectors of an image's patches.

    Attributes:
        tensor: its name in the model's file.
        rows, columns: of the grid of patches.
        dimensions: of a position's vector.
        norm: mean length of the patches' vectors.
        special: for each position before the patches, of the class token for one: its mean cosine with the patches.
        adjacent: mean cosine of patches next to each other, in a row or a column.
        same_row, same_column: mean cosine of two patches in one row, or in one column.
        elsewhere: mean cosine of two patches in neither. Each of these is None (null in JSON) if there is no such pair.
        maps: of some patches, evenly spread.
    """

    tensor: str
    rows: int
    columns: int
    dimensions: int
    norm: float
    special: tuple[float, ...]
    adjacent: float | None
    same_row: float | None
    same_column: float | None
    elsewhere: float | None
    maps: tuple[PatchMap, ...]

    def records(self) -> list[Record]:
        """A row for each cosine of the maps."""
        return [
            {"row": one.row, "column": one.column, "other_row": row, "other_column": column, "cosine": cosine}
            for one in self.maps for row, line in enumerate(one.cosines) for column, cosine in enumerate(line)
        ]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class TokenAtPosition(Neighbors):
    """A token at a position: the sum of the two vectors, and the tokens nearest to it.

    NumPy reads it as an array of float32 [dims].

    Attributes:
        tensor: name of the position embedding.
        position: from 0.
        row: its row in the position embedding.
        scale: the model's factor for the token's vector before it adds the position's; 1 for most models.
        token_norm, position_norm, norm: lengths of the token's vector (scaled), the position's vector and the sum.
        between: cosine of the token with the position, from -1 to 1.
        cosine: cosine of the sum with the token, from -1 to 1.
        kept: number of results that are also in the token's own list of that length.
        values: [dims] the sum; float64, read-only.
    """

    tensor: str
    position: int
    row: int
    scale: float
    token_norm: float
    position_norm: float
    norm: float
    between: float
    cosine: float
    kept: int
    values: F64

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        found: NDArray[Any] = np.array(self.values, dtype, copy=copy)
        return found

    def __eq__(self, other: object) -> bool:
        return equal_fields(self, other)

    __hash__ = Neighbors.__hash__
