"""Shows an answer as a picture: in a file, or in the terminal."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path

import typer

from embgeo.cli import output
from embgeo.cli.forms import Drawing, Target
from embgeo.cli.repeated import repeated
from embgeo.cli.text import can_show, has_colors
from embgeo.pictures.figure import Picture
from embgeo.pictures.figures import figure


def show(drawing: Drawing, form: str, context: typer.Context, *, quiet: bool) -> None:
    """Draw, and print what the picture doesn't show; or, in a format other than a table, the answer's numbers.

    Args:
        context: of the command, which the picture quotes.

    Raises:
        UsageError: the file can't be written, or a PNG needs a package that is not installed.
    """
    answer = drawing.answer
    if not quiet:
        output.notes(answer.notes)
    drawn = figure(answer)
    drawn = dataclasses.replace(drawn, facts={**drawn.facts, "command": repeated(context, answer.model)})
    if drawing.target.path is not None:
        output.write_file(drawing.target.path, _content(drawn, drawing.target))
    if form != "table":
        output.write(answer, form, answer.command.partition(" ")[0])
    elif drawing.target.path is None:
        output.write_text(_for_terminal(drawn))
    else:
        output.write_text("".join(f"{line}\n" for line in (drawn.title, drawn.subtitle, *drawn.below)))


def _content(drawn: Picture, target: Target) -> bytes:
    """The bytes of a picture's file, by the ending of its name."""
    from embgeo.pictures import svg

    kind = (target.path or Path()).suffix.lower()
    if kind == ".png":
        from embgeo.pictures.png import png

        return png(drawn, scale=target.scale, width=target.width)
    return (svg.page(drawn) if kind == ".html" else svg.svg(drawn)).encode()


def _for_terminal(drawn: Picture) -> str:
    from embgeo.pictures.terminal import draw

    size = shutil.get_terminal_size((80, 24))
    text = draw(drawn, size.columns, size.lines, colored=has_colors(sys.stdout))
    if can_show(text):
        return text
    from embgeo.pictures.canvas import plain

    return plain(text)
