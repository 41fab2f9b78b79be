"""The program without its commands: its name, its help, and what it prints without a command."""

import itertools
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from embgeo import __version__
from embgeo.errors import UsageError

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
WHOLE: Final = 200  # characters; help has no longer first line


GUESSES: Final = {
    "neighbors": ("nearest", "near", "similar", "most-similar", "most_similar", "knn", "synonyms", "nn", "closest"),
    "similarity": ("sim", "cosine", "distance", "matrix"),
    "compare": ("diff", "cka", "align", "procrustes", "overlap"),
    "analogy": ("arithmetic", "3cosadd", "solve"),
    "odd": ("doesnt_match", "outlier", "intruder"),
    "between": ("interpolate", "interpolation", "slerp", "midpoint", "path", "walk"),
    "context": ("contextual", "in-context", "layers", "senses"),
    "search": ("find", "grep", "retrieve", "semantic-search"),
    "next": ("predict", "generate", "complete", "continue", "lens"),
    "tokens": ("tokenize", "tokenise", "split"),
    "vector": ("embed", "embedding", "row", "get"),
    "unembed": ("logits", "softmax"),
    "tour": ("demo", "start", "learn"),
    "eval": ("evaluate", "benchmark", "test"),
    "pull": ("download", "fetch", "get-model"),
    "models": ("list", "ls"),
    "models rm": ("rm", "remove", "delete"),
    "plot": ("draw", "figure", "picture", "chart", "graph", "scatter", "show", "visualize", "pca"),
    "plot similarity": ("heatmap", "heat-map"),
    "map": ("umap", "tsne", "t-sne", "atlas"),
    "export projector/ --to projector": ("projector", "tensorboard"),
}  # what to type for other names of the same things


class CommandGroup(TyperGroup):
    """Lists its commands with the whole first line of their help, under the headings that they name."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # Click's signature
        """Write one section for each heading."""
        for panel in ("", ASK, TEXTS, DIRECTIONS, SPACE, PICTURES, MODELS):
            commands = [
                (name, one.get_short_help_str(WHOLE))
                for name, one in self.commands.items()
                if (getattr(one, "rich_help_panel", "") or "") == panel
            ]
            if commands:
                with formatter.section(panel or "Commands"):
                    formatter.write_dl(commands)


class Program(CommandGroup):
    """Suggests the command for other names of the same thing."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command.

        Raises:
            UsageError: there is none of this name, but one for what it says, or it is an expression or a word.
        """
        typed = args[0]
        meant = next((command for command, names in GUESSES.items() if typed.lower() in names), "")
        if self.get_command(ctx, typed) is not None:
            return super().resolve_command(ctx, args)
        if meant:
            more = (
                "; open its folder at projector.tensorflow.org" if "projector" in meant else f" (embgeo help {meant})"
            )
            raise UsageError(f"there is no command '{typed}'", f"Type: embgeo {meant}{more}")
        import shlex
        from difflib import get_close_matches

        if terms := _expression(args):
            raise UsageError(f"there is no command '{typed}'", f"Type: embgeo neighbors {shlex.quote(terms)}")
        if not get_close_matches(typed, self.list_commands(ctx)):
            hint = f"For its neighbors: embgeo neighbors {shlex.quote(typed)}; for all commands: embgeo --help"
            raise UsageError(f"there is no command '{typed}'", hint)
        return super().resolve_command(ctx, args)


def _expression(args: list[str]) -> str:
    """The expression that a line begins with, as in `embgeo king - man + woman -k 5`; empty if it doesn't."""
    from embgeo.vocabulary.expression import is_expression

    words = itertools.takewhile(lambda word: word == "-" or not word.startswith("-"), args)
    text = " ".join(words)
    return text if is_expression(text) else ""


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
    help_alone(context)


def help_alone(context: typer.Context) -> None:
    """Show the help where no command is named."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
