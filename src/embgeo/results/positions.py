"""Positions: what a model adds to a token to say where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embgeo.results.base import Answer
from embgeo.results.neighbors import ExcludedToken, Neighbors


@dataclass(frozen=True, slots=True)
class PositionLength:
    """A position and the length of its vector."""

    position: int
    norm: float


@dataclass(frozen=True, slots=True)
class DistanceCosines:
    """All pairs of positions so far apart: the mean of their cosines, the lowest and the highest."""

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
        positions, dimensions: how many there are, and of how many numbers each.
        offset: the row of position 0; rows before it stand for no position.
        norm: the mean length; shortest and longest are those of the lengths.
        norms: of each position in turn; None where a row holds NaN or infinity.
        apart: the positions' cosines at the distances 1, 2, 4, 8, ...
        order: how the mean cosines run with the distance: `decreasing`, `increasing` or `none`.
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


@dataclass(frozen=True, slots=True)
class TokenAtPosition(Neighbors):
    """A token at a position: the sum of the two vectors, and the tokens nearest to it.

    NumPy reads it as an array of float32 [dims].

    Attributes:
        tensor: the position embedding's name.
        position: from 0.
        row: of the position embedding.
        scale: what the model multiplies the token's vector by before it adds the position's; 1 for most.
        token_norm, position_norm, norm: lengths of the token's vector (scaled), of the position's, of the sum.
        between: cosine of the token with the position.
        cosine: of the sum with the token.
        excluded: the token's own rows, where they would have stood.
        kept: how many of the results are among as many results for the token alone.
        values: the sum [dims].
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
    excluded: tuple[ExcludedToken, ...]
    kept: int
    values: tuple[float, ...]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.values, np.float32 if dtype is None else dtype)
