"""One panel on a terminal's cells: its axes, its marks, and its labels in blank places."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from embgeo.pictures import colors
from embgeo.pictures.canvas import SHADES, Canvas
from embgeo.pictures.figure import XY, Area, Arrow, Cell, Dot, Line, Panel
from embgeo.pictures.text import cells, label

DOT: Final = "●"
ARROW_HEADS: Final = "→↗↑↖←↙↓↘"  # by eighths of a turn
MARK_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NO_LETTER: Final = "*"  # of a word for which no letter is left
MAX_NUMBER_COLUMNS: Final = 5  # columns of a number in a cell
MAX_LABEL_DISTANCE: Final = 4  # columns at most between a point and its label


@dataclass(frozen=True, slots=True)
class CharacterGrid:
    """A panel's place on the canvas, in cells, and how its numbers become braille dots."""

    panel: Panel
    left: int
    top: int
    width: int
    height: int

    def dot(self, point: XY) -> tuple[int, int]:
        """The braille dot of a point."""
        x, y = self.panel.x, self.panel.y
        across = x.share(point[0]) * (2 * self.width - 1)
        down = (1 - y.share(point[1])) * (4 * self.height - 1)
        return 2 * self.left + round(across), 4 * self.top + round(down)

    def cell(self, point: XY) -> tuple[int, int]:
        """The cell of a point."""
        x, y = self.dot(point)
        return x // 2, y // 4


def rows_of(panel: Panel, height: int) -> int:
    """The rows that a panel takes: one for each name where its rows have names, else all of `height`."""
    more = bool(panel.x.ticks) + bool(panel.title)
    return math.ceil(abs(panel.y.high - panel.y.low)) + more if panel.y.named else height


def named_width(panel: Panel, columns: int) -> int:
    """The columns that the names on the left take: at most a third of all, or half if that leaves ten."""
    longest = max((cells(label(name)) for _, name in panel.y.ticks), default=-1) + 1
    return min(longest, max(columns // 3, min(columns - 11, columns // 2)))


def draw_panel(canvas: Canvas, panel: Panel, left: int, width: int, height: int, listed: int) -> list[tuple[str, str]]:
    """Draw a panel; returns the words without room, with the letters that stand at their points.

    Args:
        listed: letters that are taken already.
    """
    names = named_width(panel, canvas.width)
    top = int(bool(panel.title))
    if panel.title:
        canvas.write(left, 0, _cut(panel.title, width), "bold")
    across = max(1, width - names)
    if panel.x.named:  # equal columns
        count = round(abs(panel.x.high - panel.x.low))
        across = max(1, across // count) * count
    grid = CharacterGrid(panel, left + names, top, across, max(1, height - top - bool(panel.x.ticks)))
    _ticks(canvas, grid, names)
    for mark in panel.marks:
        match mark:
            case Area():
                _area(canvas, grid, mark)
            case Line() if not mark.guide:
                for start, end in itertools.pairwise(mark.points):
                    canvas.line(*grid.dot(start), *grid.dot(end), mark.color, dotted=mark.dotted)
            case Arrow():
                canvas.line(*grid.dot(mark.start), *grid.dot(mark.end), "c0", dotted=mark.weak)
            case Cell():
                _cell(canvas, grid, mark)
    dots = [mark for mark in panel.marks if isinstance(mark, Dot)]
    for dot in dots:
        canvas.write(*grid.cell((dot.x, dot.y)), DOT, dot.color)
    for mark in panel.marks:
        if isinstance(mark, Arrow) and grid.cell(mark.start) != grid.cell(mark.end):
            canvas.write(*grid.cell(mark.end), _head(grid, mark), "c0")
    return _labels(canvas, grid, dots, listed)


def _cut(text: str, columns: int) -> str:
    while cells(text) > max(columns, 0):
        text = text[:-2] + "…" if len(text) > 1 else ""
    return text


def _ticks(canvas: Canvas, grid: CharacterGrid, names: int) -> None:
    panel, bottom = grid.panel, grid.top + grid.height
    for value, name in panel.y.ticks:
        text = _cut(label(name), names - 1)
        row = grid.cell((panel.x.low, value))[1]
        canvas.write(grid.left - 1 - cells(text), row, text, "ink" if panel.y.named else "muted")
    free = grid.left
    for value, name in panel.x.ticks:
        column = grid.cell((value, panel.y.low))[0]
        room = int(grid.width / abs(panel.x.high - panel.x.low)) if panel.x.named else grid.width
        text = _cut(label(name), max(1, room - 1))
        start = max(grid.left, min(column - cells(text) // 2, grid.left + grid.width - cells(text)))
        if start >= free:
            canvas.write(start, bottom, text, "ink" if panel.x.named else "muted")
            free = start + cells(text) + 1


def _area(canvas: Canvas, grid: CharacterGrid, area: Area) -> None:
    first, last = grid.dot((area.low, 0))[0], grid.dot((area.high, 0))[0]
    for x in range(first, last + 1):
        step = min(len(area.heights) - 1, (x - first) * len(area.heights) // max(1, last - first))
        if area.heights[step]:
            top, base = sorted((grid.dot((area.low, area.heights[step]))[1], grid.dot((area.low, 0))[1]))
            for y in range(top, base + 1):
                canvas.dot(x, y, "muted")


def _cell(canvas: Canvas, grid: CharacterGrid, cell: Cell) -> None:
    panel = grid.panel
    low, high = sorted((panel.x.low, panel.x.high))
    first, last = (grid.left + round((cell.x + side - low) / (high - low) * grid.width) for side in (-0.5, 0.5))
    row = grid.cell((cell.x, cell.y))[1]
    width = max(1, last - first)
    narrowest = int(grid.width / (high - low))
    text = cell.text if narrowest > MAX_NUMBER_COLUMNS else ""
    shade = SHADES[round(min(1.0, abs(cell.value)) * (len(SHADES) - 1))]
    canvas.write(first, row, text.center(width) if text else shade * width, colors.heat(cell.value))


def _head(grid: CharacterGrid, arrow: Arrow) -> str:
    (x0, y0), (x1, y1) = grid.dot(arrow.start), grid.dot(arrow.end)
    turn = math.atan2(y0 - y1, x1 - x0) / math.tau
    return ARROW_HEADS[round(turn * 8) % 8]


def _labels(canvas: Canvas, grid: CharacterGrid, dots: list[Dot], listed: int) -> list[tuple[str, str]]:
    left: list[tuple[str, str]] = []
    for dot in dots:
        text = label(dot.text)
        if not text:
            continue
        x, y = grid.cell((dot.x, dot.y))
        size = cells(text)
        for row, start in _places(x, y, size, dot.side):
            before = start - (start > grid.left)
            after = start + size + (start + size < grid.left + grid.width)
            inside = start >= grid.left and start + size <= grid.left + grid.width
            if inside and _is_clear(canvas, row, before, after, x, y):
                canvas.write(start, row, text, dot.color)
                break
        else:
            at = listed + len(left)
            mark = MARK_LETTERS[at] if at < len(MARK_LETTERS) else NO_LETTER
            canvas.write(x, y, mark, "bold")
            left.append((mark, text))
    return left


def _is_clear(canvas: Canvas, row: int, start: int, end: int, x: int, y: int) -> bool:
    """Whether the cells of a label and one to each side are blank, except for the label's own point."""
    if row != y or not start <= x < end:
        return canvas.is_free(start, row, end - start)
    return canvas.is_free(start, row, x - start) and canvas.is_free(x + 1, row, end - x - 1)


def _places(x: int, y: int, size: int, side: int) -> Iterator[tuple[int, int]]:
    """Rows and first columns for a label, best first."""
    beside = {-1: x - 1 - size, 1: x + 2}
    first = side or 1
    yield y, beside[first]
    for row in (y - 1, y + 1):
        yield row, x - size // 2
        yield row, beside[first] - first
    yield y, beside[-first]
    for away in range(1, MAX_LABEL_DISTANCE):
        for row in (y - 1, y + 1):
            yield row, x - size // 2 + away * 2
            yield row, x - size // 2 - away * 2
