"""Answers of several models to one question, next to each other, and what their lists share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from embgeo.errors import UsageError
from embgeo.results.base import Answer, Token
from embgeo.results.several import Several
from embgeo.results.side_by_side import SharedWord, SideBySide, Unanswered, parts_of

LISTS: Final = ("results", "top", "bottom")  # where answers keep their ranked tokens
CONTINUES: Final = "##"


def side_by_side(answers: Iterable[Answer | Several]) -> SideBySide:
    """Several models' answers to one question as one answer, with the words that their lists share.

    Words are compared as lists fold them: without space marks, in small letters.

    Args:
        answers: one for each model, all of one kind, as in `[space.neighbors("cat") for space in spaces]`.

    Raises:
        UsageError: no answer, or answers to different questions.

    >>> from embgeo import load, side_by_side
    >>> both = [load("minilm"), load("minilm", transform="center")]
    >>> side_by_side(one.neighbors("cat", k=3) for one in both).shared[0]
    SharedWord(query='cat', list='results', word='cats', ranks=(1, 1))
    """
    models = tuple(answers)
    commands = {answer.command for answer in models}
    if len(commands) != 1:
        found = f"answers to {', '.join(sorted(commands))}" if commands else "no answers"
        raise UsageError(f"{found} can't be shown side by side", "Give each model's answer to the same question.")
    (command,) = commands
    shared = [word for one in by_term(models) for key in LISTS for word in _shared(one, key)]
    listed = any(hasattr(part, key) for answer in models for part in parts_of(answer) for key in LISTS)
    return SideBySide(command, models, tuple(shared) if listed else None)


def by_term(models: Sequence[Answer | Several]) -> Iterator[tuple[Answer, ...]]:
    """The models' answers for each term, of several; a model without an answer has none for any term."""
    terms = max(len(parts_of(answer)) for answer in models)
    for number in range(terms):
        yield tuple(parts[min(number, len(parts) - 1)] for parts in map(parts_of, models))


def _shared(answers: Sequence[Answer], key: str) -> list[SharedWord]:
    """The words in more than one of the lists under a key: those in most lists first, by their ranks."""
    places = [_ranks(getattr(answer, key, ())) for answer in answers]
    words = dict.fromkeys(word for ranks in places for word in ranks)
    query = next((answer.heading for answer in answers if not isinstance(answer, Unanswered)), "")
    found = [SharedWord(query, key, word, tuple(ranks.get(word) for ranks in places)) for word in words]
    several = [one for one in found if _count(one) > 1]
    return sorted(several, key=lambda one: (-_count(one), sum(filter(None, one.ranks))))


def _ranks(listed: Iterable[Any]) -> dict[str, int]:
    """The best rank of each word in a list of tokens."""
    ranks: dict[str, int] = {}
    for token in listed:
        if isinstance(token, Token):  # those of other answers are passages, or columns of a spectrum
            ranks.setdefault(_word(token), token.rank)  # type: ignore[attr-defined]  # as all listed tokens have
    return ranks


def _word(token: Token) -> str:
    """A token's text without the marks of any tokenizer: a space before or after it, or the ## of a piece."""
    bare = token.text.strip(" ") or token.text
    piece = bare.removeprefix(CONTINUES)
    return (piece if piece.isalnum() else bare).casefold()


def _count(word: SharedWord) -> int:
    return sum(rank is not None for rank in word.ranks)
