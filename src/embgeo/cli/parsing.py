"""How a command line is parsed where Click's own way would be surprising.

Two models, wrong choices, `- king` (no option), words after `--score`, a file after `--plot`, and the operators of an
analogy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import typer
from typer.core import TyperCommand

from embgeo.cli.forms import PICTURE_SUFFIXES, TERMINAL, UNSUPPORTED_SUFFIXES
from embgeo.errors import UsageError, any_of, check_choice
from embgeo.vocabulary.reading import OPERATORS

# Typer carries its own copy of Click since 0.27; this is Click's base of such errors wherever it lies.
ClickUsage: type[Exception] = typer.BadParameter.__mro__[1]
TYPED, LEFT_OUT = "COMMANDLINE", "DEFAULT"  # Click's names for where a value is from
FORMS: Final = ("form", "json")
GREEDY: Final = frozenset({"--score"})
PLOT: Final = "--plot"
# Options that commands share, by the heading that their help puts them under.
SHARED: Final = {
    "Model options": {
        "model", "revision", "peek", "side", "tensor", "layer", "file_format", "limit", "encoding", "encoding_errors",
        "case", "transforms", "center", "remove_top", "whiten", "inner", "control", "control_seed",
    },
    "Output options": {"form", "json", "quiet", "help"},
}  # fmt: skip
Combinations = Mapping[str, Sequence[str]]  # names of parameters
HIDDEN: Final = "\0"  # can't be typed; hides the minus of an expression from Click


class Command(TyperCommand):
    """Refuses a second model where one answers (Click would silently take the last), and words a wrong choice.

    A text that begins with a minus and a space, or with a negative number and a space, is an expression and no option.
    """

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the command's own options first, then those that commands share, under headings of their own."""
        sections: dict[str, list[tuple[str, str]]] = {name: [] for name in ("Arguments", "Options", *SHARED)}
        for parameter in self.get_params(ctx):
            if record := parameter.get_help_record(ctx):
                own = "Arguments" if parameter.param_type_name == "argument" else "Options"
                shared = (name for name, options in SHARED.items() if parameter.name in options and own == "Options")
                sections[next(shared, own)].append(record)
        for name, records in sections.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)

    def make_parser(self, ctx: Any) -> Any:
        """Click's parser, which doesn't see the minus of `- king` or `-2 * king`."""
        parser = super().make_parser(ctx)
        parse = parser.parse_args

        def parse_args(args: list[str]) -> tuple[dict[str, Any], list[str], list[Any]]:
            with _placed(ctx):
                typed, rest, order = parse([HIDDEN + arg if _is_negative(arg) else arg for arg in args])
            return {name: _shown(value) for name, value in typed.items()}, _shown(rest), order

        parser.parse_args = parse_args  # type: ignore[method-assign]  # Click gives no other way into its parser
        return parser

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse as usual, after a look at what was typed."""
        args = join_plot_files(args, only=not any(one.param_type_name == "argument" for one in self.params))
        typed, _, order = self.make_parser(ctx).parse_args([*args])
        if not (ctx.resilient_parsing or typed.get("help")):
            _check(typed, order)
        rest: list[str] = super().parse_args(ctx, args)
        if [one.name for one in order if one.name in FORMS][-1:] == ["form"]:
            ctx.params["json"] = False  # the last of several counts, as for any option
        return rest


@contextmanager
def _placed(ctx: Any) -> Iterator[None]:
    """Give errors of Click's parser the command that they belong to, which it forgets where a value is missing."""
    try:
        yield
    except ClickUsage as error:
        error.ctx = getattr(error, "ctx", None) or ctx  # type: ignore[attr-defined]
        raise


def _is_negative(arg: str) -> bool:
    """Whether a word is an expression that begins with a minus, and no option."""
    return arg[:1] == "-" and (arg[1:2].isspace() or (arg[1:2].isdecimal() and len(arg.split()) > 1))


def join_plot_files(args: list[str], *, only: bool = False) -> list[str]:
    """Join --plot and the file after it, if there is one: `--plot cat.svg`; alone, it draws in the terminal.

    Args:
        only: whether nothing but a file can stand there, since the command takes no terms.
    """
    found: list[str] = []
    for at, arg in enumerate(args):
        if arg == "--":
            return found + args[at:]
        if arg == PLOT:
            found.append(f"{PLOT}={TERMINAL}")
        elif at and args[at - 1] == PLOT and (_is_picture(arg) or (only and not arg.startswith("-"))):
            found[-1] = f"{PLOT}={arg}"
        else:
            found.append(arg)
    return found


def _is_picture(arg: str) -> bool:
    """Whether a word names a picture or a folder, and no term."""
    return arg.lower().endswith((*PICTURE_SUFFIXES, *UNSUPPORTED_SUFFIXES, "/"))


def _check(typed: dict[str, Any], order: list[Any]) -> None:
    """Check options in the order typed.

    Raises:
        UsageError: a second model, or a value that is not among an option's choices.
    """
    if sum(one.name == "model" and not one.multiple and not one.required for one in order) > 1:
        raise UsageError("two models, and this command asks one", "Give -m once.")
    for option in order:
        if choices := getattr(option.type, "choices", ()):
            name = max(option.opts, key=len).removeprefix("--").replace("-", " ")
            check_choice(name, typed[option.name], choices)


def check_combined(context: Any, goes_with: Combinations, excludes: Combinations) -> None:
    """Refuse an option that was typed and would change nothing.

    One that `:set` gives to every command that has it isn't typed, and is never refused.

    Args:
        context: of the command.
        goes_with: options, and the parameters of which one has to be given with each.
        excludes: options, and those that change nothing next to each.

    Raises:
        UsageError: an option without those that it goes with, or two that exclude each other.
    """
    sources = {one.name: getattr(context.get_parameter_source(one.name), "name", "") for one in context.command.params}
    for option, others in goes_with.items():
        if sources[option] == TYPED and all(sources[other] == LEFT_OUT for other in others):
            name, first = _spelled(context, option), _spelled(context, others[0], value=True)
            needed = any_of([_spelled(context, other) for other in others])
            raise UsageError(f"{name} goes with {needed}", f"Add {first}, or leave out {name}.")
    for option, others in excludes.items():
        for other in others:
            if sources[option] == sources[other] == TYPED:
                both = f"{_spelled(context, option)} and {_spelled(context, other)}"
                raise UsageError(f"{both} can't be combined", "Omit one.")


def _spelled(context: Any, name: str, *, value: bool = False) -> str:
    """An option's name as typed, with a value or what help calls it; of an argument what help calls it."""
    (parameter,) = (one for one in context.command.params if one.name == name)
    metavar = str(parameter.metavar or "").strip("[]")
    if parameter.param_type_name == "argument":
        return f"a {metavar}"
    shown = next(iter(getattr(parameter.type, "choices", ())), metavar)
    return f"{max(parameter.opts, key=len)} {shown if value and not parameter.is_flag else ''}".rstrip()


def _shown(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_shown(one) for one in value)
    return value.removeprefix(HIDDEN) if isinstance(value, str) else value


class AnalogyCommand(Command):
    """Reads `king - man + woman`, typed as one word or as five, as A, B and C."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the operators out, then parse as usual."""
        typed, rest, _ = self.make_parser(ctx).parse_args([*args])
        words = [*(typed[name] for name in "abc" if typed.get(name) is not None), *rest]
        if len(words) == 5 and [OPERATORS.get(words[1]), OPERATORS.get(words[3])] == ["-", "+"]:
            args = [arg for arg in args if arg not in (words[1], words[3])]
        elif len(words) == 1 and len(words[0].split()) > 1:
            at = args.index(words[0])
            args = [*args[:at], *_three(words[0]), *args[at + 1 :]]
        return super().parse_args(ctx, args)


def _three(text: str) -> list[str]:
    """The terms of `king - man + woman`; any other text as it is.

    Raises:
        TermError: a malformed expression.
        UsageError: an expression of another form.
    """
    from embgeo.vocabulary.expression import is_expression, parse

    if not is_expression(text):
        return [text]
    terms = parse(text)
    if [term.weight for term in terms] != [1, -1, 1]:
        raise UsageError(f"'{text}' is not of the form A - B + C", f"For any other sum: embgeo neighbors '{text}'")
    return [term.term for term in terms]


class GreedyCommand(Command):
    """Rewrites `--score one two` as `--score one --score two`, which Click can parse."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Spread greedy options, then parse as usual."""
        return super().parse_args(ctx, repeat_greedy(args))


def repeat_greedy(args: list[str]) -> list[str]:
    """Repeat a greedy option before each of its words; `--` ends it, as it ends every option."""
    result: list[str] = []
    named: list[str] = []
    rest = iter(args)
    option = ""
    for arg in rest:
        if arg == "--":
            return [*result, arg, *rest]
        name, equals, first = arg.partition("=")
        if name in GREEDY:
            option = name
            named.append(name)
            result += [option, first] if equals else []
        elif len(arg) > 1 and arg[0] == "-" and not _is_negative(arg):
            option = ""
            result.append(arg)
        else:
            result += [option, arg] if option else [arg]
    return result + [one for one in named if one not in result][:1]  # without a word: Click's own message says so
