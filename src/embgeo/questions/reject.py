"""What is left of a vector without its part along directions."""

from __future__ import annotations

from embgeo.models.model import Model
from embgeo.questions.points import TermLike
from embgeo.questions.project import Directions, projection, split_along
from embgeo.results.project import Projection


def reject(model: Model, term: TermLike, without: Directions, *, multi: str = "mean") -> Projection:
    """A term's vector without its part in the subspace that directions span; arguments and errors as in `project`."""
    parts = split_along(model, term, without, multi)
    return projection(model, "reject", parts, parts.outside)
