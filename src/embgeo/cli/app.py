"""The commands: each reads its words, asks one question and returns the answer; how it is printed stands elsewhere.

Typer reads the annotations, so they are not deferred here.
"""

import functools
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo import __version__
from embgeo.cli import directing
from embgeo.cli import options as o
from embgeo.cli.question import Stream, answering, fetching, peekable, question
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.progress import Report
    from embgeo.space import EmbeddingSpace

EXAMPLES = """\b
Examples:
  embgeo analogy king man woman
  embgeo neighbors cat
  embgeo direction cats cat --score one two three
"""

app = typer.Typer(
    name="embgeo",
    help="The geometry of a model's embedding matrix.",
    epilog=EXAMPLES,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
models = typer.Typer(rich_markup_mode=None, help="List the models on this machine, or free one.")
app.add_typer(models, name="models", epilog="Example: embgeo models rm gpt2")

Term = Annotated[str, typer.Argument(metavar="TERM", help=o.TERM_HELP)]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"embgeo {__version__}")
        raise typer.Exit


def _three(context: typer.Context, c: str | None) -> str | None:
    """B and C may only be missing where the words come from standard input."""
    if c is None and (context.params.get("a") != "-" or context.params.get("b") is not None):
        raise typer.BadParameter("three words are needed: A B C, or - to read them from standard input")
    return c


@app.callback(invoke_without_command=True)
def embgeo(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  # its callback acts on it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """The geometry of a model's embedding matrix: analogies, neighbours, directions, dot products."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command(epilog="Example: embgeo analogy king man woman")
@question
def analogy(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="A", help="king; - reads three words a line from standard input")],
    b: Annotated[str | None, typer.Argument(metavar="B", help="man")] = None,
    c: Annotated[str | None, typer.Argument(metavar="C", help="woman", callback=_three)] = None,
    top: o.Top = 10,
    method: o.Method = "3cosadd",
    keep_inputs: o.KeepInputs = False,
    raw: o.Raw = False,
    words: o.Words = False,
    multi: o.Multi = "mean",
) -> Any:
    """What A - B + C comes to: C is to the answer as B is to A."""
    if b is None or c is None:
        from embgeo.cli.lines import answered, in_threes
        from embgeo.many import ListOptions, many_analogies

        options = ListOptions(top, raw, words, multi)
        many = functools.partial(
            many_analogies, space.embedding, options=options, method=method, keep_inputs=keep_inputs
        )
        return Stream(answered(in_threes(many)))
    return space.analogy(a, b, c, top, method=method, keep_inputs=keep_inputs, raw=raw, words=words, multi=multi)


@app.command(epilog="Example: embgeo neighbors cat -k 5 --words")
@question
def neighbors(
    space: "EmbeddingSpace",
    term: Annotated[
        str, typer.Argument(metavar="TERM", help=f"{o.TERM_HELP.rstrip('.')}; - reads one a line from standard input.")
    ],
    top: o.Top = 10,
    metric: o.Metric = "cosine",
    without: o.Without = None,
    raw: o.Raw = False,
    words: o.Words = False,
    multi: o.Multi = "mean",
) -> Any:
    """The tokens nearest to a word."""
    if term == "-":
        if without:
            raise UsageError("--without is for one term at a time", "Leave it out to read terms from standard input.")
        from embgeo.cli.lines import answered
        from embgeo.many import ListOptions, many_neighbours

        options = ListOptions(top, raw, words, multi)
        return Stream(answered(functools.partial(many_neighbours, space.embedding, options=options, metric=metric)))
    if without:
        return space.neighbors_without(term, without, top, metric=metric, raw=raw, words=words, multi=multi)
    return space.neighbors(term, top, metric=metric, raw=raw, words=words, multi=multi)


directing.add_direction_to(app)


@app.command(epilog="Example: embgeo dot cat dog house")
@peekable
def dot(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="A", help="cat")],
    b: Annotated[str, typer.Argument(metavar="B", help="dog")],
    more: Annotated[list[str] | None, typer.Argument(metavar="[MORE]...", help="with more than two: a matrix")] = None,
    multi: o.Multi = "mean",
) -> Any:
    """Dot products and cosines: aligned, perpendicular or opposed."""
    return space.dot(a, b, *(more or ()), multi=multi)


@app.command(epilog='Example: embgeo tokens "The cat"')
@peekable
def tokens(
    space: "EmbeddingSpace",
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="in quotes where it has spaces")],
) -> Any:
    """How text splits into tokens."""
    return space.tokens(*texts)


@app.command(epilog="Example: embgeo vector cat --json")
@peekable
def vector(space: "EmbeddingSpace", term: Term, multi: o.Multi = "mean") -> Any:
    """A word's vector: its length and first values; all in JSON."""
    return space.vector(term, multi=multi)


directing.add_to(app)


@app.command(epilog="Example: embgeo info -m minilm")
@fetching
def info(
    report: "Report",
    model: o.Model = None,
    revision: o.Revision = None,
    side: o.Side = "input",
    tensor: o.Tensor = None,
    file_format: o.FileFormat = None,
) -> Any:
    """What a model's matrix is; on the Hub, what fetching costs."""
    from embgeo import shelf
    from embgeo.sources.layout import Choice

    return shelf.info(model, revision, report, Choice(side, tensor, file_format))


@app.command(epilog="Example: embgeo pull gpt2")
@fetching
def pull(
    report: "Report",
    model: Annotated[str, typer.Argument(metavar="MODEL", help="gpt2, org/name, ...", autocompletion=o.complete_model)],
    revision: o.Revision = None,
    side: o.Side = "input",
    tensor: o.Tensor = None,
    file_format: o.FileFormat = None,
) -> Any:
    """Fetch and prepare a model ahead of use."""
    from embgeo import shelf
    from embgeo.sources.layout import Choice

    return shelf.pull(model, revision, report, Choice(side, tensor, file_format))


@models.callback(invoke_without_command=True)
@answering
def models_list(context: typer.Context) -> Any:
    """The models on this machine: id, revision, shape, dtype, size, where they lie."""
    from embgeo import shelf

    return shelf.listed() if context.invoked_subcommand is None else None


@models.command("rm", epilog="Example: embgeo models rm gpt2")
@answering
def models_rm(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="gpt2, org/name, ...", autocompletion=o.complete_model)],
    revision: o.Revision = None,
) -> Any:
    """Free what embgeo keeps of a model; files of your own are not touched."""
    from embgeo import shelf

    return shelf.removed(model, revision)
