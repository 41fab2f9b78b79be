"""`embgeo similarity`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo similarity cat dog red blue", panel=ASK, peekable=True)
def similarity(
    space: "EmbeddingSpace",
    terms: o.Terms,
    metric: Annotated[o.SimilarityName, typer.Option("--metric", help="What is compared.")] = "cosine",
    multi: o.Multi = "mean",
    texts: Annotated[
        bool, typer.Option("--texts", help="Compare whole texts by their sentence vectors, not words by their rows.")
    ] = False,
    cut: o.Cut = False,
) -> Any:
    """The similarity of every word with every other."""
    return space.similarity(*terms, metric=metric, multi=multi, texts=texts, cut=cut)
