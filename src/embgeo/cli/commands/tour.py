"""`embgeo tour`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import SPACE
from embgeo.cli.command import Paused, command

if TYPE_CHECKING:
    from embgeo.errors import Report


@command("embgeo tour -m minilm; embgeo tour 3 -m minilm", panel=SPACE)
def tour(
    report: "Report",
    stop: Annotated[int | None, typer.Argument(metavar="[STOP]", help="the number of one stop; all without it")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Wait for Enter after each stop, at a terminal.")] = False,
    model: o.Model = None,
    revision: o.Revision = None,
) -> Any:
    """A walk through the classic claims, each judged on this model."""
    from embgeo.cli.spaces import load

    answer = load(model, revision=revision, report=report).tour(report, stop=stop)
    return Paused(answer) if pause else answer
