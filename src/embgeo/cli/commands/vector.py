"""`embgeo vector`."""

from typing import TYPE_CHECKING, Any

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo vector cat --json", panel=ASK, peekable=True, several=True)
def vector(
    space: "EmbeddingSpace", terms: o.Several = None, terms_from: o.TermsFrom = None, multi: o.Multi = "mean"
) -> Any:
    """A word's vector and its length."""
    from embgeo.cli.terms import all_terms, one_or_several

    return one_or_several(space.vector(term, multi=multi) for term in all_terms(terms, terms_from, "embgeo vector cat"))
