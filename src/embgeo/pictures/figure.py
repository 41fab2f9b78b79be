"""What a figure shows, in the numbers of its axes: `svg` and `terminal` draw the same figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

XY = tuple[float, float]
QUARTERS: Final = tuple((part / 4, f"{25 * part}%") for part in range(5))  # ticks of an axis of shares


@dataclass(frozen=True, slots=True)
class Axis:
    """One side of a panel.

    Attributes:
        low, high: the numbers at its two ends; `low` may be the larger one.
        label: what is measured, with its unit.
        ticks: places with their text.
        named: the ticks are names of rows or columns, each of which is shown.
    """

    low: float
    high: float
    label: str = ""
    ticks: tuple[tuple[float, str], ...] = ()
    named: bool = False

    def share(self, value: float) -> float:
        """How far a number is from `low` to `high`, from 0 to 1; in the middle where the ends are the same."""
        return (value - self.low) / (self.high - self.low) if self.high != self.low else 0.5


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with a label.

    Attributes:
        text: the label; none if it is empty.
        side: where the label would best stand: -1 left, 1 right, 0 above.
        color: `ink`, `s0` ... `s8` (a scale) or `c0` ... `c7` (groups).
        title: shown when the pointer is over it.
    """

    x: float
    y: float
    text: str = ""
    side: int = 0
    color: str = "ink"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one point to another; dotted if it is weak."""

    start: XY
    end: XY
    weak: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points.

    Attributes:
        guide: an aid to reading, not part of the answer; labels may cover it.
    """

    points: tuple[XY, ...]
    color: str = "c0"
    dotted: bool = False
    title: str = ""
    guide: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A histogram: `heights` over equal steps from `low` to `high`."""

    low: float
    high: float
    heights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of a heat map, one unit wide and high around its middle, colored by a value from -1 to 1."""

    x: float
    y: float
    value: float
    text: str
    title: str = ""


Mark = Dot | Arrow | Line | Area | Cell


@dataclass(frozen=True, slots=True)
class Panel:
    """Marks between two axes.

    Attributes:
        share: of the figure's width, relative to the other panels'.
        title: above it; needed only next to other panels.
        bare: without a frame.
    """

    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    share: float = 1.0
    title: str = ""
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Panels side by side, with what they are and what they don't show.

    Attributes:
        title, subtitle: what is drawn; the model, and how.
        caption: sentences below it: what the picture doesn't show.
        guides: a sentence on its guide lines, which a terminal doesn't draw.
        description: the picture in words, for people who can't see it.
        facts: the same figures as data, for the file's metadata.
        height: of the panels, in pixels.
    """

    title: str
    subtitle: str
    panels: tuple[Panel, ...]
    caption: tuple[str, ...]
    description: str
    facts: Mapping[str, object] = field(default_factory=dict)
    height: float = 440.0
    guides: str = ""

    @property
    def below(self) -> tuple[str, ...]:
        """The sentences below a picture with guide lines."""
        return (self.guides, *self.caption) if self.guides else self.caption


def spread(values: tuple[float, ...], room: float = 0.06) -> tuple[float, float]:
    """The ends of an axis that shows these values, with some room on both sides, also where all are the same."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    more = (high - low) * room or max(abs(high), 1.0) * room
    return low - more, high + more


def ticks(low: float, high: float, most: int = 7) -> tuple[tuple[float, str], ...]:
    """At most this many round numbers between two ends of an axis."""
    size = abs(high - low)
    if not size:
        return ((low, f"{low:g}"),)
    step = next(
        factor * 10.0**power
        for power in range(-12, 300)
        for factor in (1, 2, 5)
        if size / (factor * 10.0**power) < most
    )
    first = int(-(-min(low, high) // step))
    count = int((max(low, high) - first * step) // step) + 1
    digits = max(0, -int(f"{step:e}".partition("e")[2]))
    return tuple(((first + at) * step, f"{(first + at) * step:z,.{digits}f}") for at in range(count))
