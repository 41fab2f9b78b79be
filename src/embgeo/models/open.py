"""A model ready for questions: loaded, transformed where that is wanted, with notes on which matrix answers."""

from __future__ import annotations

import dataclasses

from embgeo.errors import Report, silent
from embgeo.models import loader
from embgeo.models.architectures import EMBEDDING, POSITION, Choice
from embgeo.models.model import Model


def open_model(
    name: str | None = None, revision: str | None = None, *, choice: Choice = EMBEDDING,
    transform: str | None = None, report: Report = silent,
) -> Model:  # fmt: skip
    """Load a model, and transform its space where `transform` names a transformation.

    Raises:
        as `loader.load` and `transformed.transformed`.
    """
    return ready(loader.load(name, revision, report, choice), choice, transform, report)


def ready(model: Model, choice: Choice, transform: str | None, report: Report) -> Model:
    """A loaded model with a note on the matrix that answers, and transformed."""
    model = dataclasses.replace(model, side_note=_side_note(model, choice))
    if transform is None:
        return model
    from embgeo.models.transformed import transformed

    return transformed(model, transform, choice, report)


def _side_note(model: Model, choice: Choice) -> str:
    """A note where another matrix than the embedding answers; else empty."""
    manifest = model.manifest
    if choice.tensor is not None:
        return f"the tensor {manifest.tensor} answers"
    if choice.side == "output":
        tied = "" if manifest.unembedding else ", which is the embedding: the two are tied"
        return f"the unembedding answers: {manifest.tensor}{tied}"
    return f"the position embedding answers: {manifest.tensor}" if choice.side == POSITION else ""
