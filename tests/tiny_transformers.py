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
LENGTHS = (1, 18)  # tokens in the texts whose states are stored


def config(family: str) -> dict[str, Any]:
    """The config.json of a tiny model."""
    values: dict[str, Any] = json.loads((FOLDER / family / "config.json").read_text())
    return values


def places(family: str) -> dict[str, Place]:
    """The places of its tensors."""
    file = FOLDER / family / "model.safetensors"
    return {name: Place(file, tensor) for name, tensor in read_header(file).tensors.items()}


def tiny(family: str, dtype: Any = np.float64) -> Transformer:
    """The tiny model of a family."""
    return open_transformer(config(family), places(family), dtype)


def stored(family: str, name: str) -> NDArray[Any] | None:
    """What transformers computed: `ids.N`, `states.N` or `logits.N` for the text of N tokens; None if not stored."""
    file = FOLDER / family / "states.safetensors"
    tensor = read_header(file).tensors.get(name)
    return None if tensor is None else np.asarray(map_tensor(file, tensor))


def ids_of(family: str, length: int) -> NDArray[np.intp]:
    """The token ids of the text of this length."""
    ids = stored(family, f"ids.{length}")
    assert ids is not None
    return ids.astype(np.intp)


def relative(result: NDArray[Any], expected: NDArray[Any]) -> float:
    """The largest difference divided by the largest expected magnitude."""
    return float(np.abs(result - expected).max() / np.abs(expected).max())
