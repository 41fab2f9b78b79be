"""`embgeo vector`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Any

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo vector cat --json", panel=ASK, peekable=True)
def vector(space: "EmbeddingSpace", term: o.Term, multi: o.Multi = "mean") -> Any:
    """A word's vector: its length and first values; all in JSON."""
    return space.vector(term, multi=multi)
