"""Runs command lines. The one place where errors end: as a line on stderr and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import typer

from embgeo.cli import output
from embgeo.cli.bus_errors import catch_bus_errors
from embgeo.cli.parsing import ClickUsage
from embgeo.cli.startup import completed_command, end_process, import_numpy, is_command, parser
from embgeo.errors import EmbgeoError

INTERRUPTED = 130
NO_MEMORY = "there is not enough memory for this. Ask for less at once, or free some."
NO_DESCRIPTOR = "too many open files to load a library. Raise the limit on them (ulimit -n), and try again."
NO_FILE = "Too many open files"
UNMAPPED = ("failed to map segment", "annot allocate memory", "annot create shared object descriptor")
UNEXPLAINED = ("without setting an exception", "without exception")
HELP = frozenset({"-h", "--help"})
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def main() -> NoReturn:
    """Run the command line of this process, and end it."""
    output.prepare_streams()
    if "-" in sys.argv[1:] or sys.argv[1:2] == ["search"]:  # thousands of lines may follow
        from embgeo.cli.threads import share_processors

        share_processors()
    end_process(run(sys.argv[1:]))


class Outcome(NamedTuple):
    """How a piece of work ended.

    Attributes:
        code: the exit code (see `errors`).
        message: what is wrong, for a line on stderr; empty if there is nothing to say.
        is_read: whether anybody still reads stdout.
    """

    code: int
    message: str = ""
    is_read: bool = True


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code (see `errors`)."""
    outcome = attempt(lambda: answer(arguments))
    if outcome.message:
        output.print_error(f"embgeo: {outcome.message}")
    return outcome.code


def answer(arguments: list[str], defaults: dict[str, Any] | None = None) -> int:
    """Parse a command line, and print its answer; returns the exit code.

    Args:
        defaults: values of options that aren't given, by command and parameter: Click's `default_map`.

    Raises:
        what `attempt` catches.
    """
    if arguments[:1] == ["help"]:
        arguments = [*arguments[1:], "--help"]
    name = arguments[0] if arguments else completed_command()
    chosen = parser(name)
    if arguments and is_command(name) and not HELP & set(arguments):
        import_numpy()
        catch_bus_errors()
    return int(
        chosen.main(arguments, prog_name="embgeo", standalone_mode=False, default_map=defaults, obj=arguments) or 0
    )


def attempt(work: Callable[[], int]) -> Outcome:
    """Do some work that returns an exit code; every error becomes the outcome."""
    try:
        code = work()
    except EmbgeoError as error:
        return Outcome(error.exit_code, _one_line(error.message, error.hint))
    except ClickUsage as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except output.ReaderLeft:
        return _reader_left()
    except SystemExit as error:  # how Click ends at a closed pipe
        if isinstance(error.__context__, BrokenPipeError):
            return _reader_left()
        code = int(error.code or 0)
    except MemoryError:
        return Outcome(1, NO_MEMORY)
    except SystemError as error:  # what Python makes of C code that found no memory and didn't say so
        return Outcome(1, NO_MEMORY) if any(text in str(error) for text in UNEXPLAINED) else _unexpected(error)
    except ImportError as error:  # also of a library that the system can't map
        return _unloaded(error)
    except OSError as error:
        return _refused_by_the_system(error)
    except Exception as error:  # noqa: BLE001  # the last resort: users never see a traceback
        if not isinstance(error.__cause__, KeyboardInterrupt):
            return _unexpected(error)
        code = INTERRUPTED  # Ctrl-C inside `__set_name__`, which Python 3.11 wraps in a RuntimeError
    # Some versions of Typer catch Ctrl-C themselves and return this code.
    return Outcome(code, "interrupted" if code == INTERRUPTED else "")


def _one_line(message: str, hint: str) -> str:
    return f"{message if message.endswith('?') else message + '.'} {hint}" if hint else message


def _misused(error: Exception) -> Outcome:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "embgeo"
    text = getattr(error, "format_message", lambda: str(error))()
    hint = f"See: {path} --help"
    if type(error).__name__ == "MissingParameter" and (example := _example(context)):
        hint = f"As in: {example}; see: {path} --help"
    return Outcome(int(getattr(error, "exit_code", 2)), _one_line(text.rstrip("."), hint))


def _example(context: Any) -> str:
    """The first of the examples below a command's help."""
    text = getattr(getattr(context, "command", None), "epilog", None) or ""
    return str(text).partition(": ")[2].partition(";")[0]


def _reader_left() -> Outcome:
    """The reader closed the pipe; what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Outcome(0, is_read=False)


def _refused_by_the_system(error: OSError) -> Outcome:
    """A file, folder or stream that the system refuses, wherever that was: one line, and nothing was touched."""
    _trace()
    if error.errno == errno.ENOMEM:  # of a mapping or a thread, which have no name
        return Outcome(1, NO_MEMORY)
    what = f"'{os.fsdecode(error.filename)}'" if isinstance(error.filename, str | bytes) else "the answer"
    written = error.errno in NO_ROOM or error.filename is None
    why = error.strerror or str(error)
    return Outcome(1, f"can't {f'write {what}' if written else f'use {what}'}: {why}.")


def _unloaded(error: ImportError) -> Outcome:
    """A library that the system can't load for lack of memory or descriptors; any other is a fault."""
    if any(text in str(error) for text in UNMAPPED):
        return Outcome(1, NO_MEMORY)
    return Outcome(1, NO_DESCRIPTOR) if NO_FILE in str(error) else _unexpected(error)


def _unexpected(error: Exception) -> Outcome:
    _trace()
    return Outcome(1, f"unexpected fault: {type(error).__name__}: {error}. Set EMBGEO_DEBUG=1 to see where.")


def _trace() -> None:
    """Show where the error in hand was raised, to a developer who asks for it."""
    if os.environ.get("EMBGEO_DEBUG"):
        import traceback

        traceback.print_exc()
