"""Questions that need a few rows only: dot products, one vector, how text splits, what a model is."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

from embgeo.errors import UsageError
from embgeo.formats.token_table import ABSENT
from embgeo.models.model import Embedding, Point
from embgeo.numerics.dtypes import shortest
from embgeo.results.info import Dots, Info, Length, Pair, Split, Splits, Vector

PERPENDICULAR: Final = 0.1  # |cosine| below this: further than 84.3 degrees from either direction


def dots(space: Embedding, terms: list[str], *, multi: str = "mean") -> Dots:
    """Dot product and cosine of every two of the terms, in the order given.

    Raises:
        TermError: the model has no vector for a term.
        UsageError: fewer than two terms.
    """
    if len(terms) < 2:
        raise UsageError("a dot product takes two terms", "As in: embgeo dot cat dog")
    points = [space.point(term, multi=multi) for term in terms]
    manifest = space.manifest
    return Dots(
        "dot", manifest.model, manifest.revision, manifest.dtype, (*space.notes, *space.split_notes(points, multi)),
        tuple(Length(point.term.term, point.term.tokens, shortest(point.norm)) for point in points),
        tuple(_pair(a, b) for a, b in itertools.combinations(points, 2)), transform=manifest.transform,
    )  # fmt: skip


def vector(space: Embedding, term: str, *, multi: str = "mean") -> Vector:
    """The vector of a term: its row, or the mean of its tokens' rows.

    Raises:
        TermError: the model has no vector for it.
    """
    point = space.point(term, multi=multi)
    manifest = space.manifest
    return Vector(
        "vector", manifest.model, manifest.revision, manifest.dtype, (*space.notes, *space.split_notes([point], multi)),
        point.term, shortest(point.norm), tuple(shortest(value) for value in point.vector),
        transform=manifest.transform,
    )  # fmt: skip


def splits(space: Embedding, texts: list[str]) -> Splits:
    """How the model's tokenizer splits texts, without special tokens added."""
    vocabulary, manifest = space.vocabulary, space.manifest
    found = tuple(Split(text, tuple(vocabulary.token(token) for token in vocabulary.split(text))) for text in texts)
    everything = tuple(token for split in found for token in split.tokens)
    return Splits(
        "tokens", manifest.model, manifest.revision, manifest.dtype, space.notes, everything, found,
        transform=manifest.transform,
    )  # fmt: skip


def info(space: Embedding, *, command: str = "info") -> Info:
    """What the model's matrix is, and where it lies."""
    manifest = space.manifest
    rows, dims = manifest.shape
    tokens = int(np.count_nonzero(space.vocabulary.table.flags != ABSENT))
    return Info(
        command, manifest.model, manifest.revision, manifest.dtype, space.notes,
        rows=rows, dimensions=dims, parameters=rows * dims, tokens=tokens, bytes=space.matrix.rows.nbytes,
        tied=None if manifest.unembedding is None else not manifest.unembedding,
        unembedding=manifest.unembedding, side=manifest.side,
        zero_rows=manifest.zero_rows, bad_rows=manifest.bad_rows, source=manifest.source, tensor=manifest.tensor,
        path=str((space.prepared.place / manifest.matrix).absolute()), sha256=manifest.sha256,
        transform=manifest.transform,
    )  # fmt: skip


def _pair(a: Point, b: Point) -> Pair:
    dot = float(a.vector @ b.vector)  # [dims] @ [dims]
    lengths = a.norm * b.norm
    cosine = dot / lengths if lengths > 0 else 0.0
    return Pair(a.term.term, b.term.term, shortest(dot), shortest(cosine), _relation(cosine))


def _relation(cosine: float) -> str:
    if abs(cosine) < PERPENDICULAR:
        return "perpendicular"
    return "aligned" if cosine > 0 else "opposed"
