"""Several terms for one command: typed, or from a file; and their answers together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from embgeo.errors import EmbgeoError, UsageError
from embgeo.results.base import Answer
from embgeo.vocabulary.operators import OPERATORS


def all_terms(typed: Sequence[str] | None, file: str | None, example: str) -> list[str]:
    """The terms that were typed, then those of a file (`-` is standard input).

    Operators among those typed make them one expression: king - man + woman needs no quotes.

    Raises:
        UsageError: there are none, or the file can't be read.
    """
    terms = list(typed or ())
    if len(terms) > 1 and not OPERATORS.keys().isdisjoint(terms):
        terms = [" ".join(terms)]
    if file:
        from embgeo.formats.lines import read_terms

        terms += read_terms(file)
    if not terms:
        raise UsageError("a term is missing", f"As in: {example}")
    return terms


def together(answers: Iterable[Answer | EmbgeoError]) -> Any:
    """One answer as it is; several as one.

    Raises:
        EmbgeoError: the first of those among the answers.
    """
    found: list[Answer] = []
    for answer in answers:
        if isinstance(answer, EmbgeoError):
            raise answer
        found.append(answer)
    if len(found) == 1:
        return found[0]
    from embgeo.results.several import Several

    notes = tuple(dict.fromkeys(note for answer in found for note in answer.notes))
    return Several(found[0].command, notes, tuple(found))
