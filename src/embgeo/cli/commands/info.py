"""`embgeo info`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import MODELS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.models.choice import Choice


@command("embgeo info -m minilm; embgeo info --cite", panel=MODELS)
def info(
    report: "Report",
    choice: "Choice",
    transform: str | None,
    model: o.Model = None,
    revision: o.Revision = None,
    cite: Annotated[bool, typer.Option("--cite", help="How to cite the matrix and embgeo.")] = False,
) -> Any:
    """A model's matrix: its source, shape and size, fetched or not."""
    from embgeo.questions.info import info as ask

    found = ask(model, revision, choice=choice, transform=transform, report=report)
    if not cite:
        return found
    from embgeo.questions.citation import cite as cited

    return cited(found)
