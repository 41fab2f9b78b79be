"""The program without its commands: its name, its help, and what it says when nothing is asked."""

from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from embgeo import __version__

EXAMPLES: Final = """\b
Examples:
  embgeo analogy king man woman
  embgeo neighbors cat
  embgeo direction cats cat --score one two three
"""
ASK: Final = "Ask"
TEXTS: Final = "Whole texts"
DIRECTIONS: Final = "Directions"
SPACE: Final = "The whole space"
PICTURES: Final = "Pictures"
MODELS: Final = "Models"


class Program(TyperGroup):
    """Lists the commands under the headings that they name."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # Click's signature
        """Write one section for each heading."""
        for panel in (ASK, TEXTS, DIRECTIONS, SPACE, PICTURES, MODELS):
            commands = [
                (name, one) for name, one in self.commands.items() if getattr(one, "rich_help_panel", "") == panel
            ]
            if commands:
                width = formatter.width - 6 - max(len(name) for name, _ in commands)
                with formatter.section(panel):
                    formatter.write_dl([(name, one.get_short_help_str(width)) for name, one in commands])


app = typer.Typer(
    name="embgeo",
    cls=Program,
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
    """The geometry of a model's embedding matrix: analogies, neighbors, directions, dot products."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
