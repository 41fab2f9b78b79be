"""`embgeo context`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import TEXTS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace


@command(
    'embgeo context "the bank of the river" "money in the bank" --word bank -m minilm', panel=TEXTS, refused=o.NO_LAYERS
)
def context(
    space: "EmbeddingSpace",
    report: "Report",
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="one or more texts, each in quotes")],
    word: Annotated[str, typer.Option("--word", "-w", metavar="WORD", help="The word or phrase to follow.")],
    at: Annotated[
        int | None, typer.Option("--at", metavar="N", help="Only its Nth occurrence in each text. [default: all]")
    ] = None,
    layers: Annotated[
        str | None, typer.Option("--layers", metavar="LIST", help="Only these, as in 0-2,6. [default: all]")
    ] = None,
    near: Annotated[
        o.NearName | None,
        typer.Option("--near", help="What each is near to: words run alone, or the lens. [default: by the model]"),
    ] = None,
    top: Annotated[int, typer.Option("-k", "--top", metavar="N", help="How many words or tokens are listed.")] = 3,
    precision: o.Precision = "float64",
    special: o.Special = True,
    cut: o.Cut = False,
) -> Any:
    """A word inside its texts, layer by layer: how alike its occurrences are, and what each is near to."""
    return space.context(
        texts, word, top, at=at, layers=layers, near=near, precision=precision, special=special, cut=cut,
        report=report,
    )  # fmt: skip
