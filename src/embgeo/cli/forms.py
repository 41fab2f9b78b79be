"""Answers that are not simply printed: lines as they come, pages, and pictures with the place where they go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from embgeo.errors import UsageError, any_of

PICTURE_SUFFIXES: Final = (".svg", ".png", ".html")
# Names of pictures too, so that `--plot cat.pdf` is refused and not taken for a term.
UNSUPPORTED_SUFFIXES: Final = (".pdf", ".gif", ".jpg", ".jpeg", ".webp", ".eps", ".bmp", ".tif", ".tiff")
TERMINAL: Final = "-"  # what --plot without a file comes to
MAX_PIXELS: Final = 20_000  # pixels across


class JsonLines(NamedTuple):
    """Lines of JSON, written as they come; None where what waits should be flushed."""

    lines: Iterator[str | None]


class Paused(NamedTuple):
    """An answer that a terminal shows page by page, waiting for Enter; elsewhere it is printed as any other."""

    answer: Any


class Target(NamedTuple):
    """Where a picture goes: a file, or the terminal for None; and the size of a PNG."""

    path: Path | None
    scale: float = 2.0
    width: int | None = None


class Drawing(NamedTuple):
    """An answer and where its picture goes."""

    answer: Any
    target: Target


def plot_target(plot: str | None, *, force: bool) -> Target | None:
    """The place that --plot names, None if it wasn't given; errors as in `picture_target`."""
    return None if plot is None else picture_target(plot, force=force)


def picture_target(file: str | None, *, force: bool, scale: float = 2.0, width: int | None = None) -> Target:
    """Check where a picture is to go, before any work is done.

    Raises:
        UsageError: the file has another ending, exists, is a folder, or its folder doesn't exist; or a size out of
            range.
    """
    from embgeo.cli.output import check_output

    if not 0.1 <= scale <= 20:
        raise UsageError(f"can't scale a picture by {scale:g}", "Give a number from 0.1 to 20.")
    if width is not None and not 16 <= width <= MAX_PIXELS:
        raise UsageError(f"can't draw a picture {width} pixels wide", f"Give a width from 16 to {MAX_PIXELS:,}.")
    if file is None or file == TERMINAL:
        return Target(None, scale, width)
    path = Path(file)
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise UsageError(f"can't draw '{file}'", f"The name of a picture ends in {any_of(PICTURE_SUFFIXES)}.")
    check_output(file, force=force)
    return Target(path, scale, width)
