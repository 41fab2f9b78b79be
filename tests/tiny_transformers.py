"""The tiny transformers in tests/data/transformers, which tools/make_tiny_transformers.py makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embgeo.formats.safetensors import Place, map_tensor, read_header
from embgeo.transformer.forward import Transformer, open_transformer

FOLDER = Path(__file__).parent / "data" / "transformers"
FAMILIES = sorted(path.name for path in FOLDER.iterdir())
LENGTHS = (1, 18)  # tokens of the texts whose states are kept


def config(family: str) -> dict[str, Any]:
    """The config.json of a tiny model."""
    values: dict[str, Any] = json.loads((FOLDER / family / "config.json").read_text())
    return values


def places(family: str) -> dict[str, Place]:
    """Where its tensors are."""
    file = FOLDER / family / "model.safetensors"
    return {name: Place(file, tensor) for name, tensor in read_header(file).tensors.items()}


def tiny(family: str, dtype: Any = np.float64) -> Transformer:
    """The model itself."""
    return open_transformer(config(family), places(family), dtype)


def stored(family: str, name: str) -> NDArray[Any] | None:
    """What transformers gave: `ids.N`, `states.N` or `logits.N` of the text of N tokens."""
    file = FOLDER / family / "states.safetensors"
    tensor = read_header(file).tensors.get(name)
    return None if tensor is None else np.asarray(map_tensor(file, tensor))


def ids_of(family: str, length: int) -> NDArray[np.intp]:
    """The ids of its text of so many tokens."""
    found = stored(family, f"ids.{length}")
    assert found is not None
    return found.astype(np.intp)


def relative(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """The largest difference, relative to the largest expected number."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())
