"""Which answers have a picture, and who draws it."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from embgeo.pictures.figure import Picture

DRAWING_MODULES: Final = {  # a result's class: its file here, whose function has the same name
    "PairsPlot": "pairs", "DirectionPlot": "direction", "Similarity": "similarity", "Clustering": "cluster",
    "NeighborsPlot": "neighbors", "Space": "space", "PositionsPlot": "positions", "Context": "context",
    "Comparison": "compare",
}  # fmt: skip


def figure(answer: object) -> Picture:
    """The figure of an answer; its file is imported now, so that one picture doesn't pay for all."""
    name = DRAWING_MODULES[type(answer).__name__]
    drawn: Picture = getattr(import_module(f"embgeo.pictures.{name}"), name)(answer)
    return drawn
