"""What questions are answered with: frozen data that knows nothing of how it is shown.

Scores are float32 values (see `dtypes.shortest`), so that what is printed reads back to the same number. Every answer
carries the model, its revision and dtype, and notes on what was chosen or left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
class Neighbour(Token):
    """A token in a ranked list.

    Attributes:
        rank: its place, from 1.
        score: cosine or dot product (higher is nearer), or Euclidean distance (lower is nearer).
        variants: how many other spellings (case, leading space) it stands for; 0 in raw lists.
    """

    rank: int
    score: float
    variants: int


@dataclass(frozen=True, slots=True)
class LeftOut(Token):
    """An input that a list leaves out: its score, and the rank it would have had."""

    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What every answer says of itself."""

    command: str
    model: str
    revision: str
    dtype: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Neighbours(Answer):
    """The tokens nearest to a query by a metric; a sequence of `Neighbour`."""

    query: Query
    metric: str
    results: tuple[Neighbour, ...]

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, index: int) -> Neighbour:
        return self.results[index]

    def __iter__(self) -> Iterator[Neighbour]:
        return iter(self.results)


@dataclass(frozen=True, slots=True)
class Analogy(Neighbours):
    """The tokens that complete an analogy, and where its inputs would have stood."""

    method: str
    excluded: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A word along a direction: the dot product of its row with the raw difference, and their cosine."""

    term: str
    tokens: tuple[Token, ...]
    dot: float
    cosine: float


@dataclass(frozen=True, slots=True)
class End(Token):
    """A token at one end of a direction."""

    rank: int
    dot: float
    cosine: float
    variants: int


@dataclass(frozen=True, slots=True)
class DirectionScores(Answer):
    """Words along a direction.

    Attributes:
        pairs: the terms whose difference it is, first minus second.
        norm: length of the raw difference.
        scores: the words that were asked for.
        order: `increasing`, `decreasing` or `none`: how the dots run in the order given; `none` below two words.
        top, bottom: without words, the two ends of the vocabulary.
    """

    pairs: tuple[tuple[Term, Term], ...]
    norm: float
    scores: tuple[Score, ...]
    order: str
    top: tuple[End, ...]
    bottom: tuple[End, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two vectors against each other.

    Attributes:
        a, b: the terms as typed.
        relation: `aligned`, `perpendicular` (|cosine| below 0.1) or `opposed`.
    """

    a: str
    b: str
    dot: float
    cosine: float
    relation: str


@dataclass(frozen=True, slots=True)
class Length:
    """A term and the Euclidean length of its vector."""

    term: str
    tokens: tuple[Token, ...]
    norm: float


@dataclass(frozen=True, slots=True)
class Dots(Answer):
    """Dot products of every two of the terms."""

    terms: tuple[Length, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """A text and the tokens it splits into."""

    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Splits(Answer):
    """How texts split into tokens: all of them, and text by text."""

    tokens: tuple[Token, ...]
    texts: tuple[Split, ...]


@dataclass(frozen=True, slots=True)
class Vector(Answer):
    """A term's vector; NumPy reads it as an array of float32 [dims]."""

    term: Term
    norm: float
    values: tuple[float, ...]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.values, np.float32 if dtype is None else dtype)


@dataclass(frozen=True, slots=True)
class Info(Answer):
    """A model's matrix and where it lies.

    Attributes:
        rows, dimensions: of the matrix; parameters is their product.
        tokens: rows that have a token; the others pad the matrix.
        bytes: of the matrix.
        tied: whether the model has no unembedding of its own.
        zero_rows, bad_rows: rows of length zero, and rows with NaN or infinity, which no list shows.
        path: the file that is mapped; tensor its name inside.
        source: `hub`, `cache`, `local` or `bundled`.
        sha256: of the matrix's bytes.
    """

    rows: int
    dimensions: int
    parameters: int
    tokens: int
    bytes: int
    tied: bool
    zero_rows: int
    bad_rows: int
    source: str
    tensor: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A model on this machine; `bytes` is what embgeo itself keeps of it on disk."""

    model: str
    revision: str
    rows: int
    dimensions: int
    dtype: str
    bytes: int
    source: str
    path: str


@dataclass(frozen=True, slots=True)
class Models:
    """The models on this machine."""

    command: str
    models: tuple[Stored, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """What `models rm` freed."""

    command: str
    removed: tuple[Stored, ...]
    bytes: int
