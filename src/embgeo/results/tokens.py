"""How texts split into tokens."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token
from embgeo.results.records import Record, as_data


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

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return " · ".join(text.text for text in self.texts)

    def records(self) -> list[Record]:
        """A row for each token, with the text that it is from."""
        return [{"of": text.text, **as_data(token)} for text in self.texts for token in text.tokens]
