"""`embgeo project`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import DIRECTIONS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command('embgeo project queen --onto "woman - man"', panel=DIRECTIONS, peekable=True, several=True)
def project(
    space: "EmbeddingSpace",
    term: o.Term,
    onto: Annotated[list[str], typer.Option("--onto", metavar="DIRECTION", help=o.DIRECTION_HELP)],
    multi: o.Multi = "mean",
) -> Any:
    """The part of a vector along a direction or in a subspace."""
    return space.project(term, *onto, multi=multi)
