"""A saved direction, checked against a model."""

from __future__ import annotations

from embgeo.errors import TermError
from embgeo.formats.direction_file import SavedDirection, read
from embgeo.models.model import Model


def read_saved(model: Model, path: str) -> tuple[SavedDirection, tuple[str, ...]]:
    """A saved direction; a note says so if it was learned on another model.

    Raises:
        TermError: the direction and the model differ in dimensions.
        UsageError: the file doesn't exist or can't be read.
        FormatError: the file holds no direction.
    """
    saved = read(path)
    manifest = model.manifest
    if saved.axes.shape[1] != manifest.shape[1]:
        dims = f"{saved.axes.shape[1]:,} dimensions, {manifest.model} has {manifest.shape[1]:,}"
        raise TermError(f"the direction in '{path}' has {dims}", f"It was learned on {saved.model}: -m {saved.model}")
    here, there = (
        " ".join(part for part in (one.model, one.revision, one.transform) if part) for one in (manifest, saved)
    )
    return saved, () if here == there else (f"'{path}' was learned on {there}, and is used on {here}",)
