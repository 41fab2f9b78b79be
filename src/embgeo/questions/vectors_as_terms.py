"""Vectors in place of terms: answers that are vectors, their sums, and NumPy arrays."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import TermError
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64
from embgeo.questions.points import Point, length_of, refuse_overflow, weighted_sum
from embgeo.questions.rows import space_of
from embgeo.results.base import Term
from embgeo.results.vector import Arithmetic, Summand, VectorAnswer, VectorSum, named_space

MAX_SHOWN: Final = 3  # numbers of an array that its name shows


def read_given(model: Model, given: Arithmetic | NDArray[Any], *, weight: float = 1.0, unit: bool = False) -> Point:
    """A vector as a point; parameters as in `terms.read_term`.

    Args:
        given: a `Vector`, `Projection` or `VectorSum`, which keep their terms, or an array [dims], which has none.

    Raises:
        TermError: a vector of another space, an array of another shape or not of finite real numbers, or a vector
            that is too long for a float64.
    """
    if not isinstance(given, Arithmetic):
        point = _array(model, given, weight)
    elif isinstance(given, VectorSum):
        points = [_answer(model, one, unit=unit) for one in given.summands]
        return weighted_sum(given.text, points, weight)._replace(given=given)
    else:
        point = _answer(model, given.summands[0])._replace(term=_term(given.summands[0].vector, weight))
    point = point._replace(given=given)
    return point.scaled_to_unit() if unit else point


def _answer(model: Model, summand: Summand, *, unit: bool = False) -> Point:
    """A vector of this space as a point, its parts multiplied by its weight."""
    vector, weight = summand
    here = space_of(model)
    if vector.space != here:
        raise TermError(
            f"'{vector.text}' is a vector of {named_space(vector.space)}, and this space is {named_space(here)}",
            f"Ask for it here, as in: space['{vector.text}']; `.values` are the numbers alone.",
        )
    parts = tuple(dataclasses.replace(part, weight=part.weight * weight) for part in vector.parts)
    own = tuple(note for note in vector.notes if note not in model.notes)
    point = Point(_term(vector, weight), vector.values, length_of(vector.values), parts, vector.added, own)
    return point.scaled_to_unit() if unit else point


def _term(vector: VectorAnswer, weight: float) -> Term:
    tokens = {token.id: token for part in vector.parts for token in part.tokens}
    return Term(vector.text, weight, tuple(tokens.values()))


def _array(model: Model, given: object, weight: float) -> Point:
    """An array as a point, named after its first numbers."""
    vector = _checked(model, given)
    shown = ", ".join(f"{value:.4g}" for value in vector[:MAX_SHOWN])
    text = f"[{shown}{', …' if len(vector) > MAX_SHOWN else ''}]"
    norm = length_of(vector)
    refuse_overflow(norm, text)
    term = Term(text, weight, ())
    return Point(term, vector, norm, (term,), norm)


def _checked(model: Model, given: object) -> F64:
    """An array [dims] as float64; the numbers are copied."""
    dims, name = model.manifest.shape[1], model.manifest.model
    try:
        array: Any = np.asarray(given)
    except (TypeError, ValueError) as error:
        raise TermError(f"{type(given).__name__} is not a term: {error}", "Give a text or an array [dims].") from None
    if array.dtype.kind not in "fiu":
        raise TermError(
            f"an array of {array.dtype} is not a vector; expected real numbers" if array.ndim else
            f"{given!r:.40} is not a term; expected a text or a vector", "As in: space.neighbors(space['cat'].values)",
        )  # fmt: skip
    if array.shape != (dims,):
        hint = "Ask about one row at a time, or give all rows to neighbors_batch." if array.ndim == 2 else ""
        raise TermError(f"an array of shape {array.shape}; the vectors of {name} have the shape ({dims},)", hint)
    vector: F64 = array.astype(np.float64)  # [dims]
    if not np.isfinite(vector).all():
        raise TermError(
            f"an array with NaN or infinity at {int(np.flatnonzero(~np.isfinite(vector))[0])} is not a vector"
        )
    return vector
