"""`embgeo similarity`."""

from typing import TYPE_CHECKING, Any

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command
from embgeo.cli.forms import Drawing, plot_target
from embgeo.errors import Report

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command(
    "embgeo similarity cat dog red blue", panel=ASK, peekable=True, several=True,
    goes_with={"cut": ("texts",)}, excludes={"texts": ("multi",)},
)  # fmt: skip
def similarity(
    space: "EmbeddingSpace",
    report: Report,
    terms: o.Terms = None,
    terms_from: o.TermsFrom = None,
    metric: o.Similarity = "cosine",
    multi: o.Multi = "mean",
    texts: o.WholeTexts = False,
    cut: o.Cut = False,
    plot: o.Plot = None,
    force: o.Force = False,
) -> Any:
    """The similarity of every word with every other."""
    from embgeo.cli.terms import all_terms

    place = plot_target(plot, force=force)
    chosen = all_terms(terms, terms_from, "embgeo similarity cat dog house")
    answer = space.similarity(*chosen, metric=metric, multi=multi, texts=texts, cut=cut, report=report)
    return Drawing(answer, place) if place else answer
