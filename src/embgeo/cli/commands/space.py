"""`embgeo space`: the shape of a space in figures.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli.app import app
from embgeo.cli.command import lasting
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace

ALL = "all"


@app.command("space", epilog="Example: embgeo space --queries all")
@lasting
def space_(
    space: "EmbeddingSpace",
    report: Any,
    top: Annotated[int, typer.Option("-k", "--top", metavar="N", help="How many to show in each list.")] = 5,
    samples: Annotated[int, typer.Option("--samples", metavar="N", help="Random pairs, for the mean cosine.")] = 1000,
    queries: Annotated[
        str, typer.Option("--queries", metavar="N|all", help="Random rows whose nearest are found, for hubs.")
    ] = "2048",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of both random samples.")] = 0,
) -> Any:
    """The space's shape: mean, anisotropy, spectrum, hubs."""
    if queries != ALL and not (queries.isascii() and queries.isdigit()):
        raise UsageError(f"'{queries}' is no number of queries", f"A whole number from 1, or {ALL}.")
    asked = None if queries == ALL else int(queries)
    return space.describe(top, samples=samples, queries=asked, seed=seed, report=report)
