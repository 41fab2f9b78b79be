"""Saved maps between spaces: safetensors files with a rotation in float64, and the two spaces in the metadata."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import FormatError, UsageError
from embgeo.formats.atomic import check_free, file_path, replacing
from embgeo.formats.safetensors import array_file, map_tensor, read_header
from embgeo.numerics.dtypes import F64

FORMAT: Final = "embgeo map 1"
NAMES: Final = ("model", "revision", "transform", "side", "tensor")


class SpaceReference(NamedTuple):
    """A space as a file names it; fields as in `Manifest`."""

    model: str
    revision: str
    transform: str
    side: str
    tensor: str

    @property
    def text(self) -> str:
        """The space in a sentence."""
        side = self.side if self.side != "input" else ""
        return " ".join(filter(None, (self.model, self.revision, self.transform, side)))


class SavedMap(NamedTuple):
    """A map as it is saved.

    Attributes:
        rotation: [p, q]: a row of the one space times this is a vector of the other.
        start, end: the spaces that it leads from and to.
        fitted: how many words it was fitted on.
    """

    rotation: F64
    start: SpaceReference
    end: SpaceReference
    fitted: int


def save(name: str | os.PathLike[str], saved: SavedMap, *, force: bool) -> None:
    """Write a map next to its place and rename it.

    Raises:
        UsageError: it can't be written there, a folder is named, or there is a file and no `force`.
    """
    path = file_path(name)
    check_free(path, force=force)
    metadata = {"format": FORMAT, "method": "orthogonal Procrustes of unit rows", "fitted": str(saved.fitted)}
    for which, space in (("start", saved.start), ("end", saved.end)):
        named = zip(NAMES, space, strict=True)
        metadata |= {f"{which}_{name}": text.encode("utf-8", "backslashreplace").decode() for name, text in named}
    try:
        with replacing(path) as file:
            file.writelines(array_file({"rotation": saved.rotation}, metadata))
    except OSError as error:
        raise UsageError(f"can't write '{path}': {error.strerror or error}", "Save somewhere else.") from None


def read(path: Path) -> SavedMap:
    """Read a map back: the same numbers.

    Raises:
        UsageError: there is no such file.
        FormatError: it is not a map, or damaged.
    """
    try:
        header = read_header(path)
    except OSError as error:
        raise UsageError(f"can't read map '{path}': {error.strerror}", "`embgeo compare A B --map FILE` writes one.") \
            from None  # fmt: skip
    metadata, tensor = header.metadata, header.tensors.get("rotation")
    if metadata.get("format") != FORMAT or tensor is None or tensor.dtype != "F64" or len(tensor.shape) != 2:
        raise FormatError(f"'{path}' is not a saved map", "`embgeo compare A B --map FILE` writes one.")
    rotation = np.array(map_tensor(path, tensor))  # [p, q]
    if not np.isfinite(rotation).all():
        raise FormatError(f"the map in '{path}' has NaN or infinity", "Save it again.")
    fitted = metadata.get("fitted", "")
    if not (fitted.isascii() and fitted.isdigit() and len(fitted) < 12):
        raise FormatError(f"'{path}' doesn't say how many words it was fitted on", "Save the map again.")
    start, end = (
        SpaceReference(*(metadata.get(f"{which}_{name}", "") for name in NAMES)) for which in ("start", "end")
    )  # fmt: skip
    return SavedMap(rotation, start, end, int(fitted))
