"""`embgeo space`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import SPACE
from embgeo.cli.command import command
from embgeo.cli.forms import Drawing, plot_target
from embgeo.cli.terms import query_count

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace


@command("embgeo space --queries all", name="space", panel=SPACE, several=True)
def space_(
    space: "EmbeddingSpace",
    report: "Report",
    top: Annotated[int, typer.Option("-k", "--top", metavar="N", help="How many to show in each list.")] = 5,
    samples: Annotated[int, typer.Option("--samples", metavar="N", help="Random pairs, for the mean cosine.")] = 1000,
    queries: Annotated[
        str, typer.Option("--queries", metavar="N|all", help="Random rows to find the nearest rows of, for hubs.")
    ] = "2048",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of both random samples.")] = 0,
    plot: o.Plot = None,
    force: o.Force = False,
) -> Any:
    """The space's shape: mean, anisotropy, spectrum, hubs."""
    number = query_count(queries)
    place = plot_target(plot, force=force)
    answer = space.space(top, samples=samples, queries=number, seed=seed, report=report)
    return Drawing(answer, place) if place else answer
