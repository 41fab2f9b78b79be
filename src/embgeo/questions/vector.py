"""The vector of a term."""

from __future__ import annotations

from embgeo.models.model import Model
from embgeo.numerics.dtypes import shortest
from embgeo.questions.points import TermLike
from embgeo.questions.rows import about, read_only, space_of
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.vector import Vector


def vector(model: Model, term: TermLike, *, multi: str = "mean") -> Vector:
    """The vector of a term: its row, or the mean of its tokens' rows."""
    point = read_term(model, term, multi=multi)
    return Vector(
        **about(model, "vector", term_notes([point], multi)), term=point.term, norm=shortest(point.norm),
        values=read_only(point.vector), parts=point.parts, added=point.added, space=space_of(model),
    )  # fmt: skip
