"""A position embedding along its first principal components."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.positions import DistanceCosines
from embgeo.results.records import Record
from embgeo.results.tabular import Drawable


@dataclass(frozen=True, slots=True)
class PositionsPlot(Answer, Drawable):
    """A position embedding along its first principal components.

    Attributes:
        tensor: its name in the model's file.
        dimensions: of the vectors.
        positions: the drawn ones.
        coordinates: [positions, 3] of the centered vectors.
        variance: [3] shares of the variance along them.
        apart: cosines by distance, as in `Positions`.
    """

    tensor: str
    dimensions: int
    positions: tuple[int, ...]
    coordinates: tuple[tuple[float, ...], ...]
    variance: tuple[float, ...]
    apart: tuple[DistanceCosines, ...]

    def records(self) -> list[Record]:
        """A row for each position."""
        return [
            {"position": position, **{f"component_{at}": value for at, value in enumerate(row, 1)}}
            for position, row in zip(self.positions, self.coordinates, strict=True)
        ]
