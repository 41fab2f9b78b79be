"""`embgeo dot`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command
from embgeo.errors import Report

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo dot cat dog house", panel=ASK, peekable=True, several=True)
def dot(
    space: "EmbeddingSpace",
    report: Report,
    terms: Annotated[
        list[str] | None, typer.Argument(metavar="WORD...", help="two or more; with more than two: a matrix")
    ] = None,
    terms_from: o.TermsFrom = None,
    multi: o.Multi = "mean",
) -> Any:
    """Dot products and cosines: aligned, perpendicular or opposed."""
    from embgeo.cli.terms import all_terms

    return space.dot(*all_terms(terms, terms_from, "embgeo dot cat dog"), multi=multi, report=report)
