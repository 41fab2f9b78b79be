"""Which rows a list may show, how spellings fold into one, and the fields that describe an answer's model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from embgeo.formats.token_marks import ABSENT, WORD
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, Ids, Mask
from embgeo.results.base import Token


class Identity(TypedDict):
    """Fields of a result that name the matrix."""

    model: str
    revision: str
    dtype: str
    transform: str
    sha256: str | None


class About(Identity):
    """Fields of `results.base.Answer`, which every answer has."""

    command: str
    notes: tuple[str, ...]


def identity(model: Model) -> Identity:
    """The model, revision, dtype, transformation and digest, as fields of a result."""
    manifest = model.manifest
    return Identity(
        model=manifest.model, revision=manifest.revision, dtype=manifest.dtype, transform=manifest.transform,
        sha256=manifest.sha256 or None,
    )  # fmt: skip


def read_only(vector: F64) -> F64:
    """A copy of a vector [dims] that can't be written to."""
    own = vector.copy()
    own.flags.writeable = False
    return own


def space_of(model: Model) -> tuple[str, ...]:
    """The identity of a matrix, regardless of how the model was named; vectors of one space can be added."""
    manifest = model.manifest
    return manifest.model, manifest.revision, manifest.transform, manifest.side, manifest.tensor


def about(model: Model, command: str, notes: Iterable[str] = ()) -> About:
    """The fields of every answer: command, model, and notes (the model's first, then the question's own)."""
    return About(command=command, notes=(*model.notes, *notes), **identity(model))


def tokens_of(model: Model, rows: Iterable[int]) -> tuple[Token, ...]:
    """Rows as answers show them."""
    return tuple(Token(*model.vocabulary.token(row)) for row in rows)


def listable(model: Model, without: list[int], *, words: bool = False, raw: bool = False, pieces: bool = True) -> Mask:
    """Rows [rows] that a list may show.

    Args:
        without: rows to leave out, and unless `raw` their variants.
        words: only whole words of letters.
        pieces: parts of longer words too, such as ##ing; so also if `raw`.
    """
    flags = model.vocabulary.table.flags
    mask: Mask = (flags & (WORD | ABSENT)) == WORD if words else (flags & ABSENT) == 0
    if not (pieces or raw or words):
        mask &= ~model.vocabulary.continuations
    if raw or not without:
        mask[without] = False
        return mask
    fold = model.vocabulary.table.fold
    for group in {int(fold[token]) for token in without}:
        mask &= fold != group
    return mask


def variants(model: Model, ids: Ids, *, raw: bool = False) -> list[int]:
    """How many other rows are variants of each of these."""
    if raw:
        return [0] * len(ids)
    sizes: list[int] = model.vocabulary.group_sizes[model.vocabulary.table.fold[ids]].tolist()
    return [size - 1 for size in sizes]
