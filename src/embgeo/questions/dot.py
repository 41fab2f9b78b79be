"""Dot products and cosines of terms."""

from __future__ import annotations

import math
from collections.abc import Sequence

from embgeo.errors import Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import shortest
from embgeo.questions.points import Point, TermLike
from embgeo.questions.rows import about
from embgeo.questions.terms import phrase_notes, read_terms, term_notes
from embgeo.results.dot import PERPENDICULAR, DotPair, DotProducts, TermLength


def dot(model: Model, terms: Sequence[TermLike], *, multi: str = "mean", report: Report = silent) -> DotProducts:
    """Dot product and cosine of every two of the terms; see `EmbeddingSpace.dot`."""
    if len(terms) < 2:
        raise UsageError("dot needs two or more terms", "As in: embgeo dot cat dog")
    points = read_terms(model, terms, multi=multi)
    pairs = []
    for done, first in enumerate(points, 1):
        pairs += [_pair(first, second) for second in points[done:]]
        report("Multiplying", done, len(points), "terms")
    return DotProducts(
        **about(model, "dot", (*term_notes(points, multi), *phrase_notes(points))),
        terms=tuple(TermLength(
            term=point.term.term, tokens=point.term.tokens, norm=shortest(point.norm),
        ) for point in points),
        pairs=tuple(pairs),
    )  # fmt: skip


def _pair(a: Point, b: Point) -> DotPair:
    dot = float(a.vector @ b.vector)  # [dims] @ [dims]
    lengths = a.norm * b.norm
    cosine = dot / lengths if lengths > 0 else 0.0
    angle = math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
    return DotPair(
        a=a.term.term, b=b.term.term, dot=shortest(dot), cosine=shortest(cosine), relation=_relation(cosine),
        angle=shortest(angle) if lengths > 0 else None,
    )  # fmt: skip


def _relation(cosine: float) -> str:
    if abs(cosine) < PERPENDICULAR:
        return "perpendicular"
    return "aligned" if cosine > 0 else "opposed"
