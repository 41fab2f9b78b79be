"""`embgeo models`."""

from typing import TYPE_CHECKING, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import MODELS, CommandGroup, app
from embgeo.cli.command import answering, command

if TYPE_CHECKING:
    from embgeo.errors import Report

group = typer.Typer(cls=CommandGroup, rich_markup_mode=None, help="List the models on this machine, or delete one.")
app.add_typer(group, name="models", epilog="Example: embgeo models rm gpt2", rich_help_panel=MODELS)


@group.callback(invoke_without_command=True)
@answering
def models(context: typer.Context) -> Any:
    """The models on this machine: id, revision, shape, dtype, size, location."""
    from embgeo.questions.models import models as ask

    return ask() if context.invoked_subcommand is None else None


@command("embgeo models rm gpt2", on=group, name="rm")
def models_rm(
    report: "Report", transform: str | None, model: o.NeededModel, revision: o.Revision = None
) -> Any:  # fmt: skip
    """Delete what embgeo has stored of a model; your own files are not touched."""
    from embgeo.questions.models import remove

    return remove(model, revision, transform, report)
