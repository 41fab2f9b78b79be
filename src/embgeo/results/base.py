"""Tokens and terms, and what every answer says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Token:
    """A row of the vocabulary: its number, the vocabulary's own string, and what that decodes to."""

    id: int
    piece: str
    text: str


@dataclass(frozen=True, slots=True)
class Term:
    """One vector of a question: what was typed, its weight, and the tokens that stand for it."""

    term: str
    weight: float
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A question as text, and the terms it was read as."""

    text: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What every answer says of itself.

    Attributes:
        transform: the transformation of the space that was asked, as in `transform.Transform.name`; empty for the
            model's own rows, and then not in JSON.
    """

    command: str
    model: str
    revision: str
    dtype: str
    notes: tuple[str, ...]
    transform: str = field(default="", kw_only=True)
