"""Text in pictures: how wide it is in the bundled font, cut and broken to fit, and harmless."""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path
from typing import Final

import numpy as np

FONT: Final = Path(__file__).parent / "font" / "DejaVuSans-embgeo.ttf"
WIDTHS: Final = Path(__file__).parent / "font" / "widths.bin"
MAX_LABEL_LENGTH: Final = 32  # characters of a label


def visible(text: str) -> str:
    """Text with every unprintable character as its escape, and spaces at its ends drawn."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    bare = shown.strip(" ")
    if not bare:
        return "␣" * len(shown)
    at = shown.index(bare)
    return "␣" * at + bare + "␣" * (len(shown) - at - len(bare))


def label(text: str) -> str:
    """A word as a label: harmless, and cut if it is very long."""
    shown = visible(text)
    return shown if len(shown) <= MAX_LABEL_LENGTH else shown[: MAX_LABEL_LENGTH - 1] + "…"


def width(text: str, size: float) -> float:
    """How wide a text is in pixels.

    Args:
        size: of the font, in pixels.
    """
    table = _widths()
    return sum(_one(ord(c), table) for c in text) * size / 1000


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(_columns(c) for c in text)


def in_font(text: str) -> bool:
    """Whether the bundled font has every character."""
    table = _widths()
    return all(ord(c) < len(table) and (table[ord(c)] or unicodedata.combining(c)) for c in text)


def broken(text: str, size: float, room: float) -> list[str]:
    """A text in lines no wider than `room`, in pixels; a longer word has a line to itself."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


@functools.cache
def _widths() -> list[int]:
    """The widths of the font's characters by code point, in thousandths of the font's size."""
    table: list[int] = np.frombuffer(WIDTHS.read_bytes(), "<u2").tolist()
    return table


def _one(code: int, table: list[int]) -> int:
    if code < len(table) and table[code]:
        return table[code]
    return (0, 650, 1000)[_columns(chr(code))]  # of a font that we don't know


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
