"""Where the program starts, and the one place where errors end: a line on stderr and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from importlib import import_module
from typing import NoReturn

import typer

from embgeo.cli import output
from embgeo.cli.lazy import is_command, program
from embgeo.errors import EmbgeoError

# Typer carries its own copy of Click since 0.27; these are Click's bases wherever they lie.
ClickUsage: type[Exception] = typer.BadParameter.__mro__[1]
INTERRUPTED = 130
HELP = frozenset({"-h", "--help"})
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def main() -> NoReturn:
    """Run the command line of this process, and end it."""
    output.prepare_streams()
    if "-" in sys.argv[1:]:  # many lines may come
        from embgeo.cli.threads import share_processors

        share_processors()
    code = run(sys.argv[1:])
    # Everything is written and closed by now; taking the interpreter apart would be a sixth of a warm command's time.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code (see `errors`)."""
    try:
        name = arguments[0] if arguments else ""
        asked = program(name)
        if is_command(name) and not HELP & set(arguments):
            # From here, where few calls are open: Python 3.11 keeps calls in chunks of 16 KB, and a call that straddles
            # two of them maps and unmaps memory. From inside the question NumPy's own imports do so 700 times.
            import_module("numpy")
        code = int(asked(arguments, prog_name="embgeo", standalone_mode=False) or 0)
    except EmbgeoError as error:
        output.complain(f"embgeo: {_one_line(error.message, error.hint)}")
        code = error.exit_code
    except ClickUsage as error:
        code = _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except output.ReaderLeft:
        code = _left()
    except SystemExit as error:  # how Click ends at a closed pipe
        code = _left() if isinstance(error.__context__, BrokenPipeError) else int(error.code or 0)
    except Exception as error:  # noqa: BLE001  # the last stop: no traceback for users
        code = _unexpected(error)
    if code == INTERRUPTED:  # some versions of Typer catch Ctrl-C themselves, and say this by the code
        output.complain("embgeo: interrupted")
    return code


def _one_line(message: str, hint: str) -> str:
    return f"{message if message.endswith('?') else message + '.'} {hint}" if hint else message


def _misused(error: Exception) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "embgeo"
    text = getattr(error, "format_message", lambda: str(error))()
    output.complain(f"embgeo: {_one_line(text.rstrip('.'), f'See: {path} --help')}")
    return int(getattr(error, "exit_code", 2))


def _left() -> int:
    """Whoever reads has enough; what is still buffered has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _unexpected(error: Exception) -> int:
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        output.complain(f"embgeo: can't write {error.filename or 'the answer'}: {error.strerror}.")
        return 1
    if os.environ.get("EMBGEO_DEBUG"):
        traceback.print_exc()
    output.complain(f"embgeo: unexpected fault: {type(error).__name__}: {error}. Set EMBGEO_DEBUG=1 to see where.")
    return 1
