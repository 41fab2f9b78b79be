"""The program itself, without its commands: what it is called, and what it says when nothing is asked."""

from typing import Annotated

import typer

from embgeo import __version__

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


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"embgeo {__version__}")
        raise typer.Exit


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
