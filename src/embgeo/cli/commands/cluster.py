"""`embgeo cluster`."""

from typing import TYPE_CHECKING, Any

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command
from embgeo.cli.forms import Drawing, plot_target
from embgeo.errors import Report

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo cluster cat dog red blue one two -n 3", panel=ASK, several=True)
def cluster(
    space: "EmbeddingSpace",
    report: Report,
    terms: o.Terms = None,
    terms_from: o.TermsFrom = None,
    groups: o.Groups = None,
    multi: o.Multi = "mean",
    plot: o.Plot = None,
    force: o.Force = False,
) -> Any:
    """Words in groups, each named after the token nearest its mean."""
    from embgeo.cli.terms import all_terms

    place = plot_target(plot, force=force)
    chosen = all_terms(terms, terms_from, "embgeo cluster cat dog red blue")
    answer = space.cluster(*chosen, groups=groups, multi=multi, report=report)
    return Drawing(answer, place) if place else answer
