"""What a vocabulary answers: the rows of a term, and a row as a token."""

from __future__ import annotations

from typing import NamedTuple


class VocabularyToken(NamedTuple):
    """A row of the vocabulary.

    Attributes:
        id: number of the row, from 0.
        piece: the vocabulary's own string.
        text: the decoded string.
    """

    id: int
    piece: str
    text: str


class Resolved(NamedTuple):
    """A term and its rows.

    Attributes:
        folded: the word whose rows they are, if only that is in the vocabulary, in other capitals; else empty.
    """

    term: str
    ids: tuple[int, ...]
    folded: str = ""
