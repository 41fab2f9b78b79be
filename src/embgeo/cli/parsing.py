"""How a command line is read where Click's own way would surprise: two models, wrong choices, words after `--score`."""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperCommand

from embgeo.errors import UsageError, check_choice

GREEDY: Final = frozenset({"--score"})


class Command(TyperCommand):
    """Refuses a second model where one answers (Click would silently take the last), and words a wrong choice."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse as usual, after a look at what was typed."""
        typed, _, order = self.make_parser(ctx).parse_args([*args])
        if not (ctx.resilient_parsing or typed.get("help")):
            _check(typed, order)
        return super().parse_args(ctx, args)


def _check(typed: dict[str, Any], order: list[Any]) -> None:
    """Check options in the order typed.

    Raises:
        UsageError: a second model, or a value that is not among an option's choices.
    """
    if sum(one.name == "model" and not one.multiple and not one.required for one in order) > 1:
        raise UsageError("two models, and this command asks one", "Give -m once; embgeo eval compares several.")
    for option in order:
        if choices := getattr(option.type, "choices", ()):
            name = max(option.opts, key=len).removeprefix("--").replace("-", " ")
            check_choice(name, typed[option.name], choices)


class GreedyCommand(Command):
    """Rewrites `--score one two` as `--score one --score two`, which Click can parse."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Spread greedy options, then parse as usual."""
        return super().parse_args(ctx, spread(args))


def spread(args: list[str]) -> list[str]:
    """Repeat a greedy option before each of its words; `--` ends it, as it ends every option."""
    result: list[str] = []
    rest = iter(args)
    option = ""
    for arg in rest:
        if arg == "--":
            return [*result, arg, *rest]
        name, equals, first = arg.partition("=")
        if name in GREEDY:
            option = name
            result += [option, first] if equals else []
        elif len(arg) > 1 and arg[0] == "-" and not arg[1].isspace():  # "- king" is an expression
            option = ""
            result.append(arg)
        else:
            result += [option, arg] if option else [arg]
    if option and option not in result:
        result.append(option)  # without a word: Click's own message says so
    return result
