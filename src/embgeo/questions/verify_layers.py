"""Whether a model's layers are what they should be: their files' digests, config.json's tensors, finite numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from embgeo.errors import ModelError, Report
from embgeo.formats.safetensors import Place, map_tensor
from embgeo.models.layers import LayerFiles, layers_config, layers_here
from embgeo.models.model import Model
from embgeo.models.weights import NOT_NEEDED
from embgeo.numerics.dtypes import to_float32
from embgeo.questions.info import runs
from embgeo.results.verify import Check
from embgeo.transformer.forward import open_transformer
from embgeo.transformer.weights import FLOATS

STARTS: Final = {"hub": "when it was fetched", "cache": "its name in the Hugging Face cache", "bundled": "SHA256SUMS"}
BLOCK_ITEMS: Final = 1 << 22  # bytes, or numbers, read at a time


def layer_checks(model: Model, report: Report) -> Iterator[Check]:
    """The checks of the layers that are on this machine; none where there are none that embgeo runs."""
    if not runs(layers_config(model)):
        return
    try:
        found = layers_here(model)
    except ModelError as error:
        yield same("layers", "readable", error.message, "the files")
        return
    if found is None:
        return
    for file, expected in found.digests.items():
        digest = _digest(file, report)
        yield same(f"{file.name}, SHA-256", expected, digest, STARTS.get(model.manifest.source, ""))
    if not found.absent:
        yield _complete(found)
    bad = next((name for name, place in found.places.items() if not _is_finite(name, place)), "none")
    yield same("layers with NaN or infinity", "none", bad, "the pass")


def same(name: str, expected: str, found: str, source: str) -> Check:
    """The check that what was found is what was expected."""
    return Check(name=name, passed=expected == found, expected=expected, found=found, source=source)


def _digest(file: Path, report: Report) -> str:
    digest, done, size = hashlib.sha256(), 0, file.stat().st_size
    with file.open("rb") as source:
        while block := source.read(BLOCK_ITEMS):
            digest.update(block)
            done += len(block)
            report(f"Reading {file.name}", done, size)
    return digest.hexdigest()


def _complete(found: LayerFiles) -> Check:
    """Whether every layer of config.json is there, with the tensors of its family."""
    wanted = "all that config.json names"
    try:
        open_transformer(found.config, found.places)
        said = wanted
    except ModelError as error:
        said = error.message
    return same("layers", wanted, said, "config.json")


def _is_finite(name: str, place: Place) -> bool:
    if NOT_NEEDED.search(name) or place.tensor.dtype not in FLOATS:
        return True
    numbers = np.asarray(map_tensor(*place)).reshape(-1)
    parts = (numbers[at : at + BLOCK_ITEMS] for at in range(0, len(numbers), BLOCK_ITEMS))
    return all(np.isfinite(to_float32(part, "BF16") if place.tensor.dtype == "BF16" else part).all() for part in parts)
