"""Analogies: A - B + C, as Mikolov et al. 2013 and Levy & Goldberg 2014 define them."""

from __future__ import annotations

import numpy as np

from embgeo.errors import TermError
from embgeo.models.model import Model
from embgeo.numerics.analogies import single_query
from embgeo.numerics.dtypes import CANCELLATION
from embgeo.numerics.objectives import SIGNS, AnalogyMethod, analogy_method
from embgeo.numerics.search import Scan, scan
from embgeo.questions.points import Point, TermLike, rows_of
from embgeo.questions.ranking import ListOptions, best_tokens, check_count
from embgeo.questions.rows import about
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.analogy import Analogy
from embgeo.results.base import Query


def analogy(
    model: Model, a: TermLike, b: TermLike, c: TermLike, k: int = 10, *, method: str = "3cosadd",
    keep_inputs: bool = False, raw: bool = False, words: bool = False, pieces: bool = False, multi: str = "mean",
) -> Analogy:  # fmt: skip
    """The tokens that complete A - B + C; see `EmbeddingSpace.analogy`."""
    how = analogy_method(method)
    check_count(k)
    points = [read_term(model, term, weight=weight, multi=multi) for term, weight in zip((a, b, c), SIGNS, strict=True)]
    options = ListOptions(k, raw, words, multi, pieces)
    found = best_tokens(model, _search(model, points, how), rows_of(points), options, keep_inputs=keep_inputs)
    return Analogy(
        **about(model, "analogy", term_notes(points, multi)), query=query_of(points, how), metric="cosine", **found,
        method=method,
    )  # fmt: skip


def query_of(points: list[Point], method: AnalogyMethod) -> Query:
    """A - B + C as the query of a list; an expression among the three stands in parentheses."""
    a, b, c = (f"({point.term.term})" if len(point.parts) > 1 else point.term.term for point in points)
    return Query(f"{a} - {b} + {c}", tuple(point.term for point in points), method.unit_rows)


def _search(model: Model, points: list[Point], method: AnalogyMethod) -> Scan:
    if method.unit_rows:
        for point in points:
            point.check_direction()
    a, b, c = (point.vector for point in points)
    vectors, objective = single_query(method, a, b, c)  # [n, dims]
    length = float(np.linalg.norm(vectors[0]))
    added = 1.0 if method.unit_rows else sum(point.added for point in points)
    if not (np.isfinite(length) and length > CANCELLATION * added):
        text = " ".join(point.term.term for point in points)
        raise TermError(f"the vectors of '{text}' cancel out, which gives no direction")
    return scan(model.searchable(), vectors, objective)
