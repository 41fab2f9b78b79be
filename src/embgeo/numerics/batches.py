"""Many questions of one kind as arrays, and the candidates for their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F64, Ids, Mask
from embgeo.numerics.objectives import ScoreRule


class Batch(NamedTuple):
    """Questions that are scored by the same rule.

    Attributes:
        vectors: [vectors, dims] the distinct vectors, finite.
        terms: [questions, n] the vectors of each question.
        constants: [constants, questions] for the rule.
        rule: the score.
    """

    vectors: F64
    terms: Ids
    constants: F64
    rule: ScoreRule

    def where(self, mask: Mask) -> Batch:
        """The questions of a mask [questions]."""
        return self._replace(terms=self.terms[mask], constants=self.constants[:, mask])


class RowFilter(NamedTuple):
    """Which rows can be in an answer.

    Attributes:
        allowed: [rows] rows that can be in any answer.
        group: [rows] rows with the same number are left out together.
        left_out: [questions, m] the groups that each question leaves out, padded with -1.
    """

    allowed: Mask
    group: Ids
    left_out: Ids


class Candidates(NamedTuple):
    """The rows that could be among the k best of questions `first` to `stop`, and the left-out rows above them.

    Attributes:
        question: [pairs] numbered from `first`.
        row, low, high: [pairs] rows, and bounds on their scores.
        left_out: [pairs] whether the question leaves the row out.
        floor: [questions] every row missing here that is not left out scores less, or the same with a higher number
            than all rows here that score the same.
    """

    first: int
    stop: int
    question: Ids
    row: Ids
    low: F64
    high: F64
    left_out: Mask
    floor: F64

    @classmethod
    def none(cls, questions: int = 0) -> Candidates:
        """No candidate so far for so many questions."""
        empty, bounds = np.empty(0, np.intp), np.empty(0)
        return cls(0, questions, empty, empty, bounds, bounds, np.empty(0, bool), np.full(questions, -np.inf))

    def where(self, mask: Mask | Ids) -> Candidates:
        """The pairs of a mask, or of numbers in their order."""
        return self._replace(question=self.question[mask], row=self.row[mask], low=self.low[mask],
                             high=self.high[mask], left_out=self.left_out[mask])  # fmt: skip


def padded(rows: Sequence[Sequence[int]]) -> Ids:
    """Lists of different lengths as one array [rows, longest], padded with -1."""
    width = max(1, *map(len, rows), 1)
    return np.array([[*row, *[-1] * (width - len(row))] for row in rows], np.intp).reshape(-1, width)
