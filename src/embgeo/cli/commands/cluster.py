"""`embgeo cluster`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo cluster cat dog red blue one two -n 3", panel=ASK)
def cluster(
    space: "EmbeddingSpace",
    terms: o.Terms,
    groups: Annotated[
        int | None, typer.Option("-n", "--groups", metavar="N", help="How many. [default: cut at the widest gap]")
    ] = None,
    multi: o.Multi = "mean",
) -> Any:
    """Words in groups, each named by the token nearest its center."""
    return space.cluster(*terms, groups=groups, multi=multi)
