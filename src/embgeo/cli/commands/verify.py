"""`embgeo verify`."""

from typing import TYPE_CHECKING, Any

from embgeo.cli import options as o
from embgeo.cli.app import MODELS
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.errors import Report


@command("embgeo verify gpt2", panel=MODELS)
def verify(
    report: "Report", transform: str | None, model: o.ModelArgument = None, revision: o.Revision = None
) -> Any:  # fmt: skip
    """Check a model's bytes, and GPT-2 against published facts."""
    from embgeo.space import load

    return load(model, revision=revision, transform=transform, report=report).verify(report)
