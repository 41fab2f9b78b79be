"""A word inside its texts, layer by layer."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from embgeo.results.base import Answer, Token
from embgeo.results.records import Record
from embgeo.results.tabular import Drawable


@dataclass(frozen=True, slots=True)
class WordInText:
    """A word where it stands in a text.

    Attributes:
        text: the whole text.
        start, stop: the characters of the word.
        tokens: of the word; with several, the mean of their states is taken.
        positions: of those tokens among the text's tokens, special ones included, from 0.
    """

    text: str
    start: int
    stop: int
    tokens: tuple[Token, ...]
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NearState:
    """What a state is near to.

    Attributes:
        text: a word of the vocabulary, or a token.
        score: the cosine with it; with the lens, the token's probability.
        in_text: with `texts`, the number of its text among the different ones, from 1; else None.
    """

    text: str
    score: float
    in_text: int | None = None


@dataclass(frozen=True, slots=True)
class ContextLayer:
    """One layer.

    Attributes:
        layer: 0 for the input of the first layer.
        cosines: [occurrences, occurrences] of the word's states.
        unrelated: the mean cosine of unrelated words at this layer; None (null in JSON) for a vocabulary without words.
        nearest: for each occurrence, best first; empty if they weren't wanted.
    """

    layer: int
    cosines: tuple[tuple[float, ...], ...]
    unrelated: float | None
    nearest: tuple[tuple[NearState, ...], ...]


@dataclass(frozen=True, slots=True)
class Context(Answer, Drawable):
    """A word inside its texts, layer by layer.

    Attributes:
        word: as typed.
        near: what `nearest` compares with: `words` of the vocabulary run alone through the same layers, `rows` of the
            matrix, other words of the `texts` at the same layer, the `lens`, or `none`.
        precision: `float64` or `float32`.
        occurrences: of the word, in the order of the texts.
        layers: from the first to the last that was asked for.
    """

    word: str
    near: str
    precision: str
    occurrences: tuple[WordInText, ...]
    layers: tuple[ContextLayer, ...]

    @property
    def heading(self) -> str:
        """The word."""
        return self.word

    def pairs(self, most: int) -> list[tuple[int, int]]:
        """The occurrences to compare, as places from 0: every two, or each with the first if these are too many."""
        count = len(self.occurrences)
        every = list(itertools.combinations(range(count), 2))
        return every if len(every) <= most else every[: min(count - 1, most)]

    def records(self) -> list[Record]:
        """A row for each layer and occurrence, with its cosine to the first one and what it is near to."""
        return [
            {
                "layer": layer.layer, "occurrence": number, "text": one.text, "cosine": layer.cosines[0][number - 1],
                "unrelated": layer.unrelated, "nearest": " ".join(near.text for near in nearest),
            }
            for layer in self.layers
            for number, (one, nearest) in enumerate(zip(self.occurrences, layer.nearest, strict=True), 1)
        ]  # fmt: skip
