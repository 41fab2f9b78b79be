"""A command whose `--score` takes all words up to the next option, wherever it stands in the line."""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperCommand

GREEDY: Final = frozenset({"--score"})


class GreedyCommand(TyperCommand):
    """Rewrites `--score one two` to `--score one --score two`, which is what the parser underneath can read."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Spread what is greedy, then parse as ever."""
        return super().parse_args(ctx, spread(args))


def spread(args: list[str]) -> list[str]:
    """Repeat a greedy option before each of its words; `--` ends it, as it ends all options."""
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
        result.append(option)  # without a word: the parser's own message says so
    return result
