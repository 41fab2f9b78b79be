"""`embgeo info`, `pull` and `models`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import app
from embgeo.cli.command import answering, transforming

if TYPE_CHECKING:
    from embgeo.progress import Report

models = typer.Typer(rich_markup_mode=None, help="List the models on this machine, or free one.")
app.add_typer(models, name="models", epilog="Example: embgeo models rm gpt2")


@app.command(epilog="Example: embgeo info -m minilm")
@transforming
def info(
    report: "Report",
    transform: str | None,
    model: o.Model = None,
    revision: o.Revision = None,
    side: o.Side = "input",
    tensor: o.Tensor = None,
    file_format: o.FileFormat = None,
) -> Any:
    """What a model's matrix is; on the Hub, what fetching costs."""
    from embgeo.models.architectures import Choice
    from embgeo.questions import models as shelf

    return shelf.info(model, revision, report, Choice(side, tensor, file_format), transform)


@app.command(epilog="Example: embgeo pull gpt2")
@transforming
def pull(
    report: "Report",
    transform: str | None,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="gpt2, org/name, ...", autocompletion=o.complete_model)],
    revision: o.Revision = None,
    side: o.Side = "input",
    tensor: o.Tensor = None,
    file_format: o.FileFormat = None,
) -> Any:
    """Fetch and prepare a model ahead of use."""
    from embgeo.models.architectures import Choice
    from embgeo.questions import models as shelf

    return shelf.pull(model, revision, report, Choice(side, tensor, file_format), transform)


@models.callback(invoke_without_command=True)
@answering
def models_list(context: typer.Context) -> Any:
    """The models on this machine: id, revision, shape, dtype, size, where they lie."""
    from embgeo.questions import models as shelf

    return shelf.listed() if context.invoked_subcommand is None else None


@models.command("rm", epilog="Example: embgeo models rm gpt2")
@transforming
def models_rm(
    report: "Report",
    transform: str | None,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="gpt2, org/name, ...", autocompletion=o.complete_model)],
    revision: o.Revision = None,
) -> Any:
    """Free what embgeo keeps of a model; files of your own are not touched."""
    from embgeo.questions import models as shelf

    return shelf.removed(model, revision, transform, report)
