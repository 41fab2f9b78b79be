"""`embgeo odd`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo odd breakfast lunch dinner car", panel=ASK, several=True)
def odd(
    space: "EmbeddingSpace",
    terms: Annotated[list[str] | None, typer.Argument(metavar="WORD...", help="three or more")] = None,
    terms_from: o.TermsFrom = None,
    multi: o.Multi = "mean",
) -> Any:
    """Which word doesn't belong: the one least like the mean of all."""
    from embgeo.cli.terms import all_terms

    return space.odd(*all_terms(terms, terms_from, "embgeo odd breakfast lunch dinner car"), multi=multi)
