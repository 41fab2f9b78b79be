"""`embgeo shell`."""

import sys
from typing import Annotated

import typer

from embgeo.cli import spaces
from embgeo.cli.app import ASK, app
from embgeo.cli.completing import complete_model
from embgeo.cli.parsing import Command
from embgeo.errors import UsageError


@app.command(
    "shell", cls=Command, rich_help_panel=ASK, epilog="Examples: embgeo shell -m minilm; embgeo shell < script.txt"
)
def shell(
    model: Annotated[
        list[str] | None,
        typer.Option(
            "-m", "--model", metavar="MODEL", autocompletion=complete_model,
            help="The model for lines that name none; may be repeated. [default: $EMBGEO_MODEL, else gpt2]",
        ),
    ] = None,
) -> None:  # fmt: skip
    """One question after another: each line is a command line without embgeo, and models stay open.

    Lines come from the terminal (pip install 'embgeo[shell]'), or from a script on standard input: embgeo shell <
    script. A script stops at its first error. :help says more.
    """
    if spaces.in_a_shell():
        raise UsageError("this already is a shell", "Ctrl-D leaves it.")
    from embgeo.cli.shell.loop import run_script
    from embgeo.cli.shell.session import Session

    with spaces.keep_open():
        session = Session()
        session.ask(model or ())
        if sys.stdin.isatty():
            from embgeo.cli.shell.prompt import run_prompt

            code = run_prompt(session)
        else:
            code = run_script(session)
    if code:
        raise typer.Exit(code)
