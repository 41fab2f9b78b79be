"""`embgeo pull`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import MODELS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.models.choice import Choice


@command("embgeo pull gpt2; embgeo pull gpt2 --layers all", panel=MODELS)
def pull(
    report: "Report",
    choice: "Choice",
    transform: str | None,
    model: o.NeededModel,
    revision: o.Revision = None,
    layers: Annotated[
        str | None, typer.Option("--layers", metavar="LIST", help="Its layers too: all, or only these, as in 0-4.")
    ] = None,
) -> Any:
    """Fetch and prepare a model ahead of use."""
    from embgeo.questions.pull import pull as ask

    return ask(model, revision, choice=choice, transform=transform, layers=layers, report=report)
