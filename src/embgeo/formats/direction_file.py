"""Directions kept in safetensors files: the axes in float64, and in the file's metadata where they came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import FormatError, UsageError
from embgeo.formats.atomic import replacing
from embgeo.formats.safetensors import file_head, map_tensor, read_header
from embgeo.numerics.dtypes import F64, as_bytes
from embgeo.numerics.names import LEARNING_METHODS

FORMAT: Final = "embgeo direction 1"


class Saved(NamedTuple):
    """A direction as it is kept.

    Attributes:
        axes: [components, dims]
        shares: [components], or empty.
        model, revision: the model that it was learnt on.
        method: as in `subspace.learn`.
        multi: how words of several tokens were read.
        pairs: the terms, as typed.
        transform: of the space that it was learnt in; empty for the model's own rows.
    """

    axes: F64
    shares: F64
    model: str
    revision: str
    method: str
    multi: str
    pairs: tuple[tuple[str, str], ...]
    transform: str = ""


def save(path: str, saved: Saved) -> None:
    """Write a direction; another direction of this name is replaced, any other file is not.

    Raises:
        UsageError: it can't be written there.
    """
    place = Path(path)
    try:
        if place.exists():
            read(path)  # refuses what is none
        tensors = {"direction": ("F64", saved.axes.shape)}
        if saved.shares.size:
            tensors["shares"] = ("F64", saved.shares.shape)
        model = saved.model.encode("utf-8", "backslashreplace").decode()  # a path need be no text; a header must
        told = {
            "format": FORMAT, "model": model, "revision": saved.revision, "method": saved.method,
            "multi": saved.multi, "pairs": json.dumps(saved.pairs, ensure_ascii=False),
        }  # fmt: skip
        if saved.transform:
            told["transform"] = saved.transform
        whole = file_head(tensors, told) + bytes(as_bytes(saved.axes)) + bytes(as_bytes(saved.shares))
        with replacing(place) as file:
            file.write(whole)
    except (FormatError, IsADirectoryError):
        raise UsageError(f"'{path}' is there and no direction of embgeo", "Save under another name.") from None
    except OSError as error:
        raise UsageError(f"can't write '{path}': {error.strerror}", "Save somewhere else.") from None


def read(path: str) -> Saved:
    """Read a direction back: the same numbers.

    Raises:
        UsageError: there is no such file.
        FormatError: it holds no direction.
    """
    place = Path(path)
    try:
        header = read_header(place)
    except OSError as error:
        raise UsageError(f"can't read a direction from '{path}': {error.strerror}", "@FILE names one saved.") from None
    told, tensor = header.metadata, header.tensors.get("direction")
    shape = tensor.shape if tensor is not None and tensor.dtype == "F64" else ()
    if told.get("format") != FORMAT or tensor is None or len(shape) != 2 or not all(shape):
        raise FormatError(f"'{path}' holds no direction", "`embgeo direction ... --save FILE` writes one.")
    axes = np.array(map_tensor(place, tensor))  # [components, dims]
    shares = header.tensors.get("shares")
    if shares is not None and (shares.dtype, shares.shape) != ("F64", axes.shape[:1]):
        raise FormatError(f"the shares in '{path}' are not one for each component", "Save the direction again.")
    if told.get("method", "") not in ("", *LEARNING_METHODS):
        raise FormatError(f"'{path}' was learnt by '{told['method']:.40}', which embgeo doesn't know")
    if not np.isfinite(axes).all() or not axes.any(axis=1).all():
        raise FormatError(f"the direction in '{path}' is zero or no number", "Save it again.")
    return Saved(
        axes, np.empty(0) if shares is None else np.array(map_tensor(place, shares)), told.get("model", ""),
        told.get("revision", ""), told.get("method", ""),
        told.get("multi", "mean"), _pairs(told.get("pairs", "[]"), path),
        told.get("transform", ""),
    )  # fmt: skip


def _pairs(text: str, path: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((str(first), str(second)) for first, second in json.loads(text))
    except (ValueError, TypeError):
        raise FormatError(f"the pairs in '{path}' can't be read", "Save the direction again.") from None
