"""What can be typed at the cursor: commands, options and their values, models, files, words of the vocabulary."""

from __future__ import annotations

import glob
import io
import os
import shlex
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from embgeo.cli.completing import TERMS, complete_model
from embgeo.cli.parsing import GREEDY
from embgeo.cli.shell.reading import OPTION, PART, names_a_command
from embgeo.cli.shell.session import CONTROLS, OFF, Session, options_named
from embgeo.cli.startup import command_names, is_command, parser
from embgeo.errors import EmbgeoError

FILES: Final = frozenset({"FILE", "OUT"})  # what help calls a file
DEFAULT_COMMAND: Final = "neighbors"  # the command of a line that names none


class Candidate(NamedTuple):
    """A completion.

    Attributes:
        text: replaces what was typed.
        length: how many characters before the cursor that is.
        meaning: from the help; may be empty.
    """

    text: str
    length: int
    meaning: str = ""


def candidates(session: Session, typed: str) -> list[Candidate]:
    """The completions of the text before the cursor."""
    typed = typed.lstrip()
    first, space, rest = typed.partition(" ")
    if typed.startswith(":"):
        return _controls(typed)
    if not space:
        commands = [Candidate(name, len(typed)) for name in (*command_names(), "help") if name.startswith(typed)]
        return commands + (_of_command(session, DEFAULT_COMMAND, [], typed) if typed else [])
    if first == "help":
        return [Candidate(name, len(rest)) for name in command_names() if name.startswith(rest)]
    if names_a_command(typed):
        return _of_command(session, first, *_split(rest)) if is_command(first) else []
    expression = next((part.start() for part in PART.finditer(typed) if OPTION.match(part[0])), len(typed))
    if typed[expression:]:
        args, incomplete, length = _split(typed[expression:])
        return _of_command(session, DEFAULT_COMMAND, [typed[:expression], *args], incomplete, length)
    return _of_command(session, DEFAULT_COMMAND, [], typed.rpartition(" ")[2].lstrip("("))


def _split(typed: str) -> tuple[list[str], str, int]:
    """Finished words; the word that the cursor is in, empty after a space; and its length as typed, with quotes."""
    stream = io.StringIO(typed)
    lex = shlex.shlex(stream, posix=True)
    lex.whitespace_split, lex.commenters = True, ""
    words: list[str] = []
    start = 0
    try:
        while (word := lex.get_token()) is not None:
            if stream.tell() == len(typed) and not typed[-1].isspace():
                return words, word, len(typed[start:].lstrip())
            words.append(word)
            start = stream.tell()
    except ValueError:  # within quotes
        return words, lex.token, len(typed[start:].lstrip())
    return words, "", 0


def _of_command(
    session: Session, name: str, args: list[str], incomplete: str, length: int | None = None
) -> list[Candidate]:  # fmt: skip
    """What a command takes next.

    Args:
        length: of the incomplete word as typed, if it is cut as a system's shell cuts it.
    """
    command, defaults = parser(name).commands[name], session.defaults(name, models=session.models[:1])[name]
    while hasattr(command, "commands") and args:
        name, *args = args
        if name not in command.commands:
            return []
        command, defaults = command.commands[name], defaults[name]
    with suppress(EmbgeoError, TypeError, ValueError):  # what was typed so far makes no sense
        context = command.make_context(name, [*args], resilient_parsing=True, default_map=defaults)
        taker = _parameter_at(context, args, incomplete)
        if taker is None:
            return []
        found = [(item.value, item.help or "") for item in taker.shell_complete(context, incomplete)]
        if not found and _is_file(taker):
            found = [(path, "") for path in _files(incomplete)]
        if _named(taker) in TERMS or length is None:
            return _placed(found, incomplete)
        return _quoted(found, length)
    return []


def _parameter_at(context: Any, args: list[str], incomplete: str) -> Any:
    """The option or argument that the next word belongs to; the command itself for the name of an option."""
    if incomplete.startswith("-"):
        return context.command
    parameters = context.command.get_params(context)
    last = args[-1:] + [arg for arg in args if OPTION.match(arg)][-1:]
    for one in parameters:
        if last and (last[0] in one.opts or (last[-1] in one.opts and last[-1] in GREEDY)) and _takes_value(one):
            return one
    for one in parameters:
        given = getattr(context.get_parameter_source(one.name), "name", "") == "COMMANDLINE"
        if one.param_type_name == "argument" and (one.nargs == -1 or not given):
            return one
    return context.command if hasattr(context.command, "commands") else None


def _takes_value(parameter: Any) -> bool:
    """Whether it is an option with a value."""
    return parameter.param_type_name == "option" and not parameter.is_flag


def _is_file(taker: Any) -> bool:
    return _named(taker) in FILES


def _named(taker: Any) -> str:
    """What help calls the value of an option or argument."""
    return str(getattr(taker, "metavar", "")).strip("[].")


def _files(incomplete: str) -> list[str]:
    """Files and folders whose names begin so; a folder ends in a slash."""
    found = glob.glob(glob.escape(os.path.expanduser(incomplete)) + "*")  # noqa: PTH111, PTH207  # text in, text out
    return [f"{path}{os.sep}" if os.path.isdir(path) else path for path in sorted(found)]  # noqa: PTH112


def _placed(found: Iterable[tuple[str, str]], incomplete: str) -> list[Candidate]:
    """Texts for the whole of a word, cut to what comes after its last space, as in an expression."""
    before, space, word = incomplete.rpartition(" ")
    return [Candidate(text.removeprefix(before + space), len(word), meaning) for text, meaning in found]


def _quoted(found: Iterable[tuple[str, str]], length: int) -> list[Candidate]:
    """Names in quotes where they need them; none that can't be typed."""
    return [Candidate(shlex.quote(name), length, meaning) for name, meaning in found if name.isprintable()]


def _controls(typed: str) -> list[Candidate]:
    """`:` and its words."""
    name, *words = typed.removeprefix(":").split(" ")
    if not words:
        return [Candidate(f":{one}", len(typed)) for one in CONTROLS if one.startswith(name)]
    last, found = words[-1], list[str]()
    if name == "model":
        _, beginning, length = _split(typed.partition(" ")[2])
        return _quoted(((model, "") for model in complete_model(beginning)), length)
    if name == "set" and len(words) == 1:
        found = sorted({opt.removeprefix("--") for one in options_named(parser(""), None) for opt in one.opts})
    elif name == "set" and len(words) == 2:
        options = options_named(parser(""), words[0].removeprefix("--"))
        found = [OFF, *dict.fromkeys(choice for one in options for choice in getattr(one.type, "choices", ()))]
    return [Candidate(one, len(last)) for one in found if one.startswith(last) and not one.startswith("-")]
