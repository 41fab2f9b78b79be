"""Open a model for questions: load it, transform it if requested, and note which matrix is used."""

from __future__ import annotations

import dataclasses

from embgeo.errors import Report, silent
from embgeo.models import loader
from embgeo.models.choice import EMBEDDING, POSITION, Choice
from embgeo.models.model import Model
from embgeo.models.reference import parse_or_default


def open_model(
    name: str | None = None, revision: str | None = None, *, choice: Choice = EMBEDDING,
    transform: str | None = None, report: Report = silent,
) -> Model:  # fmt: skip
    """Load a model, and transform its space if `transform` names a transformation.

    Raises:
        as `reference.parse_reference`, `loader.load` and `transformed.transform_model`.
    """
    return apply_choice(loader.load(parse_or_default(name, revision, choice), report), choice, transform, report)


def apply_choice(model: Model, choice: Choice, transform: str | None, report: Report) -> Model:
    """Add a note on the matrix in use to a loaded model, and transform it."""
    model = dataclasses.replace(model, side_note=_side_note(model, choice), options=choice.arguments)
    if transform is None:
        return model
    from embgeo.models.transformed import transform_model

    return transform_model(model, transform, choice, report)


def _side_note(model: Model, choice: Choice) -> str:
    """A note if the matrix is not the embedding; else empty."""
    manifest = model.manifest
    if choice.tensor is not None:
        return f"the tensor {manifest.tensor} answers"
    if choice.side == "output":
        tied = ", which is the embedding: the two are tied" if manifest.tied else ""
        return manifest.stand_in_note or f"the unembedding answers: {manifest.tensor}{tied}"
    return f"the position embedding answers: {manifest.tensor}" if choice.side == POSITION else ""
