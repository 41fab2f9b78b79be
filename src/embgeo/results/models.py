"""The models on this machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from embgeo.results.records import Record, as_data
from embgeo.results.tabular import Tabular


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model on this machine.

    Attributes:
        side: `input`, `output` or `position`: which of the model's matrices.
        tensor: the matrix's own name.
        rows, dimensions: shape of the matrix.
        bytes: disk space of embgeo's own files for it.
        source: `hub`, `cache`, `local` or `bundled`.
        path: the mapped file.
        transform: as in `base.Answer`.
        layer_bytes: disk space of its fetched layers.
        word_bytes: of the states of the vocabulary's words, which `context` has computed.
        text_bytes: of the vectors of texts, which `search` has computed.
    """

    model: str
    revision: str
    side: str
    tensor: str
    rows: int
    dimensions: int
    dtype: str
    bytes: int
    source: str
    path: str
    transform: str = field(default="", kw_only=True)
    layer_bytes: int = field(default=0, kw_only=True)
    word_bytes: int = field(default=0, kw_only=True)
    text_bytes: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class Models(Tabular):
    """The models on this machine."""

    command: str
    models: tuple[StoredModel, ...]

    def records(self) -> list[Record]:
        """A row for each model."""
        return [as_data(model) for model in self.models]


@dataclass(frozen=True, slots=True)
class RemovedModels(Tabular):
    """The models that `models rm` removed.

    Attributes:
        bytes: disk space freed, including unfinished fetches, layers and what they have computed.
    """

    command: str
    removed: tuple[StoredModel, ...]
    bytes: int

    def records(self) -> list[Record]:
        """A row for each model."""
        return [as_data(model) for model in self.removed]
