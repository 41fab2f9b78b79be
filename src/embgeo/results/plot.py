"""Figures as numbers: what is drawn, and what the drawing leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token
from embgeo.results.direction import WordScore
from embgeo.results.drawable import Drawable
from embgeo.results.positions import DistanceCosines
from embgeo.results.records import Record, as_data, ids


@dataclass(frozen=True, slots=True)
class PlottedWord:
    """A word's place in the plane.

    Attributes:
        x, y: dot products of its unit vector, less the mean of all, with the two axes.
    """

    term: str
    tokens: tuple[Token, ...]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlottedPair:
    """A pair as an arrow.

    Attributes:
        first, second: as typed; the arrow points from the first to the second.
        share: of the arrow's length that lies in the plane, from 0 to 1.
        cosine: of the arrow with the mean of the other pairs' arrows, from -1 to 1; None for a single pair.
        weak: less than half of its length lies in the plane; drawn dotted.
    """

    first: str
    second: str
    share: float
    cosine: float | None
    weak: bool


@dataclass(frozen=True, slots=True)
class PlaneAxis:
    """An axis of the plane, and the share of the words' variance along it, from 0 to 1."""

    name: str
    variance: float


@dataclass(frozen=True, slots=True)
class PairsChance:
    """The same figures for the pairs with random ends first.

    Attributes:
        turnings: number of sign flips tried.
        exact: whether these are all possible ones.
        seed: of the random signs.
        cosine_high: mean leave-one-out cosine that at most 5 % of the sign flips exceed.
        p: share of sign flips with a mean cosine at least as high.
        across: mean share of an arrow's length along the mean of all arrows: an arrow is part of its own mean.
    """

    turnings: int
    exact: bool
    seed: int
    cosine_high: float
    p: float
    across: float


@dataclass(frozen=True, slots=True)
class PairsPlot(Answer, Drawable):
    """Pairs as arrows in a plane.

    Attributes:
        axes: `pairs`, `pca` or two expressions, as typed.
        x, y: the axes.
        words, pairs: what is drawn.
        share: mean share of the arrows' lengths in the plane.
        across: mean share of the arrows' lengths along the mean of all arrows.
        cosine: mean leave-one-out cosine; None for a single pair.
        chance: None for a single pair.
    """

    axes: str
    x: PlaneAxis
    y: PlaneAxis
    words: tuple[PlottedWord, ...]
    pairs: tuple[PlottedPair, ...]
    share: float
    across: float
    cosine: float | None
    chance: PairsChance | None

    def records(self) -> list[Record]:
        """A row for each pair."""
        at = {word.term: word for word in self.words}
        return [
            as_data(pair)
            | {"x1": at[pair.first].x, "y1": at[pair.first].y, "x2": at[pair.second].x, "y2": at[pair.second].y}
            for pair in self.pairs
        ]


@dataclass(frozen=True, slots=True)
class OrderChance:
    """How often random directions order the words as well.

    Attributes:
        samples, seed: directions from as many random pairs of rows, and their seed.
        share: of them, those whose Spearman correlation with the order given is at least as far from zero.
    """

    samples: int
    seed: int
    share: float


@dataclass(frozen=True, slots=True)
class DirectionPlot(Answer, Drawable):
    """Words along a direction, in front of the whole vocabulary.

    Attributes:
        direction: its name.
        pairs: how many it was learned from.
        norm: its length.
        scores: of the words, in the order given.
        low, high: ends of the histogram, as dot products.
        histogram: numbers of rows in equal steps between them.
        outside: rows beyond these ends.
        spearman: rank correlation of the scores with the order given; None for fewer than three words or equal scores.
        chance: None without a correlation.
    """

    direction: str
    pairs: int
    norm: float
    scores: tuple[WordScore, ...]
    low: float
    high: float
    histogram: tuple[int, ...]
    outside: int
    spearman: float | None
    chance: OrderChance | None

    def records(self) -> list[Record]:
        """A row for each word."""
        return [{**as_data(score), "tokens": ids(score.tokens)} for score in self.scores]


@dataclass(frozen=True, slots=True)
class GraphNode(Token):
    """A token of a graph of neighbors.

    Attributes:
        term: the query as typed, for the first node; else the token's text.
        step: 0 for the query, 1 for its neighbors, 2 for theirs.
        score: cosine with the query.
        turn: place around the query, from 0 to 1.
    """

    term: str
    step: int
    score: float
    turn: float


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """One node lists another among its nearest.

    Attributes:
        start, end: numbers of nodes, from 0.
        score: their cosine.
        mutual: whether the other lists it too; None if the other's list was not asked for.
    """

    start: int
    end: int
    score: float
    mutual: bool | None


@dataclass(frozen=True, slots=True)
class NeighborsPlot(Answer, Drawable):
    """The tokens nearest to a query, and those nearest to them.

    Attributes:
        query: as typed.
        k, each: length of the query's list and of its neighbors' lists.
        nodes: the query first.
        edges: from each listing node to each listed one.
        outside: neighbors whose own list leaves the query out.
        pieces: whether the lists may hold parts of longer words, such as ##ing; None without marks for them.
    """

    query: str
    k: int
    each: int
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    outside: int
    pieces: bool | None

    def records(self) -> list[Record]:
        """A row for each edge."""
        names = [node.term for node in self.nodes]
        return [
            {"from": names[edge.start], "to": names[edge.end], "cosine": edge.score, "mutual": edge.mutual}
            for edge in self.edges
        ]


@dataclass(frozen=True, slots=True)
class PositionsPlot(Answer, Drawable):
    """A position embedding along its first principal components.

    Attributes:
        tensor: its name in the model's file.
        dimensions: of the vectors.
        positions: the drawn ones.
        coordinates: [positions, 3] of the centered vectors.
        variance: [3] shares of the variance along them.
        apart: cosines by distance, as in `Positions`.
    """

    tensor: str
    dimensions: int
    positions: tuple[int, ...]
    coordinates: tuple[tuple[float, ...], ...]
    variance: tuple[float, ...]
    apart: tuple[DistanceCosines, ...]

    def records(self) -> list[Record]:
        """A row for each position."""
        return [
            {"position": position, **{f"component_{at}": value for at, value in enumerate(row, 1)}}
            for position, row in zip(self.positions, self.coordinates, strict=True)
        ]
