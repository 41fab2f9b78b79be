"""`embgeo dot`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo dot cat dog house", panel=ASK, peekable=True)
def dot(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="A", help="cat")],
    b: Annotated[str, typer.Argument(metavar="B", help="dog")],
    more: Annotated[list[str] | None, typer.Argument(metavar="[MORE]...", help="with more than two: a matrix")] = None,
    multi: o.Multi = "mean",
) -> Any:
    """Dot products and cosines: aligned, perpendicular or opposed."""
    return space.dot(a, b, *(more or ()), multi=multi)
