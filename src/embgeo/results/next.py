"""The tokens that a model expects after a text, or in place of [MASK]."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token
from embgeo.results.ranked import Ranked
from embgeo.results.records import Record, as_data
from embgeo.results.unembed import LikelyToken


@dataclass(frozen=True, slots=True)
class LensLayer:
    """What the model would answer if a layer were its last.

    Attributes:
        layer: 0 for the input of the first layer; the last is the model's own answer.
        entropy: of the probabilities of all tokens, in nats.
        divergence: Kullback-Leibler divergence of this layer's probabilities from the last one's, in nats.
        results: likeliest first.
    """

    layer: int
    entropy: float
    divergence: float
    results: tuple[LikelyToken, ...]


@dataclass(frozen=True, slots=True)
class NextStep:
    """One token of a continuation.

    Attributes:
        token: the one that was taken.
        probability: its own.
        results: likeliest first.
    """

    token: Token
    probability: float
    results: tuple[LikelyToken, ...]


@dataclass(frozen=True, slots=True)
class FilledMask:
    """What an encoder expects in place of one [MASK].

    Attributes:
        position: of the mask among the text's tokens, from 0.
        entropy: of the probabilities of all tokens, in nats.
        results: likeliest first.
    """

    position: int
    entropy: float
    results: tuple[LikelyToken, ...]


@dataclass(frozen=True, slots=True)
class Next(Ranked[LikelyToken], Answer):
    """The tokens that a model expects after a text, or in place of [MASK]; a sequence of `LikelyToken`.

    Attributes:
        text: as given.
        tokens: of the text, special ones included.
        precision: `float64` or `float32`.
        temperature: of the softmax, from 0.
        entropy: of the probabilities of all tokens, in nats.
        results: likeliest first; with several masks, those of the first.
        lens: the same for every layer, with several masks for the first; empty if it wasn't wanted.
        steps: the tokens that continue the text; empty if none were wanted.
        seed: of the draws; None for the likeliest token at each step.
        continued: the text with these tokens, or with the likeliest in place of each mask.
        masks: of an encoder's text; empty for a decoder.
        ended: whether the last step is a token that ends a text.
    """

    text: str
    tokens: tuple[Token, ...]
    precision: str
    temperature: float
    entropy: float
    results: tuple[LikelyToken, ...]
    lens: tuple[LensLayer, ...]
    steps: tuple[NextStep, ...]
    seed: int | None
    continued: str
    masks: tuple[FilledMask, ...] = ()
    ended: bool = False

    @property
    def heading(self) -> str:
        """The text."""
        return self.text

    def records(self) -> list[Record]:
        """A row for each token; of each layer with the lens, of each step or mask if there are several."""
        if self.lens:
            return [{"layer": layer.layer, **as_data(token)} for layer in self.lens for token in layer.results]
        if self.steps:
            return [
                {"step": n, **as_data(token), "taken": step.token.text, "taken_id": step.token.id}
                for n, step in enumerate(self.steps, 1)
                for token in step.results
            ]
        if len(self.masks) > 1:
            return [{"mask": n, **as_data(token)} for n, mask in enumerate(self.masks, 1) for token in mask.results]
        return [as_data(token) for token in self.results]
