"""`embgeo neighbors`.

Typer reads the annotations, so they are not deferred here.
"""

import functools
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli import output
from embgeo.cli.app import ASK
from embgeo.cli.command import JsonLines, command
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace


@command("embgeo neighbors cat -k 5 --words", panel=ASK)
def neighbors(
    space: "EmbeddingSpace",
    term: Annotated[
        str, typer.Argument(metavar="TERM", help=f"{o.TERM_HELP.rstrip('.')}; - reads one a line from standard input.")
    ],
    top: o.Top = 10,
    metric: o.Metric = "cosine",
    without: o.Without = None,
    unit: o.Unit = False,
    raw: o.Raw = False,
    words: o.Words = False,
    multi: o.Multi = "mean",
) -> Any:
    """The tokens nearest to a word."""
    if term != "-":
        return space.neighbors(
            term, top, metric=metric, without=without or (), unit=unit, raw=raw, words=words, multi=multi
        )
    if without:
        raise UsageError("--without is for one term at a time", "Leave it out to read terms from standard input.")
    from embgeo.cli.fast_json import ListWriter
    from embgeo.cli.lines import answered
    from embgeo.questions.batch import neighbor_lists
    from embgeo.questions.ranking import ListOptions

    options = ListOptions(top, raw, words, multi)
    many = functools.partial(neighbor_lists, space, options=options, metric=metric, unit=unit)
    return JsonLines(answered(many, top, ListWriter(space, raw=raw, ascii_only=output.is_narrow())))
