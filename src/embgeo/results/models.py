"""The models on this machine."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model on this machine.

    Attributes:
        rows, dimensions: shape of the matrix.
        bytes: disk space of embgeo's own files for it.
        source: `hub`, `cache`, `local` or `bundled`.
        path: the mapped file.
        transform: as in `base.Answer`.
    """

    model: str
    revision: str
    rows: int
    dimensions: int
    dtype: str
    bytes: int
    source: str
    path: str
    transform: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Models:
    """The models on this machine."""

    command: str
    models: tuple[StoredModel, ...]


@dataclass(frozen=True, slots=True)
class RemovedModels:
    """The models that `models rm` removed.

    Attributes:
        bytes: disk space freed, including unfinished fetches.
    """

    command: str
    removed: tuple[StoredModel, ...]
    bytes: int
