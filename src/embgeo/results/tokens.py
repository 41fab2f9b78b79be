"""How texts split into tokens."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text and the tokens it splits into."""

    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Tokens(Answer):
    """How texts split into tokens: all of them, and text by text."""

    tokens: tuple[Token, ...]
    texts: tuple[TokenizedText, ...]
