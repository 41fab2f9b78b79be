"""Another matrix of the model that is asked: its positions, its unembedding."""

from __future__ import annotations

from embgeo.models import loader
from embgeo.models.architectures import POSITIONS, Choice
from embgeo.models.model import Embedding
from embgeo.progress import Report, silent


def companion(space: Embedding, choice: Choice, report: Report = silent) -> Embedding:
    """Open another matrix of the same model at the same revision, fetching it where that is needed.

    Raises:
        ModelError: the model has none, or it can't be read.
        NetworkError: it is not on this machine, and the Hub can't be reached.
    """
    return _of(space, loader.load(*_name(space), report, choice))


def companion_here(space: Embedding, choice: Choice) -> Embedding | None:
    """As `companion`; None where it would have to be fetched."""
    found = loader.here(*_name(space), choice)
    return _of(space, found) if found else None


def positions_of(model: str | None, revision: str | None, report: Report = silent) -> Embedding:
    """A model's position embedding without its tokens; arguments and errors as for `loader.load`."""
    return Embedding.of(*loader.load(model, revision, report, POSITIONS))


def _of(space: Embedding, found: loader.Loaded) -> Embedding:
    """Under the name by which its companion was asked for."""
    return Embedding.of(loader.called(found.prepared, space.manifest.model))


def _name(space: Embedding) -> tuple[str, str | None]:
    """A model as it is asked for again; a path in full, since `gpt2` alone would be the one on the Hub."""
    manifest = space.manifest
    return manifest.full_name, manifest.revision if manifest.source in ("hub", "cache") else None
