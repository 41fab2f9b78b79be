"""`embgeo info`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Any

from embgeo.cli import options as o
from embgeo.cli.app import MODELS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.errors import Report


@command("embgeo info -m minilm", panel=MODELS)
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
    from embgeo.questions.info import info as ask

    return ask(model, revision, choice=Choice(side, tensor, file_format), transform=transform, report=report)
