"""Many questions of one kind, as arrays; and what a sweep over the rows finds for them."""

from __future__ import annotations

from typing import NamedTuple

from embgeo.numerics.dtypes import F64, Ids, Mask
from embgeo.numerics.objectives import ScoreRule


class Batch(NamedTuple):
    """Questions of one kind.

    Attributes:
        vectors: [vectors, dims] the distinct ones, finite.
        terms: [questions, n] which vectors each question is about.
        constants: [constants, questions] what else its score depends on.
    """

    vectors: F64
    terms: Ids
    constants: F64
    rule: ScoreRule

    def where(self, mask: Mask) -> Batch:
        """Only these questions."""
        return self._replace(terms=self.terms[mask], constants=self.constants[:, mask])


class RowFilter(NamedTuple):
    """Which rows count.

    Attributes:
        allowed: [rows] rows that may be answered at all.
        group: [rows] rows with the same number are left out together.
        left_out: [questions, m] the groups that a question leaves out, filled up with -1.
    """

    allowed: Mask
    group: Ids
    left_out: Ids


class Candidates(NamedTuple):
    """The rows that could be among the k best of questions `first` to `stop`, left-out ones above them included.

    Attributes:
        question: [pairs] counted from `first`.
        row, low, high: [pairs] rows, and bounds on their scores.
        left_out: [pairs] whether the question leaves the row out.
        floor: [questions] no row outside this list that is not left out scores so much.
    """

    first: int
    stop: int
    question: Ids
    row: Ids
    low: F64
    high: F64
    left_out: Mask
    floor: F64

    def where(self, mask: Mask | Ids) -> Candidates:
        """Only these pairs, in this order."""
        return self._replace(question=self.question[mask], row=self.row[mask], low=self.low[mask],
                             high=self.high[mask], left_out=self.left_out[mask])  # fmt: skip
