"""`embgeo tokens`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli.app import ASK
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command('embgeo tokens "The cat"', panel=ASK, peekable=True, several=True, controlled=False)
def tokens(
    space: "EmbeddingSpace",
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="in quotes if it has spaces")],
) -> Any:
    """How text splits into tokens."""
    return space.tokens(*texts)
