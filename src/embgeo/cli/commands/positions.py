"""`embgeo positions`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import SPACE
from embgeo.cli.command import command
from embgeo.cli.forms import Drawing, plot_target
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace


# The positions are opened: for a model without any, no matrix of tokens need be fetched.
@command(
    "embgeo positions -m gpt2; embgeo positions cat --at 5", panel=SPACE, several=True, matrix="position",
    goes_with=dict.fromkeys(("at", "top", "raw", "words", "pieces", "multi"), ("term",)),
)  # fmt: skip
def positions(
    space: "EmbeddingSpace",
    report: "Report",
    term: Annotated[
        str | None,
        typer.Argument(metavar="[TERM]", help="a word to put at a position; by default, all positions"),
    ] = None,
    at: Annotated[int | None, typer.Option("--at", metavar="N", help="The position, from 0. [default: 0]")] = None,
    top: o.Top = 10,
    raw: o.Raw = False,
    words: o.Words = False,
    pieces: o.Pieces = False,
    multi: o.Multi = "mean",
    grid: Annotated[
        bool, typer.Option("--grid", help="How alike the positions of an image's patches are, as maps.")
    ] = False,
    plot: o.Plot = None,
    force: o.Force = False,
) -> Any:
    """The position embedding, and a token with a position added."""
    place = plot_target(plot, force=force)
    if place and term is not None:
        raise UsageError(f"--plot draws all positions, not '{term}' at one of them", "Omit the word.")
    if grid:
        if place or term is not None:
            raise UsageError(f"--grid {'and --plot' if place else f'and {term!r}'} can't be combined", "Omit one.")
        return space.patch_positions(report=report)
    if place:
        return Drawing(space.plot_positions(report=report), place)
    if term is None:
        return space.positions(report=report)
    return space.positions(term, at or 0, top, raw=raw, words=words, pieces=pieces, multi=multi, report=report)
