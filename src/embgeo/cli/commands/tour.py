"""`embgeo tour`: the classic claims, one after the other.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Any

from embgeo.cli import options as o
from embgeo.cli.app import app
from embgeo.cli.command import fetching

if TYPE_CHECKING:
    from embgeo.progress import Report


@app.command(epilog="Example: embgeo tour -m minilm")
@fetching
def tour(report: "Report", model: o.Model = None, revision: o.Revision = None) -> Any:
    """A walk through the classic claims, each judged on this model."""
    from embgeo.space import load

    return load(model, revision=revision, report=report).tour(report)
