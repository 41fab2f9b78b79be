"""The similarity of words."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.dot import TermLength


@dataclass(frozen=True, slots=True)
class Similarity(Answer):
    """The similarity of every word with every other.

    Attributes:
        metric: `cosine` or `dot`.
        terms: the words and their lengths.
        matrix: [terms, terms] cosines from -1 to 1, or dot products.
    """

    metric: str
    terms: tuple[TermLength, ...]
    matrix: tuple[tuple[float, ...], ...]
