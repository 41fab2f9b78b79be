"""Where the layers of a loaded model are: its config.json and all its tensors, mapped where they lie."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from embgeo.errors import ModelError, NetworkError, Report, UsageError, waiting
from embgeo.formats.safetensors import Place, read_header
from embgeo.formats.watched import Watched
from embgeo.models import local, locks, places
from embgeo.models.fetched_layers import TensorFilter, fetched_files, read_fetched
from embgeo.models.model import Model
from embgeo.models.weights import CONFIG, INDEX, LAYER_BYTES, find_weights, needed_tensors, shard_names, tensor_bytes

BUNDLED_FILES: Final = ("embedding.safetensors", "layers.safetensors")
PASS_VERSION: Final = 2  # increases when the pass gives other numbers, so that older results in the store are not used
# Raises an error for a folder with a config.json whose layers can't be run; says which tensors a question needs.
Accept = Callable[[Path], TensorFilter]
SHA256: Final = re.compile("[0-9a-f]{64}")
ROUNDED_NOTE: Final = "the bundled MiniLM's layers are rounded to float16"


class LayerFiles(NamedTuple):
    """The files of a model's layers.

    Attributes:
        folder: with config.json, and with modules.json if it is a sentence model.
        config: the content of config.json.
        places: where each tensor is, by its full name.
        watched: the tensors' files as they were before they were read.
        notes: what answers that run them should say.
        digests: the expected SHA-256 of each file, by its path, as far as it is known.
        absent: names of the tensors that have not been fetched from the Hub.
    """

    folder: Path
    config: Mapping[str, Any]
    places: Mapping[str, Place]
    watched: tuple[Watched, ...]
    notes: tuple[str, ...] = ()
    digests: Mapping[Path, str] = MappingProxyType({})
    absent: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: Path, config: Mapping[str, Any], files: list[Path], *notes: str) -> LayerFiles:
        """The layers in some files; errors as for `_places`."""
        watched = tuple(map(Watched.of, files))
        return cls(folder, config, _places(files), watched, notes)

    def identity(self, model: Model) -> str:
        """A digest that changes when the layers or the tokenizer do; what they compute is stored under it."""
        import hashlib

        parts = [PASS_VERSION, model.manifest.tokenizer_sha256, self.watched, dict(self.config)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]

    def check_current(self) -> None:
        """Raise a `ModelError` if the files were modified since they were opened."""
        try:
            changed = next((file.path for file in self.watched if not file.unchanged()), None)
        except OSError as error:
            raise ModelError(f"can't read '{error.filename}': {error.strerror}", "Try again.") from None
        if changed:
            raise ModelError(f"'{changed}' was changed while questions were answered", "Try again.")


def layer_files(model: Model, report: Report, accept: Accept) -> LayerFiles:
    """Find the layers of a loaded model; those of a model from the Hub are fetched the first time.

    Args:
        report: called with the progress of fetching.
        accept: called before that with a folder that has the small files: says which tensors to fetch, or raises an
            error for what can't be run.

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
    return _on_this_machine(model) or _from_hub(model, report, accept)


def _on_this_machine(model: Model) -> LayerFiles | None:
    """The layers of a model whose files lie here; None for one in the store; errors as for `layer_files`."""
    manifest = model.manifest
    if manifest.source == "bundled":
        files = [model.place / name for name in BUNDLED_FILES]
        found = LayerFiles.of(model.place, local.read_config(model.place), files, ROUNDED_NOTE)
        return found._replace(digests=_listed_digests(model.place, files))
    if manifest.source not in ("hub", "cache"):
        return _in_folder(manifest.model, _folder(model))
    folder = local.cached_snapshot(manifest.model, manifest.revision)
    if folder is None:
        return None
    if manifest.source == "cache":
        return _in_folder(manifest.model, folder)
    with suppress(ModelError):  # another tool's copy is damaged, and the Hub has a good one
        return _in_folder(manifest.model, folder)
    return None


def _in_folder(name: str, folder: Path) -> LayerFiles:
    config = local.read_config(folder)
    if not config:
        raise ModelError(f"'{name}' has no {CONFIG}, so that its layers can't be run", "Name a whole model.")
    files = _weight_files(folder)
    blobs = {file: file.resolve().name for file in files}  # the Hugging Face cache names large files by their SHA-256
    found = LayerFiles.of(folder, config, files)
    return found._replace(digests={file: name for file, name in blobs.items() if SHA256.fullmatch(name)})


def _from_hub(model: Model, report: Report, accept: Accept) -> LayerFiles:
    """The layers of a model whose embedding is in the store: all other tensors that a pass needs, next to it."""
    manifest, place = model.manifest, places.layers_place(model.place)
    files = fetched_files(place, accept)
    if files is None:
        from embgeo.models.hub import repository as hub
        from embgeo.models.hub.layers import fetch_layers

        with locks.lock(place, waiting(report, f"fetches the layers of '{manifest.model}'")):
            try:
                if fetched_files(place, accept) is None:  # the process that was waited for may have fetched them
                    repository = hub.resolve(manifest.model, manifest.revision)
                    fetch_layers(repository, place, {manifest.tensor}, report, accept)
            except NetworkError as error:
                what = f"only the embedding of '{manifest.model}' is on this machine, and not its layers"
                raise NetworkError(f"{what}: {error.message}", error.hint) from None
    found = layers_here(model)
    if found is None:
        raise ModelError(f"the layers of '{manifest.model}' were removed while they were fetched", "Try again.")
    return found


def layers_here(model: Model) -> LayerFiles | None:
    """The layers of a model that are on this machine; None if none are, or it has none.

    Raises:
        ModelError, FormatError: as for `layer_files`.
    """
    if not layers_config(model):
        return None
    if found := _on_this_machine(model):
        return found
    place, manifest = places.layers_place(model.place), model.manifest
    known = read_fetched(place)
    if known is None or not all(file.is_file() for file in known.digests):
        return None
    found = LayerFiles.of(place, local.read_config(place), [*known.digests, model.place / manifest.matrix])
    return found._replace(digests=known.digests, absent=known.absent)


def layers_config(model: Model) -> Mapping[str, Any]:
    """The config.json of the layers that start from a matrix; {} if none do."""
    manifest = model.manifest
    if manifest.side != "input" or manifest.transform or manifest.unembedding is None:
        return {}
    return model_config(model)


def model_config(model: Model) -> Mapping[str, Any]:
    """The config.json of the model that a matrix is of; {} if there is none."""
    manifest = model.manifest
    folder: Path | None = model.place
    if manifest.source == "local":
        file = _config_file(model)
        folder = file and file.parent
    elif manifest.source == "cache":  # perhaps without a tokenizer
        folders = local.cached_folders(manifest.model, manifest.revision)
        return next(filter(None, map(local.read_config, folders)), {})
    elif manifest.source == "hub":
        with suppress(ModelError):  # as in `_on_this_machine`
            return local.read_config(local.cached_snapshot(manifest.model, manifest.revision) or model.place)
    return local.read_config(folder) if folder else {}


def layers_size(model: Model) -> tuple[int | None, int]:
    """The bytes of all tensors that a pass may need besides the matrix, None if unknown; and of those on this machine.

    Raises:
        ModelError, FormatError: as for `layer_files`.
    """
    manifest, size = model.manifest, 0
    if found := layers_here(model):
        tensors = (place.tensor for name, place in found.places.items() if name != manifest.tensor)
        size = tensor_bytes(needed_tensors(tensors))
        if not found.absent:
            return size, size
    if manifest.source != "hub":
        return None, size
    noted = read_header(model.place / manifest.matrix).metadata.get(LAYER_BYTES, "")
    return int(noted) if noted.isdecimal() else None, size


def _folder(model: Model) -> Path:
    """The folder of a local model's config.json.

    Raises:
        ModelError: word vectors, or a single matrix.
    """
    file = _config_file(model)
    if model.manifest.unembedding is None or file is None:
        raise ModelError(f"'{model.manifest.model}' is a file of word vectors, which has no layers")
    return file.parent


def _config_file(model: Model) -> Path | None:
    """The config.json of a local model; None for word vectors, or a single matrix."""
    return next((Path(file.path) for file in model.manifest.watched if Path(file.path).name == CONFIG), None)


def _weight_files(folder: Path) -> list[Path]:
    """All safetensors files of a model in a folder; errors as for `shard_names`."""
    names = {path.name for path in folder.glob("*")}
    found = find_weights(names, str(folder))
    if not found.sharded:
        return [folder / found.name]
    index = folder / INDEX
    return [folder / name for name in shard_names(index.read_bytes(), str(index))]


def _listed_digests(folder: Path, files: list[Path]) -> dict[Path, str]:
    """What the bundle's SHA256SUMS says of some files."""
    lines = (line.split() for line in (folder / "SHA256SUMS").read_text("ascii").splitlines())
    return {folder / name: digest for digest, name in lines if folder / name in files}


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
