"""`embgeo tour`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli.app import SPACE
from embgeo.cli.command import command
from embgeo.cli.forms import Paused

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace


@command("embgeo tour -m minilm; embgeo tour 3 -m minilm", panel=SPACE, several=True, matrix="input")
def tour(
    space: "EmbeddingSpace",
    report: "Report",
    stop: Annotated[
        int | None, typer.Argument(metavar="[STOP]", help="the number of one stop; by default, all")
    ] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Wait for Enter after each stop, at a terminal.")] = False,
) -> Any:
    """A tour of classic claims about embeddings, each tested on this model."""
    answer = space.tour(report, stop=stop)
    return Paused(answer) if pause else answer
