"""What a vocabulary looks up: the rows of a term, and the token of a row."""

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
        folded: the word with other capitalization whose rows these are, if the vocabulary has only that; else empty.
    """

    term: str
    ids: tuple[int, ...]
    folded: str = ""
