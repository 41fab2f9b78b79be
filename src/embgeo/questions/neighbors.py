"""Nearest neighbors: the tokens whose rows are nearest to a term's vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from embgeo.models.model import Model
from embgeo.numerics.objectives import metric_named
from embgeo.questions.points import TermLike
from embgeo.questions.ranking import ListOptions, check_count, nearest
from embgeo.questions.rows import about
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.neighbors import Neighbors

if TYPE_CHECKING:
    from embgeo.questions.direction import Direction


def neighbors(
    model: Model, term: TermLike, k: int = 10, *, metric: str = "cosine",
    without: TermLike | Direction | Sequence[TermLike | Direction] = (), unit: bool = False,
    keep_inputs: bool = False, raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
) -> Neighbors:  # fmt: skip
    """The k tokens nearest to a term, or to what is left of it without directions; see `EmbeddingSpace.neighbors`."""
    objective = metric_named(metric)
    check_count(k)
    options = ListOptions(k, raw, words, multi, pieces)
    if directions := as_sequence(without):
        from embgeo.questions.project import neighbors_without

        return neighbors_without(model, term, directions, objective, options, unit=unit, keep_inputs=keep_inputs)
    point = read_term(model, term, multi=multi, unit=unit)
    if objective.needs_direction:
        point.check_direction()
    return Neighbors(
        **about(model, "neighbors", term_notes([point], multi)), query=point.query(unit=unit), metric=metric,
        **nearest(model, point.vector, point.ids, objective, options, keep_inputs=keep_inputs),
    )  # fmt: skip


def as_sequence(directions: TermLike | Direction | Sequence[TermLike | Direction]) -> Sequence[TermLike | Direction]:
    """The directions as a sequence, also if only one is given."""
    if isinstance(directions, Sequence) and not isinstance(directions, str):
        return directions
    if isinstance(directions, np.ndarray) and directions.ndim == 2:
        return list(directions)  # [directions, dims]
    return [directions]
