"""Which rows a list may show, how their spellings fold into one, and what an answer says of its model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

import numpy as np

from embgeo.formats.token_table import ABSENT, WORD
from embgeo.models.model import Model
from embgeo.numerics.dtypes import Ids, Mask


class Identity(TypedDict):
    """Which matrix an answer is about."""

    model: str
    revision: str
    dtype: str
    transform: str


class About(Identity):
    """What every answer says of itself, by the fields of `results.base.Answer`."""

    command: str
    notes: tuple[str, ...]


def identity(model: Model) -> Identity:
    """The model, revision, dtype and transformation, as fields of a result."""
    manifest = model.manifest
    return Identity(
        model=manifest.model, revision=manifest.revision, dtype=manifest.dtype, transform=manifest.transform
    )  # fmt: skip


def about(model: Model, command: str, notes: Iterable[str] = ()) -> About:
    """What an answer says of its model: its identity, the model's notes, then the question's own."""
    return About(command=command, notes=(*model.notes, *notes), **identity(model))


def listable(model: Model, without: list[int], *, words: bool = False, raw: bool = False) -> Mask:
    """Rows [rows] that a list may show.

    Args:
        without: rows to leave out, and unless `raw` their variants.
        words: only whole words of letters.
    """
    flags = model.vocabulary.table.flags
    mask: Mask = (flags & (WORD | ABSENT)) == WORD if words else (flags & ABSENT) == 0
    if raw or not without:
        mask[without] = False
        return mask
    fold = model.vocabulary.table.fold
    for group in {int(fold[token]) for token in without}:
        mask &= fold != group
    return mask


def fold_groups(model: Model, *, raw: bool = False) -> Ids | None:
    """The group of variants [rows] that each row belongs to; None where lists are raw."""
    return None if raw else model.vocabulary.table.fold.astype(np.intp)


def variants(model: Model, ids: Ids, *, raw: bool = False) -> list[int]:
    """How many other rows are variants of each of these."""
    if raw:
        return [0] * len(ids)
    sizes: list[int] = model.vocabulary.group_sizes[model.vocabulary.table.fold[ids]].tolist()
    return [size - 1 for size in sizes]
