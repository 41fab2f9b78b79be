"""Where the layers of a loaded model are: its config.json and all its tensors, mapped where they lie."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from embgeo.errors import FormatError, ModelError, UsageError
from embgeo.formats.safetensors import Place, read_header
from embgeo.models import local
from embgeo.models.model import Model
from embgeo.models.weights import CONFIG, INDEX, PLAIN_NAME, find_weights

BUNDLED_FILES: Final = ("embedding.safetensors", "layers.safetensors")
ROUNDED: Final = "the bundled MiniLM's layers are rounded to float16"


class LayerFiles(NamedTuple):
    """The files of a model's layers.

    Attributes:
        folder: with config.json, and with modules.json if it is a sentence model.
        config: the content of config.json.
        places: where each tensor is, by its full name.
        notes: what answers that run them should say.
    """

    folder: Path
    config: Mapping[str, Any]
    places: Mapping[str, Place]
    notes: tuple[str, ...] = ()


def layer_files(model: Model) -> LayerFiles:
    """Find the layers of a loaded model.

    Raises:
        UsageError: the matrix in use is not the embedding of a model, or is transformed.
        ModelError: the model has no layers, or they are not on this machine.
        FormatError: a damaged file.
    """
    manifest = model.manifest
    if manifest.side != "input" or manifest.transform:
        what = manifest.transform or f"--side {manifest.side}"
        raise UsageError(f"a model's layers start from its own embedding, and not from {what}", "Leave it out.")
    if manifest.source == "bundled":
        files = [model.place / name for name in BUNDLED_FILES]
        return LayerFiles(model.place, local.read_config(model.place), _places(files), (ROUNDED,))
    folder = _folder(model)
    config = local.read_config(folder)
    if not config:
        raise ModelError(f"'{manifest.model}' has no {CONFIG}, so that its layers can't be run", "Name a whole model.")
    return LayerFiles(folder, config, _places(_weight_files(folder)))


def _folder(model: Model) -> Path:
    """The folder of a model's config.json.

    Raises:
        ModelError: word vectors, or a model of which only the embedding is on this machine.
    """
    manifest = model.manifest
    if manifest.source in ("hub", "cache"):
        if found := local.cached_snapshot(manifest.model, manifest.revision):
            return found
        raise ModelError(
            f"only the embedding of '{manifest.model}' is on this machine, and not its layers",
            f"With a network: hf download {manifest.model} --revision {manifest.revision[:12]}; it is read from there.",
        )
    watched = next((Path(file.path) for file in manifest.watched if Path(file.path).name == CONFIG), None)
    if manifest.unembedding is None or watched is None:
        raise ModelError(f"'{manifest.model}' is a file of word vectors, which has no layers")
    return watched.parent


def _weight_files(folder: Path) -> list[Path]:
    """All safetensors files of a model in a folder.

    Raises:
        FormatError: the index of shards is damaged, or names a file in another folder.
    """
    names = {path.name for path in folder.glob("*")}
    found = find_weights(names, str(folder))
    if not found.sharded:
        return [folder / found.name]
    index = folder / INDEX
    try:
        shards = sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(f"'{index}' is not an index of shards: {error!s:.120}", "Fetch the file again.") from None
    if unsafe := [name for name in shards if not PLAIN_NAME.fullmatch(name)]:
        raise FormatError(f"'{index}' names {unsafe[0]!r:.80}, which is not a file next to it")
    return [folder / name for name in shards]


def _places(files: list[Path]) -> dict[str, Place]:
    """Where each tensor of some files is.

    Raises:
        ModelError: a file is missing or can't be read.
    """
    places: dict[str, Place] = {}
    for file in files:
        try:
            header = read_header(file)
        except OSError as error:
            raise ModelError(f"can't read '{file}': {error.strerror}", "Fetch or copy the file again.") from None
        places |= {name: Place(file, tensor) for name, tensor in header.tensors.items()}
    return places
