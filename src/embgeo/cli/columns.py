"""Tables that no terminal cuts off: if the columns don't fit, the bar is dropped, then they wrap into strips.

A row that fits is written as it is, at a few microseconds per cell; Rich's own table, which folds text, takes eighty.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from embgeo.cli.drawing import COLUMN_GAP, MAX_CHARACTERS, MAX_NAME_WIDTH, cut

LEFT, RIGHT, BAR = "left", "right", "bar"
MIN_TEXT_WIDTH: Final = 8  # width that text keeps before its table gets wider than the terminal


class Column(NamedTuple):
    """A column: its heading and kind.

    Attributes:
        kind: `left` for text, which may fold; `right` for numbers, which never do; `bar` for what may be left out.
    """

    name: str
    kind: str


class Styled(NamedTuple):
    """A cell whose second part has a style."""

    text: str
    styled: str
    style: str

    @property
    def plain(self) -> str:
        """All of it."""
        return self.text + self.styled


CellText = str | Text | Styled


class Columns:
    """A table without rules.

    Args:
        columns: from left to right.
        keys: how many columns at the left name a row; every strip repeats them.
    """

    def __init__(self, columns: Sequence[Column], keys: int) -> None:
        self.columns, self.keys = [Column(cut(name), kind) for name, kind in columns], keys
        self.rows: list[tuple[CellText, ...]] = []

    def add_row(self, *cells: CellText) -> None:
        """Add a row, with a cell for each column."""
        self.rows.append(tuple(map(_cut, cells)))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths()
        for number, strip in enumerate(self._strips(options.max_width, widths)):
            if number:
                yield Text()
            if _total(strip, widths) <= options.max_width:
                yield from self._lines(console, strip, widths)
                continue
            least = [self._least(at, widths) for at in strip]
            width = max(options.max_width, sum(least) + COLUMN_GAP * (len(strip) - 1))
            yield from console.render(self.folding(strip, least), options.update_width(width))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        widths = self._widths()
        every = range(len(widths))
        least = max(self._least(at, widths) for at in every)
        return Measurement(least, _total(every, widths)).with_maximum(options.max_width)

    def _strips(self, room: int, widths: Sequence[int]) -> Iterator[list[int]]:
        """The columns of each strip: all in one if they fit, with or without bars."""
        every = list(range(len(self.columns)))
        plain = [at for at in every if self.columns[at].kind != BAR]
        for fits in (every, plain):
            if _total(fits, widths) <= room:
                yield fits
                return
        keys, rest = plain[: self.keys], plain[self.keys :]
        strip = list(keys)
        for at in rest:
            if len(strip) > len(keys) and _total([*strip, at], widths) > room:
                yield strip
                strip = list(keys)
            strip.append(at)
        yield strip

    @property
    def width(self) -> int:
        """The width of all columns side by side, without bars."""
        widths = self._widths()
        return _total([at for at, column in enumerate(self.columns) if column.kind != BAR], widths)

    def _widths(self) -> list[int]:
        """The width of each column with every cell in one line."""
        return [
            max([_width(name), *(_width(_plain(row[at])) for row in self.rows)])
            for at, (name, _) in enumerate(self.columns)
        ]

    def _least(self, at: int, widths: Sequence[int]) -> int:
        """The width of a column with its text folded as far as it goes."""
        if self.columns[at].kind != LEFT:
            return widths[at]
        return min(widths[at], MAX_NAME_WIDTH if at < self.keys else MIN_TEXT_WIDTH)

    def _lines(self, console: Console, strip: Sequence[int], widths: Sequence[int]) -> Iterator[Segment]:
        """Heading and rows, none of which has to fold."""
        style = functools.cache(console.get_style) if console.color_system else None
        heading = tuple(Text(column.name, "dim") for column in self.columns)
        for row in (heading, *self.rows):
            text, blank = "", 0
            for at in strip:
                cell = row[at]
                left = widths[at] - _width(_plain(cell))
                before = left if self.columns[at].kind == RIGHT else 0
                text += " " * (blank + before)
                blank = COLUMN_GAP + left - before
                if style is None or isinstance(cell, str):
                    text += _plain(cell)
                elif isinstance(cell, Styled):
                    yield from (Segment(text + cell.text), Segment(cell.styled, style(cell.style)))
                    text = ""
                else:
                    yield Segment(text)
                    yield from Segment.apply_style(cell.render(console), style(str(cell.style)))
                    text = ""
            yield Segment(text + "\n")

    def folding(self, strip: Sequence[int], least: Sequence[int]) -> Table:
        """The same as Rich's table, which folds text down to the least width of each column."""
        table = Table(box=None, padding=(0, COLUMN_GAP, 0, 0), header_style="dim", pad_edge=False)
        for at, width in zip(strip, least, strict=True):
            name, kind = self.columns[at]
            justify: Literal["left", "right"] = "right" if kind == RIGHT else "left"
            table.add_column(name, justify=justify, no_wrap=kind != LEFT, overflow="fold", min_width=width)
        for row in self.rows:
            table.add_row(*(_foldable(row[at]) for at in strip))
        return table


def _total(strip: Sequence[int], widths: Sequence[int]) -> int:
    """The width of columns side by side, with every cell in one line."""
    return sum(widths[at] for at in strip) + COLUMN_GAP * (len(strip) - 1)


def _cut(cell: CellText) -> CellText:
    if len(_plain(cell)) <= MAX_CHARACTERS:
        return cell
    return Text(cut(cell.plain), cell.style) if isinstance(cell, Text) else cut(_plain(cell))


def _plain(cell: CellText) -> str:
    return cell if isinstance(cell, str) else cell.plain


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _foldable(cell: CellText) -> str | Text:
    return Text.assemble(cell.text, (cell.styled, cell.style)) if isinstance(cell, Styled) else cell


def columns(*named: tuple[str, str], keys: int = 1) -> Columns:
    """A table from the name and the kind (see `Column`) of each column."""
    return Columns([Column(*one) for one in named], keys)
