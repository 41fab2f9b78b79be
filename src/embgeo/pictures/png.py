"""A figure as PNG, drawn by resvg with the bundled font: the same picture on every machine."""

from __future__ import annotations

import json
import struct
import zlib

from embgeo.errors import missing_package
from embgeo.pictures.figure import Picture
from embgeo.pictures.svg import svg
from embgeo.pictures.text import FONT, in_font

SIGNATURE = 8  # bytes
HEADER = 25  # bytes of the first chunk, IHDR


def png(figure: Picture, *, scale: float = 2.0, width: int | None = None) -> bytes:
    """The bytes of a PNG on a light ground, with the figure's facts in its text chunks.

    Fonts of the system are used for the characters alone that the bundled font lacks, such as Chinese ones.

    Args:
        scale: pixels for each pixel of the SVG.
        width: pixels across, instead.

    Raises:
        UsageError: resvg is not installed.
    """
    try:
        from resvg_py import svg_to_bytes
    except ModuleNotFoundError:
        raise missing_package("a PNG", "resvg-py", "png") from None
    drawing = svg(figure, ground="light")
    own = in_font(figure.title + "".join(drawing.partition("</style>")[2].split()))
    size = {"width": width} if width else {"zoom": scale}
    drawn: bytes = bytes(
        svg_to_bytes(
            svg_string=drawing, font_files=[str(FONT)], font_family="DejaVu Sans", sans_serif_family="DejaVu Sans",
            skip_system_fonts=own, **size,
        )
    )  # fmt: skip
    said = {
        "Title": figure.title, "Description": figure.description, "Software": str(figure.facts.get("generator", "")),
        "embgeo": json.dumps(figure.facts, sort_keys=True),
    }  # fmt: skip
    at = SIGNATURE + HEADER
    return drawn[:at] + b"".join(_text(name, text) for name, text in said.items()) + drawn[at:]


def _text(name: str, text: str) -> bytes:
    """A chunk of international text (PNG 1.2, iTXt), not compressed."""
    body = b"iTXt" + name.encode() + b"\0\0\0\0\0" + text.encode(errors="backslashreplace")
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
