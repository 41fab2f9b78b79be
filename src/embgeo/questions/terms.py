"""Terms as vectors: a word, an exact text, a row, or an expression of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from embgeo.errors import TermError
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64
from embgeo.numerics.subspace import CANCELLED
from embgeo.results.base import Term, Token


@dataclass(frozen=True, slots=True)
class Point:
    """A term or an expression as a vector.

    Attributes:
        term: the whole, with its weight and the tokens of all its parts.
        vector: [dims] the row, the mean or sum of the rows, or the weighted sum of the parts' raw vectors; not yet
            multiplied by the term's own weight.
        norm: Euclidean length of the vector.
        parts: the terms that an expression adds up, each with its weight in it; a single term is its own only part.
        added: the sum of the lengths that were added up. A vector far shorter than this is rounding error.
    """

    term: Term
    vector: F64
    norm: float
    parts: tuple[Term, ...]
    added: float

    @property
    def ids(self) -> list[int]:
        """The rows that stand for the term."""
        return [token.id for token in self.term.tokens]

    def check_direction(self) -> None:
        """Refuse a vector without a direction.

        Raises:
            TermError: it is zero but for rounding, or too long for a float64.
        """
        if not CANCELLED * self.added < self.norm < math.inf:
            raise TermError(f"the vector of '{self.term.term}' has no direction (length {self.norm:g})")

    def unit(self) -> F64:
        """The vector [dims] with length 1.

        Raises:
            TermError: as `check_direction`.
        """
        self.check_direction()
        return self.vector / self.norm


def read_term(model: Model, text: str, *, weight: float = 1.0, multi: str = "mean") -> Point:
    """The vector of a term (see `Vocabulary.resolve`) or of an expression of terms (see `expression.parse`).

    Args:
        weight: of the term in the question; it is kept beside the vector.
        multi: what stands for a word of several tokens, one of `multi.MULTI`.

    Raises:
        TermError: the model has no token for a term, the expression is malformed, or a number in it is not finite.
    """
    if len(text.split()) > 1:  # otherwise no operator can be set off by spaces, and nothing need be imported
        from embgeo.vocabulary.expression import is_expression

        if is_expression(text):
            return _sum(model, text, weight, multi)
    return _single(model, text, weight, multi)


def read_terms(model: Model, texts: Iterable[str], *, multi: str = "mean") -> list[Point]:
    """`read_term` of each."""
    return [read_term(model, text, multi=multi) for text in texts]


def split_notes(points: Iterable[Point], multi: str) -> tuple[str, ...]:
    """A note for each term that is more than one token."""
    several = (part for point in points for part in point.parts if len(part.tokens) > 1)
    return tuple(dict.fromkeys(_split_note(part.term, part.tokens, multi) for part in several))


def _single(model: Model, text: str, weight: float, multi: str) -> Point:
    ids = model.vocabulary.resolve(text, multi).ids
    rows = model.weights.take(np.array(ids))  # [tokens, dims]
    vector = rows[0] if len(ids) == 1 else rows.sum(axis=0) if multi == "sum" else rows.mean(axis=0)  # [dims]
    norm = _length(vector)
    if not (math.isfinite(norm) or np.isfinite(vector).all()):
        raise TermError(f"the row of '{text}' holds NaN or infinity", "`embgeo info` counts such rows.")
    _refuse_overflow(norm, text)
    term = Term(text, weight, tuple(map(model.vocabulary.token, ids)))
    return Point(term, vector, norm, (term,), norm)


def _sum(model: Model, text: str, weight: float, multi: str) -> Point:
    from embgeo.vocabulary.expression import parse

    points = [_single(model, part.term, part.weight, multi) for part in parse(text)]
    weights = np.array([point.term.weight for point in points])
    with np.errstate(over="ignore", invalid="ignore"):
        vector = weights @ np.array([point.vector for point in points])  # [parts] @ [parts, dims] -> [dims]
    norm = _length(vector)
    _refuse_overflow(norm, text)
    tokens = {token.id: token for point in points for token in point.term.tokens}
    added = float(np.abs(weights) @ [point.norm for point in points])
    return Point(
        Term(text, weight, tuple(tokens.values())), vector, norm, tuple(point.term for point in points), added
    )  # fmt: skip


def _length(vector: F64) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return math.sqrt(vector.dot(vector))  # [dims] . [dims]


def _refuse_overflow(length: float, text: str) -> None:
    if not math.isfinite(length):
        raise TermError(f"the vector of '{text}' is too long for a float64", "Use smaller factors, or smaller rows.")


def _split_note(term: str, tokens: tuple[Token, ...], multi: str) -> str:
    parts = " + ".join(repr(token.text) for token in tokens)
    return f"'{term}' is {len(tokens)} tokens: {parts}; their {multi} is used"
