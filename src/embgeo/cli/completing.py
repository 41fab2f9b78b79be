"""Tab completion of a command line: in the system's shell through Click, and in `embgeo shell`.

Typer reads the annotations, so they are not deferred here.
"""

from collections.abc import Iterable
from typing import Any, Final, get_args

import typer

TERMS: Final = frozenset({"TERM", "WORD", "DIRECTION", "A", "B", "C", "D"})  # what help calls a word of the vocabulary


def complete_model(incomplete: str) -> list[str]:
    """Names of models: the aliases, and what is on this machine."""
    from embgeo.models.completion import model_names

    return [name for name in model_names() if name.startswith(incomplete)]


def complete_term(ctx: typer.Context, incomplete: str) -> list[str]:
    """Words of the vocabulary of the model that the line names; in an expression, its last word.

    What was typed stays as it is, even capitals that the model reads as lower case.
    """
    from embgeo.models.completion import words

    given: dict[str, Any] = ctx.params
    if given.get("side") not in (None, "input") or given.get("tensor"):
        return []
    model = given.get("model")
    if isinstance(model, list | tuple):
        model = model[0] if model else None
    before, space, word = incomplete.rpartition(" ")
    return [before + space + word + found[len(word) :] for found in words(model, given.get("revision"), word)]


def complete_terms(annotations: Iterable[Any]) -> None:
    """Let Tab complete words for those parameters whose names in help say that they take words."""
    for annotation in annotations:
        for info in get_args(annotation)[1:]:
            if str(getattr(info, "metavar", "")).strip("[].") in TERMS:
                info.autocompletion = info.autocompletion or complete_term
