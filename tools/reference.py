"""The text of docs/reference.md: the help of every command at 80 columns.

tools/readme.py writes and checks it. The layout of help depends on the version of Typer; the page has that of the
version below, and tests/test_reference.py checks with every version that no command or option is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any, Final

import typer.main

from embgeo.cli.startup import program

TYPER: Final = "0.28."
HEAD: Final = """# Reference

Every command's own help, as `embgeo COMMAND --help` prints it. This page is made by `python tools/readme.py` and
checked by CI. The [README](../README.md) says what terms, expressions and models are.

Answers go to stdout; progress, notes and warnings to stderr. Exit codes:

| code | means |
|---|---|
| 0 | answered |
| 1 | an unexpected fault |
| 2 | wrong usage |
| 3 | a word or an expression that the model doesn't understand |
| 4 | a model that is not found, not readable, refused, or lacks what was asked for |
| 5 | the network |
| 130 | interrupted |
"""


def command_paths() -> Iterator[tuple[str, ...]]:
    """Every command's words after `embgeo`, groups before their commands; the program itself comes first."""
    return _paths((), typer.main.get_command(program("")))


def page(run: Callable[[list[str]], str]) -> str:
    """The page.

    Args:
        run: runs a command line and returns its output at 80 columns.
    """
    return HEAD + "".join(_section(path, run) for path in command_paths())


def is_laid_out() -> bool:
    """Whether the installed Typer has the layout of the page."""
    return version("typer").startswith(TYPER)


def _paths(path: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from _paths((*path, name), child)


def _section(path: tuple[str, ...], run: Callable[[list[str]], str]) -> str:
    name = " ".join(("embgeo", *path))
    printed = run([sys.executable, "-m", "embgeo", *path, "--help"])
    return f"\n## {name}\n\n```console\n$ {name} --help\n{printed}```\n"
