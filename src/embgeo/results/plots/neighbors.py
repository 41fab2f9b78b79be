"""A graph of neighbors of neighbors."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token
from embgeo.results.records import Record
from embgeo.results.tabular import Drawable


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
        outside: neighbors whose own list leaves out every token of the query.
        inputs: tokens of the query; several for an expression or a word of several tokens.
        pieces: whether the lists may hold parts of longer words, such as ##ing; None without marks for them.
    """

    query: str
    k: int
    each: int
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    outside: int
    inputs: int
    pieces: bool | None

    def records(self) -> list[Record]:
        """A row for each edge."""
        names = [node.term for node in self.nodes]
        return [
            {"from": names[edge.start], "to": names[edge.end], "cosine": edge.score, "mutual": edge.mutual}
            for edge in self.edges
        ]
