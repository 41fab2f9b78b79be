"""A terminal's picture for an encoding without braille: ASCII of the same width."""

from __future__ import annotations

from typing import Final

from embgeo.pictures.canvas import BRAILLE

PLAIN: Final = {
    "●": "o", "→": ">", "↗": "/", "↑": "^", "↖": "\\", "←": "<", "↙": "/", "↓": "v", "↘": "\\", "…": "~", "·": "-",
    "░": ".", "▒": ":", "▓": "*", "█": "#", "␣": "_", "±": "~", "°": "'", "√": "r", "σ": "s",
}  # fmt: skip


def plain(text: str) -> str:
    """Text with braille as dots, colons and crosses by how full a cell is; other characters stay."""
    return "".join(PLAIN.get(c, _braille(c)) for c in text)


def _braille(character: str) -> str:
    bits = ord(character) - BRAILLE
    return " .:::++##"[bits.bit_count()] if 0 <= bits < 256 else character
