"""From a line of the shell to the arguments of a command."""

from __future__ import annotations

import re
import shlex
from difflib import get_close_matches
from typing import Final

from embgeo.cli.app import GUESSES
from embgeo.cli.startup import command_names, is_command
from embgeo.errors import UsageError
from embgeo.vocabulary.expression import is_expression
from embgeo.vocabulary.reading import OPERATORS

PART: Final = re.compile(r"""("[^"]*"|'[^']*')(?!\S)|\S+""")
OPTION: Final = re.compile(r"--?[A-Za-z]")
PASTED: Final = re.compile(r"(\$ +)?(embgeo +)?")
MIN_RATIO: Final = 0.8  # difflib's ratio from which the first of several words is taken for a command


def arguments_of(line: str) -> list[str]:
    """The arguments of the command that a line names, or of `neighbors`.

    A leading `embgeo` or `$ embgeo` is left out, so that pasted commands run.

    Raises:
        UsageError: a quote without an end, or a character that no command line of a system can hold.
    """
    if "\0" in line:
        raise UsageError("a NUL character, which no word and no file's name has", "Leave it out.")
    line = PASTED.sub("", line.strip(), count=1)
    return words_of(line) if names_a_command(line) else _bare(line)


def names_a_command(line: str) -> bool:
    """Whether a line names a command, or seems to mean one; else it is an expression for `neighbors`."""
    first, *others = line.split() or [""]
    if len(others) > 1 and others[0] in OPERATORS and is_expression(line):
        return False  # `map - territory`
    if is_command(first) or first in ("help", "") or OPTION.match(first):
        return True
    if not others or is_expression(line) or OPTION.match(others[0]):
        return False
    return any(first.lower() in names for names in GUESSES.values()) or bool(
        get_close_matches(first.lower(), command_names(), 1, MIN_RATIO)
    )


def words_of(line: str) -> list[str]:
    """A line cut as a system's shell cuts it.

    Raises:
        UsageError: a quote without an end.
    """
    try:
        return shlex.split(line)
    except ValueError:
        raise UsageError(
            f"a quote without an end: {line}", "Put a word with an apostrophe between double quotes."
        ) from None


def _bare(line: str) -> list[str]:
    """`neighbors` of an expression, whose quotes are its own, and the options after it.

    Quotes around the whole of it that hold quotes or an operator are those that a system's shell would take off.
    """
    end = next((part.start() for part in PART.finditer(line) if OPTION.match(part[0])), len(line))
    term = line[:end].strip()
    inner = term[1:-1]
    if len(term) > 2 and term[0] == term[-1] == "'" and "'" not in inner and ('"' in inner or is_expression(inner)):
        term = inner
    return ["neighbors", term, *words_of(line[end:])]
