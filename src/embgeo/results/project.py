"""The part of a vector along directions, and the rest of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embgeo.results.base import Answer, Query


@dataclass(frozen=True, slots=True)
class Component:
    """The component of a vector along one axis of a direction.

    Attributes:
        direction: as typed.
        number: of the axis, from 1.
        dot: dot product with the raw axis.
        coordinate: dot product with the unit axis: the signed length along it.
        cosine: of the vector with the axis, from -1 to 1.
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
        query: the term as typed, and its parts.
        axes: dimensions of the subspace.
        components: one for each axis of each direction.
        norm: length of the vector.
        inside, outside: lengths of the two parts.
        share: the part inside as a share of the squared length, from 0 to 1.
        values: [dims] the part inside for `project`, outside for `reject`.
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
