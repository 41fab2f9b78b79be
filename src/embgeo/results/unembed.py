"""What a vector says through the unembedding: logits and probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from embgeo.results.base import Answer, Query, Token


@dataclass(frozen=True, slots=True)
class LikelyToken(Token):
    """A token, its logit (dot product with its unembedding row) and its share of the softmax."""

    rank: int
    logit: float
    probability: float


@dataclass(frozen=True, slots=True)
class Unembedded(Answer):
    """The likeliest tokens for a vector; a sequence of `Likely`.

    Attributes:
        query: whose vector.
        unembedding: the matrix that it was multiplied with, `tied` where that is the embedding itself.
        temperature: of the softmax.
        entropy: of all probabilities, in nats.
        results: the likeliest tokens.
    """

    query: Query
    unembedding: str
    tied: bool
    temperature: float
    entropy: float
    results: tuple[LikelyToken, ...]

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, index: int) -> LikelyToken:
        return self.results[index]

    def __iter__(self) -> Iterator[LikelyToken]:
        return iter(self.results)
