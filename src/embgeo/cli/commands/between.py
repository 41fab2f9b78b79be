"""`embgeo between`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo between cat dog --steps 5", panel=ASK, several=True)
def between(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="A", help="cat")],
    b: Annotated[str, typer.Argument(metavar="B", help="dog")],
    steps: Annotated[int, typer.Option("--steps", metavar="N", help="How many points between the two.")] = 3,
    top: Annotated[int, typer.Option("-k", "--top", metavar="N", help="How many tokens to show for each.")] = 3,
    straight: Annotated[
        bool, typer.Option("--straight", help="Go straight from vector to vector instead of along the sphere.")
    ] = False,
    raw: o.Raw = False,
    words: o.Words = False,
    pieces: o.Pieces = False,
    multi: o.Multi = "mean",
) -> Any:
    """Points on the way from one word to another, and the tokens near each."""
    return space.between(a, b, steps, top, straight=straight, raw=raw, words=words, pieces=pieces, multi=multi)
