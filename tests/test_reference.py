"""docs/reference.md names exactly the commands and options that the program has."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from conftest import Run
from embgeo.cli.startup import program
from reference import command_paths, is_laid_out

PAGE = Path(__file__).parent.parent / "docs" / "reference.md"
SECTION = re.compile(r"^## (embgeo.*?)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)


def sections() -> dict[str, str]:
    """The page's text under each heading."""
    return dict(SECTION.findall(PAGE.read_text(encoding="utf-8")))


def commands(name: str, command: Any) -> dict[str, Any]:
    """A command, and its subcommands if it is a group, by their full names."""
    inside = getattr(command, "commands", {})
    return {name: command, **{k: v for child in inside for k, v in commands(f"{name} {child}", inside[child]).items()}}


PROGRAM = commands("embgeo", typer.main.get_command(program("")))


def test_headings_are_the_commands() -> None:
    """The headings of the page are the commands of the program, in the same order."""
    assert list(sections()) == list(PROGRAM)
    assert [" ".join(("embgeo", *path)) for path in command_paths()] == list(PROGRAM)


@pytest.mark.parametrize("name", PROGRAM)
def test_no_option_is_missing(name: str) -> None:
    """Each section names every option of its command, whichever version of Typer is installed."""
    text = sections()[name]
    for parameter in (one for one in PROGRAM[name].params if not getattr(one, "hidden", False)):
        for option in (option for option in parameter.opts if option.startswith("--")):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", text), option


def test_quoted_help_fits_80_columns() -> None:
    """Quoted help has at most 80 columns and no colors."""
    quoted = [line for text in sections().values() for line in text.split("```console\n")[1].splitlines()]
    assert [line for line in quoted if len(line) > 80 or not line.isprintable()] == []


@pytest.mark.skipif(not is_laid_out(), reason="the page has the layout of Typer 0.28")
@pytest.mark.parametrize("name", ["embgeo", "embgeo neighbors", "embgeo models rm"])
def test_quoted_help_is_up_to_date(name: str, run: Run) -> None:
    """A section quotes its command's help exactly (`python tools/readme.py --check` compares all of them)."""
    printed = run(*shlex.split(name)[1:], "--help").stdout
    assert f"```console\n$ {name} --help\n{printed}```" in sections()[name]
