"""The text of docs/reference.md: what every command says of itself, as it is printed on 80 columns.

It is written and checked by tools/readme.py. Other versions of Typer lay the same help out otherwise, so the page is
kept as the one below prints it; tests/test_reference.py checks under every version that nothing is missing.
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
    """Every command as it is typed after `embgeo`, groups before what is in them; the program itself first."""
    return _paths((), typer.main.get_command(program("")))


def page(run: Callable[[list[str]], str]) -> str:
    """The page.

    Args:
        run: runs a command line and returns what it prints on 80 columns.
    """
    return HEAD + "".join(_section(path, run) for path in command_paths())


def is_laid_out() -> bool:
    """Whether the Typer that is installed lays help out as the page has it."""
    return version("typer").startswith(TYPER)


def _paths(path: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from _paths((*path, name), child)


def _section(path: tuple[str, ...], run: Callable[[list[str]], str]) -> str:
    name = " ".join(("embgeo", *path))
    printed = run([sys.executable, "-m", "embgeo", *path, "--help"])
    return f"\n## {name}\n\n```console\n$ {name} --help\n{printed}```\n"
