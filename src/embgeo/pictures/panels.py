"""One panel as SVG: its axes, its marks, and its labels in free places."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from embgeo.numerics.dtypes import F64
from embgeo.pictures import colors
from embgeo.pictures.elements import SIZE, SMALL, element, line, path, text, titled
from embgeo.pictures.figure import XY, Area, Arrow, Cell, Dot, Line, Panel
from embgeo.pictures.placing import LabelRequest, PlacedLabel, place
from embgeo.pictures.text import label, width

RADIUS: Final = 3.2  # of a dot
ARROW_HEAD: Final = 9.0  # length of an arrow's head
LABEL_HEIGHT: Final = 15.0  # of a label's box
TICK_HEIGHT: Final = 18.0  # below a panel, for numbers
TITLE_HEIGHT: Final = 20.0  # above a panel
NAME_ANGLES: Final = (-45.0, -90.0)  # degrees, for names wider than their column: the first at which they are clear


@dataclass(frozen=True, slots=True)
class Frame:
    """A panel's place on the page, and how its numbers become pixels."""

    panel: Panel
    x0: float
    y0: float
    x1: float
    y1: float

    def at(self, point: XY) -> XY:
        """The pixel of a point."""
        return self.x(point[0]), self.y(point[1])

    def x(self, value: float) -> float:
        """The pixel of a number across."""
        return self.x0 + self.panel.x.share(value) * (self.x1 - self.x0)

    def y(self, value: float) -> float:
        """The pixel of a number up."""
        return self.y1 - self.panel.y.share(value) * (self.y1 - self.y0)


def margins(panel: Panel, across: float) -> tuple[float, float, float]:
    """What a panel needs to the left of its frame, above and below it, in pixels.

    Args:
        across: roughly how wide the frame will be.
    """
    names = max((width(label(name), SMALL) for _, name in panel.y.ticks), default=0.0)
    left = names + (8 if names else 0) + (18 if panel.y.label else 0) or 2
    below = (TICK_HEIGHT if panel.x.ticks else 0) + (18 if panel.x.label else 0)
    if turn := _turn(panel, across):
        below += _longest(panel) * math.sin(math.radians(-turn))
    return left, TITLE_HEIGHT if panel.title else 0, below


def draw_panel(frame: Frame) -> tuple[list[str], list[str]]:
    """A panel's elements, and the labels that found no room."""
    panel = frame.panel
    parts = [_frame(frame)] if not panel.bare else []
    if panel.title:
        parts.append(text(frame.x0, frame.y0 - 7, panel.title, class_="muted", size=12.0))
    parts += _axes(frame)
    for mark in panel.marks:
        match mark:
            case Area():
                parts.append(_area(frame, mark))
            case Line():
                points = [frame.at(point) for point in mark.points]
                parts.append(path(points, f"line k-{mark.color}{' dotted' if mark.dotted else ''}", title=mark.title))
            case Cell():
                parts += _cell(frame, mark)
    arrows = [mark for mark in panel.marks if isinstance(mark, Arrow)]
    parts += [_arrow(frame, arrow) for arrow in arrows]
    dots = [mark for mark in panel.marks if isinstance(mark, Dot)]
    parts += [_dot(frame, dot) for dot in dots]
    labels, left = _labels(frame, dots)
    return parts + labels, left


def _frame(frame: Frame) -> str:
    return element(
        "rect", x=frame.x0, y=frame.y0, width=frame.x1 - frame.x0, height=frame.y1 - frame.y0, class_="frame"
    )


def _axes(frame: Frame) -> list[str]:
    panel, parts = frame.panel, []
    turn = _turn(panel, frame.x1 - frame.x0)
    for value, name in panel.x.ticks if turn is not None else ():
        x = frame.x(value)
        if not panel.x.named:
            parts.append(line(x, frame.y1, x, frame.y1 + 4, "rule"))
        if turn:
            y = frame.y1 + (13 if turn == NAME_ANGLES[0] else 6)
            parts.append(text(x + 4, y, label(name), size=SMALL, anchor="end", turn=turn))
        else:
            tone = "" if panel.x.named else "muted"
            parts.append(text(x, frame.y1 + 15, label(name), class_=tone, size=SMALL, anchor="middle"))
    for value, name in panel.y.ticks:
        tone = "" if panel.y.named else "muted"
        parts.append(text(frame.x0 - 7, frame.y(value) + 4, label(name), class_=tone, size=SMALL, anchor="end"))
    below = margins(panel, frame.x1 - frame.x0)[2]
    if panel.x.label:
        y = frame.y1 + below - 3
        parts.append(text(frame.x1, y, panel.x.label, class_="muted", size=SMALL, anchor="end"))
    if panel.y.label:
        left = margins(panel, frame.x1 - frame.x0)[0]
        x = frame.x0 - left + 11
        parts.append(text(x, frame.y0, panel.y.label, class_="muted", size=SMALL, anchor="end", turn=-90))
    return parts


def _turn(panel: Panel, across: float) -> float | None:
    """How far the names of columns are turned so that none overlaps the next; None if they overlap at any angle."""
    if not (panel.x.named and panel.x.ticks):
        return 0.0
    room = across / abs(panel.x.high - panel.x.low)  # pixels of a column
    if _longest(panel) <= room - 4:
        return 0.0
    return next((turn for turn in NAME_ANGLES if room * math.sin(math.radians(-turn)) >= SMALL), None)


def _longest(panel: Panel) -> float:
    """The width of the longest name of a column, in pixels."""
    return max(width(label(name), SMALL) for _, name in panel.x.ticks)


def _area(frame: Frame, area: Area) -> str:
    step = (area.high - area.low) / len(area.heights)
    points = [(frame.x(area.low), frame.y(0))]
    for at, height in enumerate(area.heights):
        points += [(frame.x(area.low + (at + side) * step), frame.y(height)) for side in (0, 1)]
    return path([*points, (frame.x(area.high), frame.y(0))], "area", closed=True)


def _cell(frame: Frame, cell: Cell) -> list[str]:
    left, right = sorted((frame.x(cell.x - 0.5), frame.x(cell.x + 0.5)))
    top, bottom = sorted((frame.y(cell.y - 0.5), frame.y(cell.y + 0.5)))
    shade = colors.heat(cell.value)
    square = element(
        "rect", titled(cell.title), x=left, y=top, width=right - left, height=bottom - top, class_=f"cell f-{shade}"
    )
    if width(cell.text, SMALL) > right - left - 4 or bottom - top < SMALL + 2:
        return [square]
    x, y = (left + right) / 2, (top + bottom) / 2 + 4
    return [square, text(x, y, cell.text, class_=f"o-{shade}", size=SMALL, anchor="middle")]


def shaft(frame: Frame, arrow: Arrow) -> tuple[float, float, float, float]:
    """An arrow's line in pixels, short of the dots at its ends; its start twice if these touch."""
    (x0, y0), (x1, y1) = frame.at(arrow.start), frame.at(arrow.end)
    length = math.hypot(x1 - x0, y1 - y0)
    if length < 2 * RADIUS + 6:
        return x0, y0, x0, y0
    step_x, step_y = (x1 - x0) / length, (y1 - y0) / length
    gap = RADIUS + 2
    return x0 + step_x * gap, y0 + step_y * gap, x1 - step_x * gap, y1 - step_y * gap


def _arrow(frame: Frame, arrow: Arrow) -> str:
    x0, y0, x1, y1 = shaft(frame, arrow)
    length = math.hypot(x1 - x0, y1 - y0)
    if not length:
        return ""
    step_x, step_y = (x1 - x0) / length, (y1 - y0) / length
    head = min(ARROW_HEAD, length * 0.6)
    back_x, back_y = x1 - step_x * head, y1 - step_y * head
    half = head * 0.42
    corners = [
        (x1, y1), (back_x - step_y * half, back_y + step_x * half), (back_x + step_y * half, back_y - step_x * half)
    ]  # fmt: skip
    drawn_line = line(x0, y0, back_x, back_y, f"line k-c0{' dotted' if arrow.weak else ''}")
    return element("g", titled(arrow.title) + drawn_line + path(corners, "f-c0", closed=True))


def _dot(frame: Frame, dot: Dot) -> str:
    x, y = frame.at((dot.x, dot.y))
    return element("circle", titled(dot.title or label(dot.text)), cx=x, cy=y, r=RADIUS, class_=f"dot f-{dot.color}")


def _labels(frame: Frame, dots: Sequence[Dot]) -> tuple[list[str], list[str]]:
    named = [dot for dot in dots if dot.text]
    centers = np.array([frame.at((dot.x, dot.y)) for dot in dots]).reshape(-1, 2)  # [dots, 2]
    wanted = [
        LabelRequest(*frame.at((dot.x, dot.y)), width(label(dot.text), SIZE), LABEL_HEIGHT, dot.side) for dot in named
    ]  # fmt: skip
    bounds = (frame.x0 + 3, frame.y0 + 2, frame.x1 - 3, frame.y1 - 2)
    found = place(wanted, bounds, obstacles(frame), centers, RADIUS)
    parts: list[str] = []
    for dot, one in zip(named, found, strict=True):
        parts += _label(dot, one) if one else []
    return parts, [dot.text for dot, one in zip(named, found, strict=True) if one is None]


def _label(dot: Dot, placed: PlacedLabel) -> list[str]:
    joined = [line(*placed.leader, "leader")] if placed.leader else []
    return [*joined, text(placed.x, placed.y + 11.5, label(dot.text), class_="label")]


def obstacles(frame: Frame) -> F64:
    """The lines [lines, 4] of arrows and curves, which no label may cross."""
    found = [shaft(frame, mark) for mark in frame.panel.marks if isinstance(mark, Arrow)]
    for mark in frame.panel.marks:
        if isinstance(mark, Line) and not mark.guide:
            points = [frame.at(point) for point in mark.points]
            found += [(*a, *b) for a, b in itertools.pairwise(points)]
    return np.array(found).reshape(-1, 4)
