"""`embgeo analogy`."""

import functools
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command
from embgeo.cli.parsing import AnalogyCommand

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


def _three(context: typer.Context, c: str | None) -> str | None:
    """B and C are optional only if the words come from standard input."""
    if c is None and (context.params.get("a") != "-" or context.params.get("b") is not None):
        raise typer.BadParameter("expected three words: A B C, or - to read them from standard input")
    return c


@command(
    "embgeo analogy king man woman; embgeo analogy king - man + woman", panel=ASK, cls=AnalogyCommand, several=True
)
def analogy(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="A", help="king; - reads three words per line from standard input")],
    b: Annotated[str | None, typer.Argument(metavar="B", help="man")] = None,
    c: Annotated[str | None, typer.Argument(metavar="C", help="woman", callback=_three)] = None,
    top: o.Top = 10,
    method: o.Method = "3cosadd",
    keep_inputs: o.KeepInputs = False,
    raw: o.Raw = False,
    words: o.Words = False,
    pieces: o.Pieces = False,
    multi: o.Multi = "mean",
) -> Any:
    """Complete an analogy: which words A - B + C is nearest to."""
    if b is None or c is None:
        from embgeo.cli.lines import in_threes, json_lines
        from embgeo.questions.batch import analogy_lists
        from embgeo.questions.ranking import ListOptions

        options = ListOptions(top, raw, words, multi, pieces)
        many = functools.partial(analogy_lists, space, options=options, method=method, keep_inputs=keep_inputs)
        return json_lines(space, in_threes(many), options)
    return space.analogy(
        a, b, c, top, method=method, keep_inputs=keep_inputs, raw=raw, words=words, pieces=pieces, multi=multi
    )
