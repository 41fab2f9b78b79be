"""`embgeo search`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import TEXTS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace


@command('embgeo search "how to keep data safe" notes.md docs/', panel=TEXTS, refused=o.NO_LAYERS, sentences=True)
def search(
    space: "EmbeddingSpace",
    report: "Report",
    query: Annotated[str, typer.Argument(metavar="QUERY", help="what to look for, in quotes")],
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="text files, folders or globs; - is standard input")
    ],
    by: o.PassageUnit = "line",
    top: Annotated[int, typer.Option("-k", "--top", metavar="N", help="How many passages to show.")] = 10,
    cut: Annotated[
        bool, typer.Option("--cut", help="Truncate a query that is too long for the model, as passages always are.")
    ] = False,
    index: Annotated[
        bool, typer.Option("--index", help="Use an index, which may miss some: for very many passages.")
    ] = False,
) -> Any:
    """The lines or paragraphs of your own files nearest in meaning to a query."""
    return space.search(query, files, top, by=by, cut=cut, index=index, report=report)
