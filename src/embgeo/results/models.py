"""The models on this machine."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model on this machine; `bytes` is what embgeo itself keeps of it on disk, `transform` as in `base.Answer`."""

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
    """What `models rm` freed."""

    command: str
    removed: tuple[StoredModel, ...]
    bytes: int
