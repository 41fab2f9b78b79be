"""How texts split into tokens."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text and its tokens."""

    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Tokens(Answer):
    """How texts split into tokens.

    Attributes:
        tokens: of all texts, in order.
        texts: the same tokens, grouped by text.
    """

    tokens: tuple[Token, ...]
    texts: tuple[TokenizedText, ...]
