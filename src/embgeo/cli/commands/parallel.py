"""`embgeo parallel`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import DIRECTIONS
from embgeo.cli.command import command
from embgeo.errors import Report

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo parallel king man queen woman", panel=DIRECTIONS, several=True)
def parallel(
    space: "EmbeddingSpace",
    report: Report,
    a: Annotated[str, typer.Argument(metavar="A", help="king")],
    b: Annotated[str, typer.Argument(metavar="B", help="man")],
    c: Annotated[str, typer.Argument(metavar="C", help="queen")],
    d: Annotated[str, typer.Argument(metavar="D", help="woman")],
    samples: Annotated[int, typer.Option("--samples", metavar="N", help="Random figures in the baseline.")] = 2000,
    seed: o.Seed = 0,
    multi: o.Multi = "mean",
) -> Any:
    """Whether A - B and C - D are parallel, compared to chance."""
    return space.parallel(a, b, c, d, samples=samples, seed=seed, multi=multi, report=report)
