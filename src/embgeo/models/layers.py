"""Where the layers of a loaded model are: its config.json and all its tensors, mapped where they lie."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from embgeo.errors import ModelError, NetworkError, Report, UsageError, silent, waiting
from embgeo.formats.safetensors import Place, read_header
from embgeo.formats.watched import Watched
from embgeo.models import local, locks, places
from embgeo.models.model import Model
from embgeo.models.weights import CONFIG, INDEX, find_weights, shard_names

BUNDLED_FILES: Final = ("embedding.safetensors", "layers.safetensors")
PASS: Final = 1  # counts up when the pass gives other numbers, so that nothing older is taken from the store
Accept = Callable[[Path], object]  # raises an error for a folder with a config.json whose layers can't be run
ROUNDED: Final = "the bundled MiniLM's layers are rounded to float16"


class LayerFiles(NamedTuple):
    """The files of a model's layers.

    Attributes:
        folder: with config.json, and with modules.json if it is a sentence model.
        config: the content of config.json.
        places: where each tensor is, by its full name.
        watched: the tensors' files as they were before they were read.
        notes: what answers that run them should say.
    """

    folder: Path
    config: Mapping[str, Any]
    places: Mapping[str, Place]
    watched: tuple[Watched, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: Path, config: Mapping[str, Any], files: list[Path], *notes: str) -> LayerFiles:
        """The layers in some files; errors as for `_places`."""
        watched = tuple(map(Watched.of, files))
        return cls(folder, config, _places(files), watched, notes)

    def identity(self, model: Model) -> str:
        """A digest that changes when the layers or the tokenizer do; what they compute is stored under it."""
        import hashlib

        parts = [PASS, model.manifest.tokenizer_sha256, self.watched, dict(self.config)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]

    def check_current(self) -> None:
        """Refuse files that were written over since they were opened.

        Raises:
            ModelError: they were.
        """
        try:
            changed = next((file.path for file in self.watched if not file.unchanged()), None)
        except OSError as error:
            raise ModelError(f"can't read '{error.filename}': {error.strerror}", "Ask again.") from None
        if changed:
            raise ModelError(f"'{changed}' was changed while questions were answered", "Ask again.")


def layer_files(model: Model, report: Report = silent, accept: Accept = lambda _: None) -> LayerFiles:
    """Find the layers of a loaded model; those of a model from the Hub are fetched the first time.

    Args:
        report: called with the progress of fetching.
        accept: called before that with a folder that has the small files, to raise an error for what can't be run.

    Raises:
        UsageError: the matrix in use is not the embedding of a model, or is transformed.
        ModelError: the model has no layers, or they can't be read.
        FormatError: a damaged file.
        NetworkError: the layers are not on this machine, and the Hub can't be reached.
    """
    manifest = model.manifest
    if manifest.side != "input" or manifest.transform:
        what = manifest.transform or f"--side {manifest.side}"
        raise UsageError(f"a model's layers start from its own embedding, and not from {what}", "Leave it out.")
    model.searchable()
    if manifest.source == "bundled":
        files = [model.place / name for name in BUNDLED_FILES]
        return LayerFiles.of(model.place, local.read_config(model.place), files, ROUNDED)
    if manifest.source in ("hub", "cache"):
        folder = local.cached_snapshot(manifest.model, manifest.revision)
        if folder is None:
            return _from_hub(model, report, accept)
    else:
        folder = _folder(model)
    config = local.read_config(folder)
    if not config:
        raise ModelError(f"'{manifest.model}' has no {CONFIG}, so that its layers can't be run", "Name a whole model.")
    return LayerFiles.of(folder, config, _weight_files(folder))


def _from_hub(model: Model, report: Report, accept: Accept) -> LayerFiles:
    """The layers of a model whose embedding is in the store: all other tensors that a pass needs, next to it."""
    from embgeo.models.hub.layers import fetch_layers, fetched_files

    manifest, place = model.manifest, places.layers_place(model.place)
    files = fetched_files(place)
    if files is None:
        from embgeo.models.hub import repository as hub

        with locks.lock(place, waiting(report, f"fetches the layers of '{manifest.model}'")):
            try:
                if fetched_files(place) is None:  # the process that was waited for may have fetched them
                    repository = hub.resolve(manifest.model, manifest.revision)
                    fetch_layers(repository, place, {manifest.tensor}, report, accept=accept)
            except NetworkError as error:
                what = f"only the embedding of '{manifest.model}' is on this machine, and not its layers"
                raise NetworkError(f"{what}: {error.message}", error.hint) from None
        files = fetched_files(place) or []
    return LayerFiles.of(place, local.read_config(place), [*files, model.place / manifest.matrix])


def _folder(model: Model) -> Path:
    """The folder of a local model's config.json.

    Raises:
        ModelError: word vectors, or a single matrix.
    """
    manifest = model.manifest
    watched = next((Path(file.path) for file in manifest.watched if Path(file.path).name == CONFIG), None)
    if manifest.unembedding is None or watched is None:
        raise ModelError(f"'{manifest.model}' is a file of word vectors, which has no layers")
    return watched.parent


def _weight_files(folder: Path) -> list[Path]:
    """All safetensors files of a model in a folder; errors as for `shard_names`."""
    names = {path.name for path in folder.glob("*")}
    found = find_weights(names, str(folder))
    if not found.sharded:
        return [folder / found.name]
    index = folder / INDEX
    return [folder / name for name in shard_names(index.read_bytes(), str(index))]


def _places(files: list[Path]) -> dict[str, Place]:
    """Where each tensor of some files is.

    Raises:
        ModelError: a file is missing or can't be read.
    """
    found: dict[str, Place] = {}
    for file in files:
        try:
            header = read_header(file)
        except OSError as error:
            raise ModelError(f"can't read '{file}': {error.strerror}", "Fetch or copy the file again.") from None
        found |= {name: Place(file, tensor) for name, tensor in header.tensors.items()}
    return found
