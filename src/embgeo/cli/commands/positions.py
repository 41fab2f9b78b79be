"""`embgeo positions`: what says where a token stands.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import app
from embgeo.cli.command import fetching
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.progress import Report


@app.command(epilog="Examples: embgeo positions -m gpt2; embgeo positions cat --at 5")
@fetching
def positions(
    report: "Report",
    term: Annotated[
        str | None,
        typer.Argument(metavar="[TERM]", help="a word to put at a position; without one: all positions"),
    ] = None,
    at: Annotated[int | None, typer.Option("--at", metavar="N", help="The position, from 0. [default: 0]")] = None,
    top: o.Top = 10,
    raw: o.Raw = False,
    words: o.Words = False,
    multi: o.Multi = "mean",
    model: o.Model = None,
    revision: o.Revision = None,
) -> Any:
    """The position embedding, and a token with a position added."""
    from embgeo.models.architectures import EMBEDDING
    from embgeo.models.sides import companion, positions_of
    from embgeo.questions.positions import positioned
    from embgeo.questions.positions import positions as all_of

    if term is None and at is not None:
        raise UsageError("--at takes a word to put there", "As in: embgeo positions cat --at 5")
    places = positions_of(model, revision, report)  # first, since a model without any has no matrix to fetch for this
    if term is None:
        return all_of(places)
    space = companion(places, EMBEDDING, report)
    return positioned(space, places, term, at or 0, top, raw=raw, words=words, multi=multi)
