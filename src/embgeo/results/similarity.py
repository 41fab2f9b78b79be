"""Words among themselves: similarity, groups, parallels."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.dot import TermLength


@dataclass(frozen=True, slots=True)
class Similarity(Answer):
    """Every word against every other.

    Attributes:
        metric: `cosine` or `dot`.
        terms: the words and their lengths.
        matrix: a row for each word, in the order given.
    """

    metric: str
    terms: tuple[TermLength, ...]
    matrix: tuple[tuple[float, ...], ...]
