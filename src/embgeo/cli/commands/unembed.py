"""`embgeo unembed`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command
from embgeo.numerics.names import NO_LOGITS

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo unembed cat --temperature 0.5", panel=ASK, refused=NO_LOGITS, several=True)
def unembed(
    space: "EmbeddingSpace",
    term: o.Term,
    temperature: Annotated[
        float, typer.Option("-T", "--temperature", metavar="T", help="Softmax temperature; 0 puts all on the maximum.")
    ] = 1.0,
    top: o.Top = 10,
    multi: o.Multi = "mean",
) -> Any:
    """The likeliest tokens for a vector: logits and softmax."""
    return space.unembed(term, top, temperature=temperature, multi=multi)
