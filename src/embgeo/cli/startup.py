"""What makes a warm command start fast. Each measure pays off: see `python bench/warm.py`.

1. The garbage collector is off during imports: what is imported lives until the end.
2. Only the command that was typed is imported and built: Typer builds the parameters of every command that it knows,
   and for all of them that takes a tenth of a warm command's time.
3. NumPy is imported from a shallow stack.
4. What every command imports makes few dataclasses (half a millisecond each; a NamedTuple takes a tenth of that) and
   compiles no pattern before it is used. What only type checkers, errors or the first run need is imported there.
5. The process ends without shutting down the interpreter, which would take a sixth of a warm command's time.
"""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    import typer

COMPLETION_VARIABLE: Final = "_EMBGEO_COMPLETE"  # set by the scripts that a system's shell runs at Tab
BLAS_BYTES: Final = 33 << 20  # OpenBLAS's buffer takes 32 MB of address space, and little memory
COMMANDS = Path(__file__).parent / "commands"


@contextmanager
def uncollected_imports() -> Iterator[None]:
    """Import without garbage collection, and never look at what was imported again."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def is_command(name: str) -> bool:
    """Whether there is a command of this name: each has a file of its own."""
    return name.isidentifier() and (COMMANDS / f"{name}.py").is_file()


def command_names() -> list[str]:
    """Every command's name, in alphabetical order."""
    return sorted(path.stem for path in COMMANDS.glob("[a-z]*.py"))


def program(name: str) -> typer.Typer:
    """The program: for the name of a command with that command alone, else with all."""
    import copy

    from embgeo.cli.app import app

    wanted = [name] if is_command(name) else command_names()
    for one in wanted:
        import_module(f"embgeo.cli.commands.{one}")  # importing it registers the command
    small = copy.copy(app)
    registered = {info.name or getattr(info.callback, "__name__", ""): info for info in app.registered_commands}
    small.registered_commands = [registered[one] for one in wanted if one in registered]
    small.registered_groups = [group for group in app.registered_groups if group.name in wanted]
    return small


def parser(name: str) -> Any:
    """Click's form of `program`. A shell asks for the same ones again and again."""
    return _parser(name if is_command(name) else "")


@functools.cache
def _parser(name: str) -> Any:
    from typer.main import get_command

    return get_command(program(name))


def completed_command() -> str:
    """The command of the line that a system's shell is completing, as Click's scripts tell it; else empty."""
    typed = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    name = "".join(typed.split()[1:2])
    return name if COMPLETION_VARIABLE in os.environ and typed.split()[2:] and is_command(name) else ""


@functools.cache
def import_numpy() -> None:
    """Import NumPy while few calls are open, and take its memory for products; once in a process.

    Python 3.11 keeps calls in chunks of 16 KB, and a call that straddles two of them maps and unmaps memory. From
    inside a question NumPy's own imports do so 700 times.

    OpenBLAS takes a buffer at the first product of any size and keeps it. Where it gets none it ends the process; so it
    takes it here, after a look whether there is room.

    Raises:
        MemoryError: there is no room for the buffer.
    """
    import mmap

    import numpy as np

    try:
        mmap.mmap(-1, BLAS_BYTES).close()
    except OSError:
        raise MemoryError from None
    np.zeros((600, 4), np.float32) @ np.zeros(4, np.float32)  # [600, 4] @ [4] is large enough to need it


def end_process(code: int) -> NoReturn:
    """End the process at once. Everything must be written and closed."""
    os._exit(code)
