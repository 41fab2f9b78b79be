"""Elements of SVG as text. Numbers have one decimal, so that the last bits of a sum never show in the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from embgeo.pictures.figure import XY
from embgeo.pictures.text import width

SIZE: Final = 13.0  # of labels, in pixels
SMALL: Final = 11.0
LARGE: Final = 17.0
UNSAFE: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def number(value: float) -> str:
    """A coordinate: 12, 12.5; never -0."""
    return f"{value:z.1f}".removesuffix(".0")


def escaped(text: str) -> str:
    """Text for an element or an attribute."""
    return "".join(UNSAFE.get(c, c) for c in text)


def element(name: str, inside: str = "", **attributes: str | float) -> str:
    """An element; `class_` stands for `class`, and other underscores for hyphens."""
    written = "".join(
        f' {key.removesuffix("_").replace("_", "-")}="{number(value) if isinstance(value, float) else escaped(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def titled(title: str) -> str:
    """The title of an element, which is shown when one points at it."""
    return f"<title>{escaped(title)}</title>" if title else ""


def text(
    x: float, y: float, words: str, *, class_: str = "", size: float = SIZE, anchor: str = "", turn: float = 0
) -> str:
    """A line of text on its baseline, as wide in any font as in the one that the layout knows.

    Args:
        anchor: `start`, `middle` or `end` of the text stands at x.
        turn: degrees clockwise about that point.
    """
    more: dict[str, str | float] = {"class_": class_} if class_ else {}
    more |= {"font_size": size} if size != SIZE else {}
    more |= {"text_anchor": anchor} if anchor else {}
    more |= {"transform": f"rotate({number(turn)} {number(x)} {number(y)})"} if turn else {}
    return element("text", escaped(words), x=x, y=y, textLength=width(words, size), **more)


def line(x0: float, y0: float, x1: float, y1: float, class_: str) -> str:
    """A straight line."""
    return element("line", x1=x0, y1=y0, x2=x1, y2=y1, class_=class_)


def path(points: Iterable[XY], class_: str, *, closed: bool = False, title: str = "") -> str:
    """A line through points, or what it encloses."""
    drawn = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return element("path", titled(title), d=f"M{drawn}{'Z' if closed else ''}", class_=class_)
