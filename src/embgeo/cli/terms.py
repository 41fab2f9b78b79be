"""What a command reads from its line or from a file (terms, words to score, pairs), and several answers as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from embgeo.errors import EmbgeoError, UsageError
from embgeo.results.base import Answer
from embgeo.vocabulary.reading import OPERATORS

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace

ALL: Final = "all"


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


def scored_words(space: EmbeddingSpace, typed: Sequence[str] | None, file: str | None) -> list[str]:
    """The words to score, as typed and from a file."""
    if not (typed or file):
        return []
    from embgeo.formats.lines import STANDARD_INPUT, read_terms
    from embgeo.questions.terms import listed_terms

    if typed == [STANDARD_INPUT]:
        typed, file = None, file or STANDARD_INPUT
    return [*listed_terms(space, typed or ()), *(read_terms(file) if file else ())]


def all_pairs(typed: Sequence[str] | None, file: str | None) -> list[tuple[str, str]]:
    """The pairs that were typed, as A:B, then those of a file."""
    if not (typed or file):
        return []
    from embgeo.formats.pairs import parse_pair, read_pairs

    return [*map(parse_pair, typed or ()), *(read_pairs(file) if file else ())]


def query_count(typed: str) -> int | None:
    """The number that --queries asks for; None for all.

    Raises:
        UsageError: neither a number nor `all`.
    """
    if typed != ALL and not (typed.isascii() and typed.isdigit()):
        raise UsageError(f"'{typed}' is not a number of queries", f"Give a whole number from 1, or {ALL}.")
    return None if typed == ALL else int(typed)


def one_or_several(answers: Iterable[Answer | EmbgeoError]) -> Any:
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
