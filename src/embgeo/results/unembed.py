"""The likeliest tokens for a vector: logits and probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from embgeo.results.base import Answer, Query, Token
from embgeo.results.records import Record, as_data


@dataclass(frozen=True, slots=True)
class LikelyToken(Token):
    """A likely token.

    Attributes:
        rank: from 1.
        logit: dot product with the token's unembedding row.
        probability: from 0 to 1, by the softmax over all tokens.
    """

    rank: int
    logit: float
    probability: float


@dataclass(frozen=True, slots=True)
class Unembedded(Answer):
    """The likeliest tokens for a vector; a sequence of `LikelyToken`.

    Attributes:
        query: the term of the vector.
        unembedding: name of the unembedding matrix.
        tied: whether that is also the embedding; None where the embedding only stands in for it.
        temperature: of the softmax, from 0.
        entropy: of the probabilities of all tokens, in nats.
        results: likeliest first.
    """

    query: Query
    unembedding: str
    tied: bool | None
    temperature: float
    entropy: float
    results: tuple[LikelyToken, ...]

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, index: int) -> LikelyToken:
        return self.results[index]

    def __iter__(self) -> Iterator[LikelyToken]:
        return iter(self.results)

    @property
    def heading(self) -> str:
        """What was asked."""
        return self.query.text

    def records(self) -> list[Record]:
        """A row for each token."""
        return [as_data(token) for token in self.results]
