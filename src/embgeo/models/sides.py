"""Another matrix of a loaded model: its positions, its unembedding."""

from __future__ import annotations

from embgeo.errors import Report, silent
from embgeo.models import loader
from embgeo.models.choice import Choice
from embgeo.models.control import same_control
from embgeo.models.model import Model
from embgeo.models.reference import Reference, parse_reference


def side_of(model: Model, choice: Choice, report: Report = silent) -> Model:
    """Open another matrix of the same model at the same revision, fetching it if needed; of a control, its control.

    Raises:
        ModelError: the model has no such matrix, or it can't be read.
        NetworkError: it is not on this machine, and the Hub can't be reached.
    """
    return same_control(model, loader.load(_reference(model, choice), report).with_name(model.manifest.model))


def side_on_disk(model: Model, choice: Choice) -> Model | None:
    """As `side_of`; None if it would have to be fetched."""
    side = loader.load_offline(_reference(model, choice))
    return same_control(model, side.with_name(model.manifest.model)) if side else None


def _reference(model: Model, choice: Choice) -> Reference:
    """The same model again; by its full path, since a folder called `gpt2` would be taken for the one on the Hub."""
    manifest = model.manifest
    return parse_reference(
        manifest.full_name, manifest.revision if manifest.source in ("hub", "cache") else None, choice
    )
