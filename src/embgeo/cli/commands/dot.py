"""`embgeo dot`, `tokens` and `vector`: what a few rows answer.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import app
from embgeo.cli.command import peekable

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@app.command(epilog="Example: embgeo dot cat dog house")
@peekable
def dot(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="A", help="cat")],
    b: Annotated[str, typer.Argument(metavar="B", help="dog")],
    more: Annotated[list[str] | None, typer.Argument(metavar="[MORE]...", help="with more than two: a matrix")] = None,
    multi: o.Multi = "mean",
) -> Any:
    """Dot products and cosines: aligned, perpendicular or opposed."""
    return space.dot(a, b, *(more or ()), multi=multi)


@app.command(epilog='Example: embgeo tokens "The cat"')
@peekable
def tokens(
    space: "EmbeddingSpace",
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="in quotes where it has spaces")],
) -> Any:
    """How text splits into tokens."""
    return space.tokens(*texts)


@app.command(epilog="Example: embgeo vector cat --json")
@peekable
def vector(space: "EmbeddingSpace", term: o.Term, multi: o.Multi = "mean") -> Any:
    """A word's vector: its length and first values; all in JSON."""
    return space.vector(term, multi=multi)
