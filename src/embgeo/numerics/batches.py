"""Many questions of one kind as arrays, and the candidates for their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F32, F64, Ids, Mask
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


class Pairs(NamedTuple):
    """Pairs [pairs] of a question and a row, and their float32 scores."""

    question: Ids
    row: Ids
    score: F32

    @classmethod
    def joined(cls, parts: Sequence[Pairs]) -> Pairs:
        """The pairs of all parts, one part after the other."""
        return cls(*(np.concatenate([part[i] for part in parts]) for i in range(3)))

    def where(self, mask: Mask | Ids) -> Pairs:
        """The pairs of a mask, or of numbers in their order."""
        return Pairs(self.question[mask], self.row[mask], self.score[mask])


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
        return self._replace(**{name: getattr(self, name)[mask] for name in COLUMNS})

    @classmethod
    def joined(cls, parts: Sequence[Candidates]) -> Candidates:
        """The pairs of all parts, one part after the other; the questions and their floor are those of the first."""
        columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS}
        return parts[0]._replace(**columns)


COLUMNS: Final = ("question", "row", "low", "high", "left_out")  # of `Candidates`: those with a number for each pair


def padded(rows: Sequence[Sequence[int]]) -> Ids:
    """Lists of different lengths as one array [rows, longest], padded with -1."""
    width = max(1, *map(len, rows), 1)
    return np.array([[*row, *[-1] * (width - len(row))] for row in rows], np.intp).reshape(-1, width)


def places_in_runs(numbers: Ids) -> Ids:
    """The place from 0 of each number among those equal to it [numbers]; the numbers are sorted."""
    places: Ids = np.arange(len(numbers)) - np.searchsorted(numbers, numbers)
    return places
