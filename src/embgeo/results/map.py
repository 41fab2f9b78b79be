"""A map of the vocabulary: what its page shows, and what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from embgeo.results.base import Answer
from embgeo.results.records import Record, as_data


@dataclass(frozen=True, slots=True)
class SecondMap:
    """The other map of a page: its model, how many tokens it has, and the share of neighbors that it keeps."""

    model: str
    revision: str
    transform: str
    tokens: int
    kept: float


@dataclass(frozen=True, slots=True)
class WrittenMap(Answer):
    """A page that was written.

    Attributes:
        path, bytes: the file and its size.
        layout: `tsne`, `pca`, `umap`, or the two directions of its axes.
        tokens: on the map.
        neighbors: how many nearest tokens `kept` is about.
        kept: the share of the true nearest tokens that are among the nearest in the picture, from 0 to 1.
        live: `float16` or `int8` if the page holds the matrix; else empty.
        second: the other map, if the page has two.
    """

    path: str
    bytes: int
    layout: str
    tokens: int
    neighbors: int
    kept: float
    live: str
    second: SecondMap | None = None

    def records(self) -> list[Record]:
        """One row."""
        data = as_data(self)
        return [{name: data[name] for name in ("path", "bytes", "tokens", "layout", "neighbors", "kept", "live")}]


@dataclass(frozen=True, slots=True)
class MapColor:
    """A direction to color by: its name, and each token's dot product with it [tokens]."""

    name: str
    values: Any


@dataclass(frozen=True, slots=True)
class MapPair:
    """Two words, and their tokens' places on the map."""

    words: tuple[str, str]
    places: tuple[int, int]


@dataclass(frozen=True, slots=True)
class MapGroups:
    """Groups to color by: their names, and each token's group from 1, 0 for none [tokens]."""

    names: tuple[str, ...]
    numbers: Any


@dataclass(frozen=True, slots=True)
class MapRows:
    """The matrix of a page that computes answers.

    Attributes:
        numbers: `float16` or `int8`.
        rows: [tokens, dims] in that dtype.
        scales: [tokens] by which int8 rows are multiplied.
        errors: [tokens] the length of the difference from the true row.
    """

    numbers: str
    rows: Any
    scales: Any
    errors: Any


@dataclass(frozen=True, slots=True)
class MapSoftmax:
    """What a page needs for the shares of tokens.

    Attributes:
        zeros: rows of length zero, which are not on the map and have the logit 0.
        note: what has to be said of the shares; may be empty.
        rows: the unembedding's rows [tokens, dims], unless it is the matrix of the map.
    """

    zeros: int
    note: str
    rows: MapRows | None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the model's vocabulary reads words: its mark of a word's beginning, and what it does to capitals."""

    mark: str
    lowercase: bool
    strips_accents: bool
    folds: bool


@dataclass(frozen=True, slots=True, eq=False)
class MapContent:
    """All that a map's page shows; arrays are of NumPy.

    Attributes:
        about: the fields of `Answer`, by name.
        request: the command that makes the same map, without the folders of its files.
        naming: the options that name the same model, as part of that command.
        layout: see `WrittenMap`.
        reading: how words are read.
        texts: [tokens] their texts.
        ids: [tokens] their rows.
        fold: [tokens] the first token on the map that spells the same word.
        kinds: [tokens] numbers of `questions.map_tokens.KINDS`.
        norms: [tokens] lengths.
        places: [tokens, 2] whole numbers from 0 to 65535; up is higher.
        listed: [tokens, n] the nearest tokens on the map, one a spelling, by cosine; -1 where there are fewer.
        cosines: [tokens, n] of those.
        kept: [tokens] how many of the `near` nearest tokens are among the nearest in the picture.
        near: how many that is about.
        color, pairs, groups, rows: what was asked for besides.
        softmax: of a page that computes, if the model has an unembedding.
    """

    about: dict[str, Any]
    request: str
    naming: str
    layout: str
    reading: Reading
    texts: tuple[str, ...]
    ids: Any
    fold: Any
    kinds: Any
    norms: Any
    places: Any
    listed: Any
    cosines: Any
    kept: Any
    near: int
    color: MapColor | None = None
    pairs: tuple[MapPair, ...] = ()
    groups: MapGroups | None = None
    rows: MapRows | None = None
    softmax: MapSoftmax | None = None

    @property
    def share(self) -> float:
        """The share of the nearest tokens that are among the nearest in the picture, from 0 to 1."""
        return float(self.kept.mean()) / max(1, self.near)
