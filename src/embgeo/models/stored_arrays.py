"""Arrays computed once from a model and kept in the store next to its transformed spaces, so that they go with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import FormatError, ModelError
from embgeo.formats.atomic import storing
from embgeo.formats.safetensors import array_file, map_tensor, read_header
from embgeo.models.model import Model
from embgeo.models.places import derived_root

Arrays = dict[str, NDArray[Any]]
FOLDER: Final = "map"  # what is stored is of maps


def stored_arrays(model: Model, parts: list[bytes], compute: Callable[[], Arrays]) -> Arrays:
    """Arrays from the store, or computed and stored; a store that can't be written only costs time.

    Args:
        parts: what they depend on besides the matrix.
        compute: makes them, of float64, float32, int32 or uint8.
    """
    if not model.manifest.sha256:  # a control, whose rows are no file's: nothing tells its arrays from another's
        return compute()
    path = derived_root(model.place) / FOLDER / f"{_key(model, parts)}.safetensors"
    with suppress(OSError, FormatError):
        return _read(path)
    arrays = compute()
    with suppress(ModelError), storing(path) as file:
        file.writelines(array_file(arrays, {}))
    return arrays


def _read(path: Path) -> Arrays:
    return {name: np.asarray(map_tensor(path, tensor)) for name, tensor in read_header(path).tensors.items()}


def _key(model: Model, parts: list[bytes]) -> str:
    digest = hashlib.sha256(model.manifest.sha256.encode())
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:24]
