"""Points: the vectors of a question, with the terms that they stand for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from embgeo.errors import TermError
from embgeo.numerics.dtypes import CANCELLATION, F64
from embgeo.results.base import Query, Term, Token

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from embgeo.results.vector import Arithmetic

TermLike: TypeAlias = "str | Arithmetic | NDArray[Any]"  # in quotes: a word needs no class of vectors


class Point(NamedTuple):
    """A term or an expression as a vector.

    Attributes:
        term: the whole, with its weight and the tokens of all its parts.
        vector: [dims] the row, the mean or sum of the rows, or the weighted sum of the parts' raw vectors; the
            term's own weight is not applied.
        norm: Euclidean length of the vector.
        parts: the terms of an expression, each with its weight; a single term is its only part.
        added: the sum of the lengths of all summands. A vector far shorter than this is rounding error.
        notes: on the origin of a saved direction, and on a word that is read in other capitals.
        given: the vector that stood in place of a text; None for a text.
    """

    term: Term
    vector: F64
    norm: float
    parts: tuple[Term, ...]
    added: float
    notes: tuple[str, ...] = ()
    given: TermLike | None = None

    @property
    def ids(self) -> list[int]:
        """The rows that stand for the term, each once."""
        return list(dict.fromkeys(token.id for token in self.term.tokens))

    def query(self, *, unit: bool = False) -> Query:
        """The point as the query of a list."""
        return Query(self.term.term, self.parts, unit)

    def check_direction(self) -> None:
        """Raise an error if the vector has no direction.

        Raises:
            TermError: the vector is zero within rounding, or too long for a float64.
        """
        if not CANCELLATION * self.added < self.norm < math.inf:
            raise TermError(f"the vector of '{self.term.term}' has no direction (length {self.norm:g})")

    def unit(self) -> F64:
        """The vector [dims] with length 1; errors as in `check_direction`."""
        self.check_direction()
        return self.vector / self.norm

    def scaled_to_unit(self) -> Point:
        """The same point with a vector of length 1; errors as in `check_direction`."""
        return self._replace(vector=self.unit(), norm=1.0, added=1.0)

    @property
    def source(self) -> TermLike:
        """The text or the vector that the point was read from."""
        return self.term.term if self.given is None else self.given


def rows_of(points: Sequence[Point]) -> list[int]:
    """The rows that stand for some points, each once."""
    return list(dict.fromkeys(row for point in points for row in point.ids))


def weighted_sum(text: str, points: Sequence[Point], weight: float = 1.0) -> Point:
    """The sum of points, each times the weight of its term, as one point.

    Args:
        text: what the sum is called.
        weight: of the sum in the question; stored, not applied.

    Raises:
        TermError: the sum is too long for a float64.
    """
    weights = np.array([point.term.weight for point in points])
    with np.errstate(over="ignore", invalid="ignore"):
        vector = weights @ np.array([point.vector for point in points])  # [parts] @ [parts, dims] -> [dims]
    norm = length_of(vector)
    refuse_overflow(norm, text)
    tokens: dict[int, Token] = {token.id: token for point in points for token in point.term.tokens}
    added = float(np.abs(weights) @ [point.added for point in points])
    notes = tuple(note for point in points for note in point.notes)
    parts = tuple(part for point in points for part in point.parts)
    return Point(Term(text, weight, tuple(tokens.values())), vector, norm, parts, added, notes)


def check_apart(first: Point, second: Point, *, unit: bool = False) -> None:
    """Raise a `TermError` if the difference of two vectors, or of their directions, is zero within rounding."""
    if unit:
        first, second = first.scaled_to_unit(), second.scaled_to_unit()
    apart = float(np.linalg.norm(first.vector - second.vector))
    if not CANCELLATION * (first.added + second.added) < apart < math.inf:
        a, b = first.term.term, second.term.term
        raise TermError(f"'{a}' and '{b}' have the same vector here, which gives no direction")


def length_of(vector: F64) -> float:
    """Euclidean length of a vector [dims]; inf if it is too long for a float64."""
    with np.errstate(over="ignore", invalid="ignore"):
        return math.sqrt(vector.dot(vector))  # [dims] . [dims]


def refuse_overflow(length: float, text: str) -> None:
    """Raise a `TermError` if a vector's length is not finite."""
    if not math.isfinite(length):
        raise TermError(f"the vector of '{text}' is too long for a float64", "Use smaller factors, or smaller rows.")
