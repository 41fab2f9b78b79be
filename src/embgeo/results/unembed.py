"""The likeliest tokens for a vector: logits and probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Query, Token
from embgeo.results.ranked import Ranked


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
class Unembedded(Ranked[LikelyToken], Answer):
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

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return self.query.text
