"""A grid of a terminal's cells: braille dots (two across and four down in each cell), characters, and colors.

An encoding without braille gets ASCII of the same width.
"""

from __future__ import annotations

from typing import Final

from embgeo.pictures import colors
from embgeo.pictures.text import cells

BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row and column of a dot in its cell
BRAILLE: Final = 0x2800
# Of the sixteen colors that every terminal has, those that stand out on light and on dark ground.
CODES: Final = {
    "ink": "", "bold": "1", "muted": "2", "c0": "36", "c1": "33", "c2": "32", "c3": "35", "c4": "31", "c5": "34",
    "c6": "91", "c7": "2", "rule": "2", "fill": "2",
}  # fmt: skip
SHADES: Final = " ░▒▓█"  # of a heat map, where there are no colors
TAKEN: Final = "\0"  # the second column of a wide character
PLAIN: Final = {
    "●": "o", "→": ">", "↗": "/", "↑": "^", "↖": "\\", "←": "<", "↙": "/", "↓": "v", "↘": "\\", "…": "~", "·": "-",
    "░": ".", "▒": ":", "▓": "*", "█": "#", "␣": "_", "±": "~", "°": "'", "√": "r", "σ": "s",
}  # fmt: skip


class Canvas:
    """A grid of cells to draw on."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.bits = [[0] * width for _ in range(height)]
        self.characters = [[""] * width for _ in range(height)]
        self.colors = [["ink"] * width for _ in range(height)]

    def dot(self, x: int, y: int, color: str) -> None:
        """Set a braille dot, if it lies on the canvas."""
        if 0 <= x < 2 * self.width and 0 <= y < 4 * self.height:
            self.bits[y // 4][x // 2] |= BITS[y % 4][x % 2]
            self.colors[y // 4][x // 2] = color

    def line(self, x0: int, y0: int, x1: int, y1: int, color: str, *, dotted: bool = False) -> None:
        """Set the dots of a straight line; every third of a dotted one."""
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(0, steps + 1, 3 if dotted else 1):
            self.dot(round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps), color)

    def write(self, x: int, y: int, text: str, color: str = "ink") -> None:
        """Write text over whatever is there; what lies outside is cut."""
        for character in text:
            size = cells(character)
            if not size and self._inside(x - 1, y):
                self.characters[y][x - 1] += character
            elif self._inside(x, y) and self._inside(x + size - 1, y):
                self.characters[y][x], self.colors[y][x] = character, color
                if size == 2:
                    self.characters[y][x + 1] = TAKEN
            x += size

    def is_free(self, x: int, y: int, width: int) -> bool:
        """Whether a run of cells is on the canvas and blank."""
        if not (0 <= y < self.height and x >= 0 and x + width <= self.width):
            return False
        return not any(self.bits[y][at] or self.characters[y][at] for at in range(x, x + width))

    def lines(self, *, colored: bool) -> list[str]:
        """The rows as text, without blanks at their ends."""
        return [self._row(y, colored=colored) for y in range(self.height)]

    def _inside(self, x: int, y: int) -> bool:
        return 0 <= x < self.width and 0 <= y < self.height

    def _row(self, y: int, *, colored: bool) -> str:
        found, before = "", ""
        for x in range(self.width):
            character = self.characters[y][x] or (chr(BRAILLE | self.bits[y][x]) if self.bits[y][x] else " ")
            if character == TAKEN:
                continue
            color = self.colors[y][x]
            character = " " if colored and color[0] == "h" and character in SHADES else character
            code = escape(color) if colored and (character != " " or color[0] == "h") else ""
            if code != before:
                found += ("\033[0m" if before else "") + code
                before = code
            found += character
        return found.rstrip(" ") if not before else found + "\033[0m"


def escape(color: str) -> str:
    """The sequence that turns a color on; a heat map's colors are those of the ground under text."""
    if color[0] == "h" and color[1:].lstrip("-").isdigit():
        value = int(color[1:]) / colors.SHADES
        ground, ink = (_cube(one) for one in (colors.palette("light")[color], colors.on_heat(value, "light")))
        return f"\033[48;5;{ground};38;5;{ink}m"
    if color[0] == "s" and color[1:].isdigit():
        return "\033[36m" if int(color[1:]) < colors.STEPS // 2 else "\033[1;36m"
    return f"\033[{CODES[color]}m" if CODES[color] else ""


def plain(text: str) -> str:
    """A drawing in ASCII: braille as dots, colons and crosses by how full a cell is; unknown characters stay."""
    return "".join(PLAIN.get(c, _braille(c)) for c in text)


def _braille(character: str) -> str:
    bits = ord(character) - BRAILLE
    return " .:::++##"[bits.bit_count()] if 0 <= bits < 256 else character


def _cube(color: str) -> int:
    """The nearest of the 216 colors in the cube that terminals share."""
    red, green, blue = (round(part / 51) for part in colors.rgb(color))
    return 16 + 36 * red + 6 * green + blue
