"""`embgeo neighbors`."""

import functools
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from embgeo.cli import options as o
from embgeo.cli.app import ASK
from embgeo.cli.command import command
from embgeo.cli.forms import Drawing, JsonLines, plot_target
from embgeo.cli.terms import all_terms, one_or_several
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace

TABLE_TOKENS: Final = 10
NOT_DRAWN: Final = "--metric, --without, --unit, --keep-inputs, --to, --through"
PLOT_TOKENS: Final = 8  # as in `plot neighbors`
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="MODEL",
        autocompletion=o.complete_model,
        help="List another model's tokens, through a rotation.",
    ),
]
Through = Annotated[
    str | None, typer.Option("--through", metavar="FILE", help="The rotation, as `embgeo compare --map FILE` saves it.")
]
Top = Annotated[
    int | None, typer.Option("-k", "--top", metavar="N", help="How many tokens to show. [default: 10; 8 with --plot]")
]


@command("embgeo neighbors cat -k 5 --words", panel=ASK, several=True)
def neighbors(
    space: "EmbeddingSpace",
    terms: Annotated[
        list[str] | None,
        typer.Argument(metavar="TERM...", help=f"{o.TERM_HELP.rstrip('.')}; - reads one per line from standard input."),
    ] = None,
    terms_from: o.TermsFrom = None,
    top: Top = None,
    metric: o.Metric = "cosine",
    without: o.Without = None,
    unit: o.Unit = False,
    keep_inputs: o.KeepInputs = False,
    raw: o.Raw = False,
    words: o.Words = False,
    pieces: o.Pieces = False,
    multi: o.Multi = "mean",
    to: To = None,
    through: Through = None,
    plot: o.Plot = None,
    force: o.Force = False,
) -> Any:
    """The tokens nearest to a word."""
    lists: dict[str, Any] = {"raw": raw, "words": words, "pieces": pieces, "multi": multi}
    how: dict[str, Any] = {"metric": metric, "unit": unit, "keep_inputs": keep_inputs}
    if place := plot_target(plot, force=force):
        several = all_terms(terms, terms_from, "embgeo neighbors cat --plot")
        if len(several) > 1 or several == ["-"] or metric != "cosine" or any((without, unit, keep_inputs, to, through)):
            raise UsageError("--plot draws the cosines of one term", f"Omit {NOT_DRAWN} and -.")
        return Drawing(space.plot_neighbors(several[0], PLOT_TOKENS if top is None else top, **lists), place)
    top = TABLE_TOKENS if top is None else top
    if to or through:
        several = all_terms(terms, terms_from, "embgeo neighbors cat --to gpt2")
        end = like(space, to) if to else None
        rotated = {"without": without or (), "to": end, "through": through, **how, **lists}
        return one_or_several(space.neighbors(term, top, **rotated) for term in several)
    if terms != ["-"]:
        several = all_terms(terms, terms_from, "embgeo neighbors cat")
        return _answers(space, several, top, without=without or (), **how, **lists)
    if without:
        raise UsageError("--without takes one term at a time", "Omit it to read terms from standard input.")
    return _lines(space, top, lists, **how)


def like(space: "EmbeddingSpace", name: str) -> "EmbeddingSpace":
    """Another model, on the same side and in the same transformation."""
    from embgeo.cli.spaces import load
    from embgeo.errors import silent

    return load(name, side=space.manifest.side, transform=space.manifest.transform or None, report=silent)


def _answers(
    space: "EmbeddingSpace", terms: list[str], top: int, *, without: "list[str] | tuple[()]", **options: Any
) -> Any:
    """The answers for terms that were typed; several in one pass over the matrix, unless directions are removed."""
    if len(terms) == 1 or without:
        return one_or_several(space.neighbors(term, top, without=without, **options) for term in terms)
    return one_or_several(space.neighbors_batch(terms, top, **options))


def _lines(space: "EmbeddingSpace", top: int, lists: dict[str, Any], **how: Any) -> JsonLines:
    """A line of JSON for each term from standard input, many terms in one pass over the matrix."""
    from embgeo.cli.lines import json_lines
    from embgeo.questions.batch import neighbor_lists
    from embgeo.questions.ranking import ListOptions

    options = ListOptions(top, **lists)
    return json_lines(space, functools.partial(neighbor_lists, space, options=options, **how), options)
