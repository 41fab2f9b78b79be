"""What the questions of `EmbeddingSpace` may be asked with, by name; for type checkers, imported by nothing at work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from embgeo.progress import Report

Pairs = Sequence[tuple[str, str]]


class TermOptions(TypedDict, total=False):
    """How terms are read: `multi` as in `vocabulary.Vocabulary.resolve`."""

    multi: str


class ListOptions(TermOptions, total=False):
    """What a list shows: `raw` and `words` as in `neighbours.neighbours`."""

    raw: bool
    words: bool


class NeighbourOptions(ListOptions, total=False):
    """`metric` as in `neighbours.neighbours`."""

    metric: str


class AnalogyOptions(ListOptions, total=False):
    """`method` and `keep_inputs` as in `analogy.analogy`."""

    method: str
    keep_inputs: bool


class DirectionOptions(TermOptions, total=False):
    """`method` and `components` as in `subspace.learn`."""

    method: str
    components: int


class JudgeOptions(TypedDict, total=False):
    """`test`, `turnings`, `seed` and `saved` as in `judged.judged`."""

    test: Pairs
    turnings: int
    seed: int
    saved: str


class SampleOptions(TermOptions, total=False):
    """`samples` and `seed` as in `among.parallel`."""

    samples: int
    seed: int


class ExportOptions(TermOptions, total=False):
    """As in `export.export`."""

    to: str | None
    dtype: str | None
    words: bool
    unit: bool
    force: bool
    report: Report


class ShapeOptions(TypedDict, total=False):
    """As in `shape.shape`."""

    samples: int
    queries: int | None
    seed: int
    report: Report
