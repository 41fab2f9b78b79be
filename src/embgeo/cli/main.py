"""Where the program starts, and the one place where errors end: a line on stderr and an exit code."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from embgeo.cli import output
from embgeo.cli.app import app
from embgeo.errors import EmbgeoError

# Typer carries its own copy of Click since 0.27; these are Click's bases wherever they lie.
ClickUsage: type[Exception] = typer.BadParameter.__mro__[1]
INTERRUPTED = 130


def main() -> None:
    """Run the command line of this process."""
    output.prepare_streams()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code (see `errors`)."""
    try:
        return int(app(arguments, prog_name="embgeo", standalone_mode=False) or 0)
    except EmbgeoError as error:
        output.complain(f"embgeo: {_one_line(error.message, error.hint)}")
        return error.exit_code
    except ClickUsage as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        output.complain("embgeo: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads has enough; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  # the last stop: no traceback for users
        return _unexpected(error)


def _one_line(message: str, hint: str) -> str:
    return f"{message if message.endswith('?') else message + '.'} {hint}" if hint else message


def _misused(error: Exception) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "embgeo"
    text = getattr(error, "format_message", lambda: str(error))()
    output.complain(f"embgeo: {_one_line(text.rstrip('.'), f'See: {path} --help')}")
    return int(getattr(error, "exit_code", 2))


def _unexpected(error: Exception) -> int:
    if os.environ.get("EMBGEO_DEBUG"):
        traceback.print_exc()
    output.complain(f"embgeo: unexpected fault: {type(error).__name__}: {error}. Set EMBGEO_DEBUG=1 to see where.")
    return 1
