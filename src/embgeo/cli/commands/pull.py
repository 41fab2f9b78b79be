"""`embgeo pull`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import MODELS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.errors import Report


@command("embgeo pull gpt2; embgeo pull gpt2 --layers all", panel=MODELS)
def pull(
    report: "Report",
    transform: str | None,
    model: o.NeededModel,
    revision: o.Revision = None,
    side: o.Side = "input",
    tensor: o.Tensor = None,
    file_format: o.FileFormat = None,
    limit: o.Limit = None,
    encoding: o.EncodingName = None,
    encoding_errors: o.EncodingErrors = None,
    layers: Annotated[
        str | None, typer.Option("--layers", metavar="LIST", help="Its layers too: all, or only these, as in 0-4.")
    ] = None,
) -> Any:
    """Fetch and prepare a model ahead of use."""
    from embgeo.models.choice import Choice
    from embgeo.questions.pull import pull as ask

    choice = Choice(side, tensor, file_format, limit, encoding, encoding_errors)
    return ask(model, revision, choice=choice, transform=transform, layers=layers, report=report)
