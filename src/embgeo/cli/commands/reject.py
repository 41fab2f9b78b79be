"""`embgeo reject`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import DIRECTIONS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command('embgeo reject queen --from "woman - man" --json', panel=DIRECTIONS, peekable=True, several=True)
def reject(
    space: "EmbeddingSpace",
    term: o.Term,
    without: Annotated[list[str], typer.Option("--from", metavar="DIRECTION", help=o.DIRECTION_HELP)],
    multi: o.Multi = "mean",
) -> Any:
    """What is left of a vector without its part along a direction."""
    return space.reject(term, *without, multi=multi)
