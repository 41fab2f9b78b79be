"""`embgeo context`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import TEXTS
from embgeo.cli.command import command
from embgeo.cli.forms import Drawing, plot_target

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace


@command(
    'embgeo context "the bank of the river" "money in the bank" --word bank -m minilm', panel=TEXTS,
    refused=o.NO_LAYERS, excludes={"plot": ("near", "top")},
)  # fmt: skip
def context(
    space: "EmbeddingSpace",
    report: "Report",
    texts: o.Texts,
    word: o.WordInTexts,
    at: o.Occurrence = None,
    layers: o.Layers = None,
    near: Annotated[
        o.NearName | None,
        typer.Option("--near", help="What to compare each with. [default: words; lens for decoders]"),
    ] = None,
    top: Annotated[int, typer.Option("-k", "--top", metavar="N", help="How many words or tokens to list.")] = 3,
    precision: o.Precision = "float64",
    special: o.Special = True,
    cut: o.Cut = False,
    plot: o.Plot = None,
    force: o.Force = False,
) -> Any:
    """A word in context, layer by layer: how alike its occurrences are, and what each is near to."""
    if place := plot_target(plot, force=force):
        drawn = space.plot_context(
            texts, word, at=at, layers=layers, precision=precision, special=special, cut=cut, report=report
        )
        return Drawing(drawn, place)
    return space.context(
        texts, word, top, at=at, layers=layers, near=near, precision=precision, special=special, cut=cut,
        report=report,
    )  # fmt: skip
