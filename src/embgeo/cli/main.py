"""Runs one command line. The one place where errors end: as a line on stderr and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import NoReturn

import typer

from embgeo.cli import output
from embgeo.cli.startup import import_numpy, is_command, leave, program
from embgeo.errors import EmbgeoError

# Typer carries its own copy of Click since 0.27; these are Click's bases wherever they lie.
ClickUsage: type[Exception] = typer.BadParameter.__mro__[1]
INTERRUPTED = 130
HELP = frozenset({"-h", "--help"})
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def main() -> NoReturn:
    """Run the command line of this process, and end it."""
    output.prepare_streams()
    if "-" in sys.argv[1:] or sys.argv[1:2] == ["search"]:  # thousands of lines may follow
        from embgeo.cli.threads import share_processors

        share_processors()
    leave(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code (see `errors`)."""
    try:
        if arguments[:1] == ["help"]:
            arguments = [*arguments[1:], "--help"]
        name = arguments[0] if arguments else ""
        chosen = program(name)
        if is_command(name) and not HELP & set(arguments):
            import_numpy()
        code = int(chosen(arguments, prog_name="embgeo", standalone_mode=False) or 0)
    except EmbgeoError as error:
        output.complain(f"embgeo: {_one_line(error.message, error.hint)}")
        code = error.exit_code
    except ClickUsage as error:
        code = _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except output.ReaderLeft:
        code = _reader_left()
    except SystemExit as error:  # how Click ends at a closed pipe
        code = _reader_left() if isinstance(error.__context__, BrokenPipeError) else int(error.code or 0)
    except MemoryError:
        output.complain("embgeo: there is not enough memory for this. Ask for less at once, or free some.")
        code = 1
    except OSError as error:
        code = _refused_by_the_system(error)
    except Exception as error:  # noqa: BLE001  # the last resort: users never see a traceback
        code = _unexpected(error)
    if code == INTERRUPTED:  # some versions of Typer catch Ctrl-C themselves and return this code
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


def _reader_left() -> int:
    """The reader closed the pipe; what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _refused_by_the_system(error: OSError) -> int:
    """A file, folder or stream that the system refuses, wherever that was: one line, and nothing was touched."""
    if os.environ.get("EMBGEO_DEBUG"):
        traceback.print_exc()
    what = f"'{os.fsdecode(error.filename)}'" if isinstance(error.filename, str | bytes) else "the answer"
    written = error.errno in NO_ROOM or error.filename is None
    why = error.strerror or str(error)
    output.complain(f"embgeo: can't {f'write {what}' if written else f'use {what}'}: {why}.")
    return 1


def _unexpected(error: Exception) -> int:
    if os.environ.get("EMBGEO_DEBUG"):
        traceback.print_exc()
    output.complain(f"embgeo: unexpected fault: {type(error).__name__}: {error}. Set EMBGEO_DEBUG=1 to see where.")
    return 1
