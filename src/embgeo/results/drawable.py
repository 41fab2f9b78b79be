"""Answers that notebooks show as pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar


class Drawable:
    """An answer with a picture. `embgeo.space` fills in how pictures are drawn: results know nothing of that."""

    __slots__ = ()
    draw: ClassVar[Callable[[object], str]]

    def svg(self) -> str:
        """The answer as the text of an SVG file."""
        return Drawable.draw(self)

    def _repr_svg_(self) -> str:
        return self.svg()
