"""Passages of the user's own files, nearest in meaning to a query."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.ranked import Ranked


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage.

    Attributes:
        rank: from 1.
        score: the cosine with the query, or their dot product if the model's own files say so.
        file: as named, or inside a folder that was; `-` for standard input.
        line, last_line: of the file, from 1.
        text: of the passage.
        cut: how many of its last tokens were past the model's limit, and not read.
    """

    rank: int
    score: float
    file: str
    line: int
    last_line: int
    text: str
    cut: int


@dataclass(frozen=True, slots=True)
class Search(Ranked[FoundPassage], Answer):
    """The passages nearest to a query; a sequence of `FoundPassage`.

    Attributes:
        query: as typed.
        by: `line`, `paragraph` or a number of lines.
        metric: what scores are: `cosine`, or `dot` if the model's own files say so.
        files, passages: how many were read.
        computed: how many different passages were not in the store before.
        recall: with an index, the share of the ten nearest others of sampled passages that it finds; None without one,
            since every passage was compared.
        recall_queries: how many passages were sampled.
        results: nearest first; equal ones in the order of the files.
    """

    query: str
    by: str
    metric: str
    files: int
    passages: int
    computed: int
    recall: float | None
    recall_queries: int
    results: tuple[FoundPassage, ...]

    @property
    def heading(self) -> str:
        """The query."""
        return self.query
