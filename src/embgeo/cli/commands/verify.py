"""`embgeo verify`: is this model what it should be?"""

from typing import Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import app
from embgeo.cli.command import transforming


@app.command(epilog="Example: embgeo verify gpt2")
@transforming
def verify(
    report: Any,
    transform: str | None,
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="gpt2, org/name, ...", autocompletion=o.complete_model)
    ] = None,
    revision: o.Revision = None,
) -> Any:
    """Check a model's bytes, and GPT-2 by published facts."""
    from embgeo.questions.verify import verify as check
    from embgeo.space import load

    return check(load(model, revision=revision, transform=transform, report=report).embedding, report)
