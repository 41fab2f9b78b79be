"""The command line that asks the same question again, also where a shell or the environment said a part of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import typer

from embgeo.cli.parsing import SHARED
from embgeo.results.local_paths import command_line

LIKE_TYPED: Final = "DEFAULT_MAP"  # Click's name for what a shell has set
END: Final = "--"  # after it there are no options


def repeated(context: typer.Context, model: str) -> str:
    """The command as typed, without the folders of its files, and the options that it was answered with besides.

    Args:
        model: that answered, which the command then names if nobody did.
    """
    typed: list[str] = [*(context.find_root().obj or ())]
    end = typed.index(END) if END in typed else len(typed)
    return command_line(["embgeo", *typed[:end], *_unsaid(context, model), *typed[end:]])


def _unsaid(context: typer.Context, model: str) -> Iterator[str]:
    for parameter in context.command.params:
        name, value = parameter.name or "", context.params.get(parameter.name or "")
        if parameter.param_type_name != "option" or name in SHARED["Output options"]:
            continue
        if name == "model" and not value:
            yield from ("-m", model) if model else ()
        elif getattr(context.get_parameter_source(name), "name", "") == LIKE_TYPED:
            yield from _spelled("-m" if name == "model" else max(parameter.opts, key=len), value)


def _spelled(option: str, value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list | tuple) else [value]:
        if one is True:
            yield option
        elif one is not None and one is not False:
            yield from (option, str(one))
