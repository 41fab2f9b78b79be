"""Tables that no terminal cuts: where the columns don't fit side by side, the bar goes, then they wrap into strips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from embgeo.cli.drawing import GAP, LONGEST_NAME

LEFT, RIGHT, BAR = "left", "right", "bar"
LEAST: Final = 8  # width that text keeps before its table gets wider than the terminal

Cell = str | Text


class Column(NamedTuple):
    """A column: its heading and kind.

    Attributes:
        kind: `left` for text, which may fold; `right` for numbers, which never do; `bar` for what may be left out.
    """

    name: str
    kind: str


class Columns:
    """A table without rules.

    Args:
        columns: from left to right.
        keys: how many columns at the left name a row; every strip repeats them.
    """

    def __init__(self, columns: Sequence[Column], keys: int) -> None:
        self.columns, self.keys = columns, keys
        self.rows: list[tuple[Cell, ...]] = []

    def add_row(self, *cells: Cell) -> None:
        """Add a row, with a cell for each column."""
        self.rows.append(cells)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for number, strip in enumerate(self._strips(options.max_width)):
            if number:
                yield Text()
            width = max(options.max_width, sum(map(self._least, strip)) + GAP * (len(strip) - 1))
            yield from console.render(self._table(strip), options.update_width(width))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        least, whole = max(map(self._least, range(len(self.columns)))), self._width(range(len(self.columns)))
        return Measurement(least, whole).with_maximum(options.max_width)

    def _strips(self, room: int) -> Iterator[list[int]]:
        """The columns of each strip: all in one if they fit, with or without bars."""
        every = list(range(len(self.columns)))
        plain = [at for at in every if self.columns[at].kind != BAR]
        for fits in (every, plain):
            if self._width(fits) <= room:
                yield fits
                return
        keys, rest = plain[: self.keys], plain[self.keys :]
        strip = list(keys)
        for at in rest:
            if len(strip) > len(keys) and self._width([*strip, at]) > room:
                yield strip
                strip = list(keys)
            strip.append(at)
        yield strip

    @property
    def width(self) -> int:
        """The width of all columns side by side, without bars."""
        return self._width([at for at, column in enumerate(self.columns) if column.kind != BAR])

    def _width(self, strip: Sequence[int]) -> int:
        """The width of columns side by side, with every cell in one line."""
        return sum(map(self._natural, strip)) + GAP * (len(strip) - 1)

    def _least(self, at: int) -> int:
        """The width of a column with its text folded as far as it goes."""
        natural = self._natural(at)
        if self.columns[at].kind != LEFT:
            return natural
        return min(natural, LONGEST_NAME if at < self.keys else LEAST)

    def _natural(self, at: int) -> int:
        cells = (row[at] for row in self.rows)
        return max(map(cell_len, [self.columns[at].name, *(c.plain if isinstance(c, Text) else c for c in cells)]))

    def _table(self, strip: Sequence[int]) -> Table:
        table = Table(box=None, padding=(0, GAP, 0, 0), header_style="dim", pad_edge=False)
        for at in strip:
            name, kind = self.columns[at]
            justify: Literal["left", "right"] = "right" if kind == RIGHT else "left"
            table.add_column(
                name, justify=justify, no_wrap=kind != LEFT, overflow="fold", min_width=self._least(at)
            )  # fmt: skip
        for row in self.rows:
            table.add_row(*(row[at] for at in strip))
        return table


def columns(*named: tuple[str, str], keys: int = 1) -> Columns:
    """A table from the name and the kind (see `Column`) of each column."""
    return Columns([Column(*one) for one in named], keys)
