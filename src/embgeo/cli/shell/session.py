"""What a shell remembers between lines: the models that answer, and the options that were set."""

from __future__ import annotations

import contextlib
import functools
import io
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, Final

from embgeo.cli import output, spaces
from embgeo.cli.main import HELP, answer
from embgeo.cli.progress import progress
from embgeo.cli.shell.reading import arguments_of, words_of
from embgeo.cli.startup import command_names, parser
from embgeo.errors import UsageError, any_of, check_choice

HELP_TEXT: Final = """A line is a command line without "embgeo". A word or an expression alone asks
for its neighbors.

  cat
  king - man + woman -k 5
  analogy king man woman

  :model [MODEL]...       which models answer
  :set [OPTION [VALUE]]   an option for the lines that follow, as in
                          :set format json, :set words, :set words off
  :help                   this
  help [COMMAND]          what there is to ask, and what a command takes
  :quit, or Ctrl-D        leave; Ctrl-C ends a question

The commands:
{commands}
"""
CONTROLS: Final = ("model", "set", "help", "quit")
QUIT_COMMANDS: Final = ("quit", "exit")
REPLACING_COMMANDS: Final = ("pull", "models")  # commands after which a name may stand for another matrix
OFF, ON = "off", "on"


class Session:
    """A shell's state.

    Attributes:
        models: those that answer where a line names none; none: as outside of the shell.
        options: what `:set` has set, by the option's long name without its dashes.
        has_ended: whether a line asked to leave.
    """

    def __init__(self) -> None:
        self.models: list[str] = []
        self.options: dict[str, str | bool] = {}
        self.has_ended = False

    def answer(self, line: str) -> int:
        """Answer a line; returns the exit code that its command would have.

        Raises:
            what `attempt` catches.
        """
        line = line.strip()
        if not line or line.startswith("#"):
            return 0
        if line.startswith(":") or line in QUIT_COMMANDS:
            self._control(line)
            return 0
        arguments = arguments_of(line)
        if arguments[0] == "help" or HELP & set(arguments):
            return _help(arguments)
        try:
            return answer(arguments, self.defaults(arguments[0]))
        finally:
            if arguments[0] in REPLACING_COMMANDS:
                spaces.forget_all()

    def ask(self, models: Sequence[str]) -> None:
        """Let these models answer from here on, if all of them can be opened.

        Raises:
            as `embgeo.load`.
        """
        with progress(quiet=False) as report:
            for name in models:
                spaces.load(name, report=report)
        self.models = list(models)

    def defaults(self, name: str, *, models: Sequence[str] | None = None) -> dict[str, Any]:
        """The values of a command's options that a line needn't give, in the form of Click's `default_map`.

        Args:
            models: in place of the shell's own.
        """
        return self._defaults(parser(name), self.models if models is None else models)

    def _defaults(self, command: Any, models: Sequence[str]) -> dict[str, Any]:
        if hasattr(command, "commands"):
            return {name: self._defaults(one, models) for name, one in command.commands.items()}
        found: dict[str, Any] = {}
        for parameter in command.params:
            if parameter.name == "model" and models and not parameter.required:
                found["model"] = models if _takes_several(parameter) else functools.partial(_only, models)
            name = next((name for name in self.options if f"--{name}" in parameter.opts), None)
            if name is not None:
                value = self.options[name]
                found[parameter.name] = [value] if _takes_several(parameter) else value
        return found

    def _control(self, line: str) -> None:
        name, *words = words_of(line.removeprefix(":")) or [""]
        if name in QUIT_COMMANDS:
            self.has_ended = True
            return
        does: dict[str, Callable[[list[str]], None]] = {"model": self._model, "set": self._set, "help": self._explain}
        if name not in does:
            raise UsageError(f"there is no ':{name}'", f"There is {any_of([f':{one}' for one in CONTROLS])}.")
        does[name](words)

    def _explain(self, _words: list[str]) -> None:
        listed = textwrap.fill(", ".join(command_names()), 78, initial_indent="  ", subsequent_indent="  ")
        output.write_text(HELP_TEXT.format(commands=listed))

    def _model(self, names: list[str]) -> None:
        """`:model A B`; alone it says which models answer."""
        if names:
            self.ask(names)
        named = ", ".join(self.models)
        output.notes([f"{named} will answer" if named else "no model is named: the default answers"])

    def _set(self, words: list[str]) -> None:
        """`:set format json`; `:set words`; `:set words off`; `:set` alone says what is set."""
        if words:
            name, value = words[0].removeprefix("--"), " ".join(words[1:])
            if name == "json" and value in ("", ON):
                name, value = "format", "json"
            options = options_named(parser(""), name)
            if not options or name == "model":
                hint = ":model MODEL" if name == "model" else "Name one by its long name, as in :set format json."
                raise UsageError(f"there is no option '--{name}' to set", hint)
            if value == OFF:
                self.options.pop(name, None)
            else:
                self.options[name] = _value(options, name, value)
        listed = [f"--{name}" if value is True else f"--{name} {value}" for name, value in self.options.items()]
        output.notes([f"set: {', '.join(listed) or 'nothing'}"])


def _help(arguments: list[str]) -> int:
    """Print the help of a command, which Click writes by itself, as other long text is printed: in pages."""
    with contextlib.redirect_stdout(io.StringIO()) as text:
        code = answer(arguments)
    output.write_text(text.getvalue())
    return code


def options_named(command: Any, name: str | None) -> list[Any]:
    """Every option of this long name, of a command and those below it; of any name for None."""
    if hasattr(command, "commands"):
        return [found for one in command.commands.values() for found in options_named(one, name)]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    return [option for option in options if name is None or f"--{name}" in option.opts]


def _only(models: Sequence[str]) -> str:
    """The model for a command that asks one.

    Raises:
        UsageError: there are several.
    """
    if len(models) > 1:
        raise UsageError(f"this command asks one model, not {len(models)}", "Name it: -m MODEL")
    return models[0]


def _value(options: list[Any], name: str, typed: str) -> str | bool:
    """The value of an option, as typed; True for one that takes none.

    Raises:
        UsageError: no command takes this value.
    """
    if options[0].is_flag:
        if typed not in ("", ON):
            raise UsageError(f"--{name} takes no value", f"Write :set {name}, or :set {name} off.")
        return True
    if not typed:
        raise UsageError(f"--{name} needs a value", f"As in: :set {name} VALUE")
    choices = {choice for option in options for choice in getattr(option.type, "choices", ())}
    if choices:
        check_choice(name, typed, sorted(choices))
    else:
        options[0].type(typed)  # Click says what is wrong with it
    return typed


def _takes_several(parameter: Any) -> bool:
    return bool(parameter.multiple) if parameter.param_type_name == "option" else parameter.nargs != 1
