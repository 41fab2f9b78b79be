"""The part of a vector along directions, and the rest of it."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Query
from embgeo.results.records import Record, as_data
from embgeo.results.vector import F64, VectorAnswer


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


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Projection(VectorAnswer):
    """A vector and its part in (`project`) or outside (`reject`) the subspace that directions span.

    NumPy reads it as an array of float64 [dims].

    Attributes:
        query: the term as typed, and its parts.
        axes: dimensions of the subspace.
        components: one for each axis of each direction.
        norm: length of the vector.
        inside, outside: lengths of the two parts.
        share: the part inside as a share of the squared length, from 0 to 1.
        values: [dims] the part inside for `project`, outside for `reject`; float64, read-only.
    """

    query: Query
    axes: int
    components: tuple[Component, ...]
    norm: float
    inside: float
    outside: float
    share: float
    values: F64

    @property
    def text(self) -> str:
        """The term and the directions: `queen onto woman - man`."""
        word = "onto" if self.command == "project" else "without"
        return f"{self.query.text} {word} {', '.join(dict.fromkeys(one.direction for one in self.components))}"

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return self.text

    def records(self) -> list[Record]:
        """A row for each axis of each direction."""
        return [as_data(component) for component in self.components]
