"""`embgeo tour`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Any

from embgeo.cli import options as o
from embgeo.cli.app import SPACE
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.errors import Report


@command("embgeo tour -m minilm", panel=SPACE)
def tour(report: "Report", model: o.Model = None, revision: o.Revision = None) -> Any:
    """A walk through the classic claims, each judged on this model."""
    from embgeo.space import load

    return load(model, revision=revision, report=report).tour(report)
