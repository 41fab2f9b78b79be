"""The similarity of words."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.dot import TermLength
from embgeo.results.records import Record
from embgeo.results.tabular import Drawable


@dataclass(frozen=True, slots=True)
class Similarity(Answer, Drawable):
    """The similarity of every word with every other.

    Attributes:
        metric: `cosine` or `dot`.
        terms: the words and their lengths.
        matrix: [terms, terms] cosines from -1 to 1, or dot products.
    """

    metric: str
    terms: tuple[TermLength, ...]
    matrix: tuple[tuple[float, ...], ...]

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return " · ".join(term.term for term in self.terms)

    def records(self) -> list[Record]:
        """A row for each cell."""
        names = [term.term for term in self.terms]
        return [
            {"a": a, "b": b, self.metric: value}
            for a, row in zip(names, self.matrix, strict=True)
            for b, value in zip(names, row, strict=True)
        ]
