"""A vector taken apart: what lies along directions, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embgeo.results.base import Answer, Query


@dataclass(frozen=True, slots=True)
class Component:
    """A vector along one axis of a direction.

    Attributes:
        direction: as typed.
        number: of the axis, from 1.
        dot: dot product with the axis as it is.
        coordinate: with the axis made a unit vector: the length along it, with a sign.
        cosine: between the vector and the axis.
    """

    direction: str
    number: int
    dot: float
    coordinate: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Projection(Answer):
    """A vector and its part in (`project`) or outside (`reject`) the subspace that directions span.

    NumPy reads it as an array of float32 [dims].

    Attributes:
        query: the term, and what it was read as.
        axes: how many independent ones the directions have.
        components: along each axis of each direction by itself.
        norm: length of the whole vector.
        inside, outside: lengths of the two parts.
        share: of the squared length, that lies inside.
        values: the part [dims] that was asked for.
    """

    query: Query
    axes: int
    components: tuple[Component, ...]
    norm: float
    inside: float
    outside: float
    share: float
    values: tuple[float, ...]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.values, np.float32 if dtype is None else dtype)
