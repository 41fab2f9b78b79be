"""Another matrix of the model that is asked: its positions, its unembedding."""

from __future__ import annotations

from embgeo.errors import Report, silent
from embgeo.models import loader
from embgeo.models.architectures import Choice
from embgeo.models.model import Model


def side_of(model: Model, choice: Choice, report: Report = silent) -> Model:
    """Open another matrix of the same model at the same revision, fetching it where that is needed.

    Raises:
        ModelError: the model has none, or it can't be read.
        NetworkError: it is not on this machine, and the Hub can't be reached.
    """
    return loader.load(*_name(model), report, choice).renamed(model.manifest.model)


def side_on_disk(model: Model, choice: Choice) -> Model | None:
    """As `companion`; None where it would have to be fetched."""
    found = loader.here(*_name(model), choice)
    return found.renamed(model.manifest.model) if found else None


def _name(model: Model) -> tuple[str, str | None]:
    """A model as it is asked for again; a path in full, since `gpt2` alone would be the one on the Hub."""
    manifest = model.manifest
    return manifest.full_name, manifest.revision if manifest.source in ("hub", "cache") else None
