"""Saved directions: safetensors files with the axes in float64, and their origin in the metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import FormatError, UsageError
from embgeo.formats.atomic import file_path, replacing
from embgeo.formats.regular import check_regular
from embgeo.formats.safetensors import array_file, map_tensor, read_header
from embgeo.numerics.dtypes import F64
from embgeo.numerics.names import LEARNING_METHODS

FORMAT: Final = "embgeo direction 1"


class SavedDirection(NamedTuple):
    """A direction as it is saved.

    Attributes:
        axes: [components, dims]
        shares: [components], or empty.
        model, revision: the model that it was learned on.
        method: as in `subspace.learn`.
        multi: how the tokens of a word were combined.
        pairs: the terms, as typed.
        transform: of the space that it was learned in; empty for the model's own rows.
        unit: whether the terms were scaled to length 1 first.
    """

    axes: F64
    shares: F64
    model: str
    revision: str
    method: str
    multi: str
    pairs: tuple[tuple[str, str], ...]
    transform: str = ""
    unit: bool = False


def save(path: str, saved: SavedDirection) -> None:
    """Write a direction. An existing direction is replaced, any other file is refused.

    Raises:
        UsageError: it can't be written there.
    """
    place = file_path(path)
    try:
        check_regular(place)
        if place.exists():
            read(path)  # refuses other files
        arrays = {"direction": saved.axes} | ({"shares": saved.shares} if saved.shares.size else {})
        model = saved.model.encode("utf-8", "backslashreplace").decode()  # a path may not be text
        metadata = {
            "format": FORMAT, "model": model, "revision": saved.revision, "method": saved.method,
            "multi": saved.multi, "pairs": json.dumps(saved.pairs, ensure_ascii=False),
        }  # fmt: skip
        if saved.transform:
            metadata["transform"] = saved.transform
        if saved.unit:
            metadata["unit"] = "true"
        with replacing(place) as file:
            file.writelines(array_file(arrays, metadata))
    except (FormatError, IsADirectoryError):
        raise UsageError(f"'{path}' exists and is not an embgeo direction", "Save under another name.") from None
    except OSError as error:
        raise UsageError(f"can't write '{path}': {error.strerror}", "Save somewhere else.") from None


def read(path: str) -> SavedDirection:
    """Read a direction back: the same numbers.

    Raises:
        UsageError: there is no such file.
        FormatError: it is not a direction, or damaged.
    """
    place = Path(path)
    try:
        header = read_header(place)
    except OSError as error:
        raise UsageError(f"can't read direction '{path}': {error.strerror}", "@FILE names a saved one.") from None
    except FormatError as error:
        raise FormatError(error.message, f"{error.hint} @FILE names a saved direction, --score-from a list.") from None
    metadata, tensor = header.metadata, header.tensors.get("direction")
    shape = tensor.shape if tensor is not None and tensor.dtype == "F64" else ()
    if metadata.get("format") != FORMAT or tensor is None or len(shape) != 2 or not all(shape):
        raise FormatError(f"'{path}' is not a saved direction", "`embgeo direction ... --save FILE` writes one.")
    axes = np.array(map_tensor(place, tensor))  # [components, dims]
    shares = header.tensors.get("shares")
    if shares is not None and (shares.dtype, shares.shape) != ("F64", axes.shape[:1]):
        raise FormatError(f"'{path}' doesn't have one share for each component", "Save the direction again.")
    if metadata.get("method", "") not in ("", *LEARNING_METHODS):
        raise FormatError(f"'{path}' was learned by the unknown method '{metadata['method']:.40}'")
    if not np.isfinite(axes).all() or not axes.any(axis=1).all():
        raise FormatError(f"the direction in '{path}' is zero, NaN or infinite", "Save it again.")
    return SavedDirection(
        axes, np.empty(0) if shares is None else np.array(map_tensor(place, shares)), metadata.get("model", ""),
        metadata.get("revision", ""), metadata.get("method", ""),
        metadata.get("multi", "mean"), _pairs(metadata.get("pairs", "[]"), path),
        metadata.get("transform", ""), metadata.get("unit") == "true",
    )  # fmt: skip


def _pairs(text: str, path: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((str(first), str(second)) for first, second in json.loads(text))
    except (ValueError, TypeError):
        raise FormatError(f"the pairs in '{path}' can't be read", "Save the direction again.") from None
