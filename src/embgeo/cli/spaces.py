"""The spaces that commands open: for each question, or, in a shell, once and then kept open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace

_shells: list[dict[tuple[object, ...], EmbeddingSpace]] = []  # what the running shell has open; empty elsewhere


@contextmanager
def keep_open() -> Iterator[None]:
    """Keep spaces open from one question to the next."""
    _shells.append({})
    try:
        yield
    finally:
        _shells.pop()


def forget_all() -> None:
    """Close all spaces, so that they are reopened: a command may have changed what a name stands for."""
    for kept in _shells:
        kept.clear()


def in_a_shell() -> bool:
    """Whether spaces stay open."""
    return bool(_shells)


def load(model: str | None, *, report: Report, transform: str | None = None, **how: Any) -> EmbeddingSpace:
    """As `embgeo.load`. In a shell, the space that an earlier question opened, unless its files have changed since.

    A transformed space is cheap to open but depends on two sets of files, and is never kept.
    """
    from embgeo import space as library

    if not _shells or transform:
        return library.load(model, transform=transform, report=report, **how)
    from embgeo.models.store import is_current

    kept, key = _shells[-1], (model, os.environ.get("EMBGEO_MODEL"), *sorted(how.items()))
    if key not in kept or not is_current(kept[key]):
        kept[key] = library.load(model, report=report, **how)
    return kept[key]
