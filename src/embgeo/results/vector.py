"""Vectors as answers, and their sums: what NumPy reads, and what stands for a term in another question."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import TermError
from embgeo.results.base import Answer, Term
from embgeo.results.records import Record
from embgeo.results.tabular import at_revision

F64 = NDArray[np.float64]


class Arithmetic:
    """Vectors that add, subtract, scale and divide by numbers; NumPy reads them as arrays of float64 [dims].

    The result of `a - b + 2 * c` is a `VectorSum`, which remembers its summands. With a NumPy array the result is an
    array.
    """

    __slots__ = ()
    __array_priority__ = 1  # NumPy's arrays and numbers leave the arithmetic to this class

    if TYPE_CHECKING:  # a dataclass would take an inherited property for its field's default

        @property
        def values(self) -> F64:
            """The vector [dims], read-only."""

        @property
        def summands(self) -> tuple[Summand, ...]:
            """The vectors that this is the sum of, with their weights."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        found: NDArray[Any] = np.array(self.values, dtype, copy=copy)
        return found

    def __add__(self, other: object) -> Any:
        return _added(self, other, 1.0)

    def __radd__(self, other: object) -> Any:
        if isinstance(other, int) and other == 0:  # how sum() begins
            return self
        return other + self.values if isinstance(other, np.ndarray) else NotImplemented

    def __sub__(self, other: object) -> Any:
        return _added(self, other, -1.0)

    def __rsub__(self, other: object) -> Any:
        return other - self.values if isinstance(other, np.ndarray) else NotImplemented

    def __mul__(self, factor: object) -> Any:
        if isinstance(factor, numbers.Real):
            return _scaled(self, float(factor))
        return self.values * factor if isinstance(factor, np.ndarray) else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, divisor: object) -> Any:
        if isinstance(divisor, numbers.Real):
            if divisor == 0:
                raise TermError("a vector can't be divided by 0")
            return _scaled(self, 1 / float(divisor))
        return self.values / divisor if isinstance(divisor, np.ndarray) else NotImplemented

    def __rtruediv__(self, other: object) -> Any:
        return other / self.values if isinstance(other, np.ndarray) else NotImplemented

    def __neg__(self) -> VectorSum:
        return _scaled(self, -1.0)

    def __pos__(self) -> Self:
        return self


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class VectorAnswer(Arithmetic, Answer):
    """An answer that is itself a vector of one space.

    Attributes:
        parts: the terms whose tokens later lists leave out, each with its weight. Not in JSON.
        added: the sum of the lengths of all summands; a far shorter vector is rounding error. Not in JSON.
        space: the matrix: model, revision, transformation, side and tensor. Not in JSON.
    """

    parts: tuple[Term, ...] = field(repr=False, kw_only=True)
    added: float = field(repr=False, kw_only=True)
    space: tuple[str, ...] = field(repr=False, kw_only=True)
    if TYPE_CHECKING:

        @property
        def norm(self) -> float:
            """Euclidean length."""

    @property
    def text(self) -> str:
        """What a later question calls this vector."""
        raise NotImplementedError

    @property
    def summands(self) -> tuple[Summand, ...]:
        """This vector alone."""
        return (Summand(self, 1.0),)

    def __eq__(self, other: object) -> bool:
        return equal_fields(self, other)

    def __hash__(self) -> int:
        return hash((self.text, self.space, self.values.tobytes()))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.text} of {self.model}: {len(self.values):,} dims, length {self.norm:.4f}>"


class Summand(NamedTuple):
    """A vector and its weight in a sum."""

    vector: VectorAnswer
    weight: float


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Vector(VectorAnswer):
    """A term's vector; NumPy reads it as an array of float64 [dims].

    Attributes:
        norm: Euclidean length.
        values: [dims] float64, read-only; in JSON and CSV as float32.
    """

    term: Term
    norm: float
    values: F64

    @property
    def text(self) -> str:
        """The term as typed."""
        return self.term.term

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return self.text

    def records(self) -> list[Record]:
        """A row for each dimension."""
        return [{"dimension": number, "value": value} for number, value in enumerate(self.values)]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class VectorSum(Arithmetic):
    """A weighted sum of vectors, such as `space["king"] - space["man"] + space["woman"]`.

    Every question takes it as a term, and leaves out its terms as it does those of an expression.

    Attributes:
        summands: the vectors and their weights, in the order written; the same vector twice stays two.
    """

    summands: tuple[Summand, ...]

    @property
    def values(self) -> F64:
        """The sum [dims], read-only."""
        weights = np.array([one.weight for one in self.summands])
        with np.errstate(over="ignore", invalid="ignore"):
            total: F64 = weights @ np.array([one.vector.values for one in self.summands])  # [n] @ [n, dims] -> [dims]
        total.flags.writeable = False
        return total

    @property
    def norm(self) -> float:
        """Euclidean length of the sum."""
        return float(np.linalg.norm(self.values))

    @property
    def text(self) -> str:
        """The sum as an expression: `king - man + 2 * woman`; sums among its terms stand in parentheses."""
        written = " ".join(f"{'-' if one.weight < 0 else '+'} {_written(one)}" for one in self.summands)
        return written.removeprefix("+ ")

    def __repr__(self) -> str:
        return f"<VectorSum {self.text}: {len(self.values):,} dims, length {self.norm:.4f}>"


def _written(summand: Summand) -> str:
    vector, size = summand.vector, abs(summand.weight)
    text = f"({vector.text})" if len(vector.parts) > 1 else vector.text
    return text if size == 1 else f"{size:.6g} * {text}"


def _added(first: Arithmetic, second: object, sign: float) -> Any:
    if isinstance(second, np.ndarray):
        return first.values + sign * second
    if not isinstance(second, Arithmetic):
        return NotImplemented
    a, b = first.summands[0].vector, second.summands[0].vector
    if a.space != b.space:
        raise TermError(
            f"'{a.text}' is a vector of {named_space(a.space)}, '{b.text}' of {named_space(b.space)}",
            "Add vectors of one space; `.values` are the numbers alone.",
        )
    return VectorSum((*first.summands, *_scaled(second, sign).summands))


def _scaled(vector: Arithmetic, factor: float) -> VectorSum:
    if not math.isfinite(factor):
        raise TermError(f"a vector can't be scaled by {factor}")
    return VectorSum(tuple(one._replace(weight=one.weight * factor) for one in vector.summands))


def equal_fields(first: Answer, second: object) -> bool:
    """Whether two answers are of one kind and equal in every field, arrays included."""
    return type(first) is type(second) and all(
        np.array_equal(getattr(first, name), getattr(second, name))
        if name == "values"
        else getattr(first, name) == getattr(second, name)
        for name in first.__dataclass_fields__
    )


def named_space(space: tuple[str, ...]) -> str:
    """The parts of a space's identity that tell spaces apart, for people: `gpt2 output`."""
    model, revision, transform, side, _ = space
    return " ".join(part for part in (at_revision(model, revision), transform, "" if side == "input" else side) if part)
