"""A graph of neighbors of neighbors."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import EmbgeoError, UsageError
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.plane import principal
from embgeo.numerics.subspace import reject, unit
from embgeo.questions.batch import neighbors_batch
from embgeo.questions.neighbors import neighbors
from embgeo.questions.ranking import ListOptions
from embgeo.questions.rows import about
from embgeo.questions.terms import read_term
from embgeo.results.neighbors import Neighbors
from embgeo.results.plots.neighbors import GraphEdge, GraphNode, NeighborsPlot

MAX_NEIGHBORS: Final = 60  # neighbors of the query
NEIGHBORS_OF_EACH: Final = 4  # neighbors of each of them


def plot_neighbors(
    model: Model, term: str, k: int = 8, *,
    raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
) -> NeighborsPlot:  # fmt: skip
    """The k tokens nearest to a term, and the four nearest to each of them; see `EmbeddingSpace.plot_neighbors`.

    Around the middle, tokens follow the plane of their first two principal components, spread evenly.
    """
    if not 1 <= k <= MAX_NEIGHBORS:
        raise UsageError(f"can't draw {k} neighbors", f"Use 1 to {MAX_NEIGHBORS}.")
    first = neighbors(model, term, k, raw=raw, words=words, pieces=pieces, multi=multi)
    if not first.results:
        raise UsageError(f"'{term}' has no neighbors to draw", "Try --pieces or --raw.")
    options = ListOptions(NEIGHBORS_OF_EACH, raw, words, multi, pieces)
    lists = [_or_raise(one) for one in neighbors_batch(model, [f"id:{one.id}" for one in first], options)]
    nearest = {one.id for one in first}
    parents = {one.id: one.id for one in first}
    for parent, found in zip(first, lists, strict=True):
        for one in found:
            parents.setdefault(one.id, parent.id)
    point = read_term(model, term, multi=multi)
    own = set(point.ids)
    kept = [token for token in parents if token not in own]
    vectors = unit(model.weights.take(np.array(kept, np.intp)))  # [nodes, dims]
    middle = point.unit()  # [dims]
    turns = _turns(kept, parents, vectors, middle)
    query = GraphNode(id=point.ids[0] if point.ids else -1, piece="", text=term, term=term, step=0, score=1.0, turn=0.0)
    nodes = [query, *(
        GraphNode(
            *token, term=token.text, step=1 if token.id in nearest else 2, score=shortest(cosine),
            turn=shortest(turns[token.id]),
        ) for token, cosine in zip(map(model.vocabulary.token, kept), vectors @ middle, strict=True)
    )]  # fmt: skip
    edges, outside = _edges(model.vocabulary.table.fold, own, nodes, first, lists)
    return NeighborsPlot(
        **about(model, "plot neighbors", first.notes[len(model.notes) :]), query=term, k=k, each=NEIGHBORS_OF_EACH,
        nodes=tuple(nodes), edges=edges, outside=outside, inputs=len(own), pieces=first.pieces,
    )  # fmt: skip


def _or_raise(answer: Neighbors | EmbgeoError) -> Neighbors:
    if isinstance(answer, EmbgeoError):
        raise answer
    return answer


def _turns(kept: list[int], parents: dict[int, int], vectors: F64, middle: F64) -> dict[int, float]:
    """Each token's place around the middle, from 0 to 1: families together, evenly spread."""
    rest = reject(vectors, middle[None, :])  # [nodes, dims]
    rest -= rest.mean(axis=0)
    flat = rest @ principal(rest, 2).T  # [nodes, dims] @ [dims, 2] -> [nodes, 2]
    angles = np.arctan2(flat[:, 1], flat[:, 0]).round(9)  # [nodes]
    angle = dict(zip(kept, angles.tolist(), strict=True))
    ordered = sorted(kept, key=lambda token: (angle[parents[token]], parents[token], token != parents[token], token))
    families: dict[int, list[int]] = {}
    for token in ordered:
        families.setdefault(parents[token], []).append(token)
    turns: dict[int, float] = {}
    at, total = 0, sum(max(1, len(family) - 1) for family in families.values())
    for parent, family in families.items():
        children = sorted(family[1:], key=lambda token: (angle[token], token))
        for place, child in enumerate(children):
            turns[child] = (at + place + 0.5) / total
        room = max(1, len(children))
        turns[parent] = (at + room / 2) / total
        at += room
    return turns


def _edges(
    groups: NDArray[Any], query: set[int], nodes: list[GraphNode], first: Neighbors, lists: list[Neighbors]
) -> tuple[tuple[GraphEdge, ...], int]:
    """The edges, and how many neighbors leave the query's rows, and their variants, out of their own lists."""
    place = {node.id: at for at, node in enumerate(nodes)}
    own = {int(groups[token]) for token in query}
    listed = {one.id: {other.id for other in found} for one, found in zip(first, lists, strict=True)}
    back = {one.id: any(int(groups[other]) in own for other in listed[one.id]) for one in first}
    edges = [GraphEdge(0, place[one.id], one.score, back[one.id]) for one in first]
    for one, found in zip(first, lists, strict=True):
        for other in found:
            if place.get(other.id):
                mutual = one.id in listed[other.id] if other.id in listed else None
                edges.append(GraphEdge(place[one.id], place[other.id], other.score, mutual))
    return tuple(edges), sum(not one for one in back.values())
