"""`embgeo next`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import TEXTS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace


@command(
    'embgeo next "The cat sat on the" --lens', name="next", panel=TEXTS, refused=o.NO_LAYERS,
    goes_with={"seed": ("steps",)},
)  # fmt: skip
def next_(
    space: "EmbeddingSpace",
    report: "Report",
    text: Annotated[str, typer.Argument(metavar="TEXT", help="a text in quotes; for an encoder, with [MASK] in it")],
    temperature: Annotated[
        float, typer.Option("-T", "--temperature", metavar="T", help="Softmax temperature; 0 puts all on the maximum.")
    ] = 1.0,
    lens: Annotated[
        bool, typer.Option("--lens", help="Also show what every layer would answer if it were the last.")
    ] = False,
    steps: Annotated[int, typer.Option("--steps", metavar="N", help="Continue the text by N tokens.")] = 0,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Sample tokens by probability. [default: the likeliest]")
    ] = None,
    top: o.Top = 10,
    precision: o.Precision = "float64",
    special: o.Special = True,
    cut: o.Cut = False,
) -> Any:
    """The tokens that a model expects after a text, or in place of [MASK]."""
    return space.next(
        text, top, temperature=temperature, lens=lens, steps=steps, seed=seed, precision=precision, special=special,
        cut=cut, report=report,
    )  # fmt: skip
