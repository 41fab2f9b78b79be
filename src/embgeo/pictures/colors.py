"""The colors of pictures, on light and on dark ground.

Groups have the colors of Okabe & Ito (2008), which people with any color vision tell apart; scales run through blue in
lightness alone; a heat map runs from orange over the ground to blue, the pair that all can tell.
"""

from __future__ import annotations

from typing import Final

Color = tuple[int, int, int]

LIGHT: Final = {
    "ground": "#ffffff", "ink": "#16181d", "muted": "#5a6068", "rule": "#d5d9de", "fill": "#e2e5e9",
    "c0": "#0072b2", "c1": "#d55e00", "c2": "#009e73", "c3": "#a64d82", "c4": "#8a6d00", "c5": "#3f8fc4",
    "c6": "#7a3b00", "c7": "#555b63",
}  # fmt: skip
DARK: Final = {
    "ground": "#111318", "ink": "#f1f3f5", "muted": "#a5abb3", "rule": "#3a3f47", "fill": "#2c3138",
    "c0": "#56b4e9", "c1": "#ef8a3c", "c2": "#2fc79a", "c3": "#dd93bf", "c4": "#f0e442", "c5": "#8cc7ee",
    "c6": "#c58b5b", "c7": "#b4bac2",
}  # fmt: skip
SCALE: Final = {"light": ("#7cc4ee", "#08306b"), "dark": ("#2f6f9f", "#d6efff")}  # s0 ... s8
STEPS: Final = 9
HEAT_ENDS: Final = {"light": ("#d55e00", "#ffffff", "#0072b2"), "dark": ("#d9742a", "#111318", "#3f9bd6")}
SHADES: Final = 10  # of a heat map, to each side of zero: h-10 ... h10
GROUP_COLORS: Final = 8


def palette(ground: str) -> dict[str, str]:
    """Every color by its name, on a `light` or a `dark` ground."""
    found = dict(LIGHT if ground == "light" else DARK)
    first, last = SCALE[ground]
    found |= {f"s{step}": mixed(first, last, step / (STEPS - 1)) for step in range(STEPS)}
    low, middle, high = HEAT_ENDS[ground]
    for step in range(-SHADES, SHADES + 1):
        found[f"h{step}"] = mixed(middle, low if step < 0 else high, abs(step) / SHADES)
    return found


def scale(part: float) -> str:
    """The name of the color at a part of the scale, from 0 to 1."""
    return f"s{round(part * (STEPS - 1))}"


def group(number: int) -> str:
    """The name of a group's color, from 0; they repeat after eight."""
    return f"c{number % GROUP_COLORS}"


def heat(value: float) -> str:
    """The name of a cell's color, for a value from -1 to 1."""
    return f"h{round(max(-1.0, min(1.0, value)) * SHADES)}"


def on_heat(value: float, ground: str) -> str:
    """The color of text on a cell, which has the higher contrast of two."""
    names = palette(ground)
    cell = names[heat(value)]
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, cell))


def mixed(first: str, last: str, part: float) -> str:
    """A color between two."""
    pairs = zip(rgb(first), rgb(last), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def rgb(color: str) -> Color:
    """Red, green and blue, from 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors as WCAG 2 defines it, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    parts = [c / 255 for c in rgb(color)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
