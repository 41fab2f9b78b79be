"""A model on the user's own disk: a folder, a single safetensors file, or a snapshot in the Hugging Face cache."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from embgeo.errors import FormatError, ModelError
from embgeo.provenance import Located, Origin, Watched
from embgeo.sources.assemble import TOKENIZER, assemble, tokenizer_files
from embgeo.sources.files import CONFIG, MODULES, find_weights, shard_of
from embgeo.sources.layout import EMBEDDING, POSITION, POSITIONS, Choice, choose, unembeddings
from embgeo.sources.static import expand, is_static
from embgeo.tensorfile import Header, read_header


def locate(path: Path, place: Path, choice: Choice = EMBEDDING) -> Located:
    """Find a matrix in a folder (config.json, tokenizer.json, model.safetensors or shards) or a .safetensors file.

    Args:
        path: the folder or file.
        place: a folder for what must be derived: a tokenizer.json from older files, the rows of a static model.
        choice: which matrix.

    Raises:
        ModelError: nothing there, no tokenizer, only pickled weights, or no such matrix inside.
        FormatError: a damaged file.
    """
    path = path.expanduser()
    if not path.exists():
        raise ModelError(f"no model at '{path}': there is no such file or folder", "Check the path, or name a Hub id.")
    return describe(Origin(str(path.absolute()), "", "local"), path, place, choice)


def describe(origin: Origin, path: Path, place: Path, choice: Choice = EMBEDDING) -> Located:
    """What is in a folder or file; arguments and errors as for `locate`."""
    if choice.side == POSITION:
        return _positions(origin, path)
    weights, names = _weights(path, choice) if path.is_dir() else (path, [])
    tokenizer, older = _tokenizer(weights.parent, place)
    watched = [Watched.of(path) for path in older]
    header = _header(weights)
    tensor = choose(header, read_config(weights.parent), str(weights), choice)
    matrix = weights.resolve()
    if is_static(header) and choice.tensor is None:
        watched.append(Watched.of(weights))
        matrix = place / "embedding.safetensors"
        tensor = expand(weights, matrix)
    heads = unembeddings(names or header.tensors)
    head = heads[0] if heads else ""
    return Located(*origin, matrix, tensor, tokenizer, head, choice.side, watched=tuple(watched))


def _positions(origin: Origin, path: Path) -> Located:
    """The position embedding beside a model's matrix; no tokenizer is needed."""
    from embgeo.sources import positions

    folder = path if path.is_dir() else path.parent
    config = check_positions(folder, origin.model)
    weights = _weights(path, POSITIONS)[0] if path.is_dir() else path
    tensor = choose(_header(weights), config, str(weights), POSITIONS)
    watched = [folder / CONFIG] if (folder / CONFIG).is_file() else []
    return positions.located(origin, weights.resolve(), tensor, config, *watched)


def check_positions(folder: Path, model: str) -> dict[str, Any]:
    """A model's config.json, {} where there is none, once it does not say that no positions are stored.

    Raises:
        ModelError: it says so.
    """
    from embgeo.sources import positions

    config = read_config(folder)
    positions.check_stored(config, model)
    return config


def read_config(folder: Path) -> dict[str, Any]:
    """A model's config.json, or {} where there is none."""
    path = folder / CONFIG
    try:
        config = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"'{path}' is no valid JSON: {error!s:.120}", "Fetch or copy the file again.") from None
    return config if isinstance(config, dict) else {}


def cached_snapshot(repo: str, revision: str, choice: Choice = EMBEDDING) -> Path | None:
    """The folder in which another tool has left all that is needed of a model; its name is the commit.

    Read with plain file calls: the Hub client's own look-up would cost its import.

    Raises:
        ModelError: positions are asked for, and the config says that the model stores none.
    """
    for name in (repo, repo.removeprefix("openai-community/")):  # older tools kept gpt2 under its old id
        place = _hub_cache() / f"models--{name.replace('/', '--')}"
        try:
            commit = (place / "refs" / revision).read_text().strip()
        except OSError:
            commit = revision
        folder = place / "snapshots" / commit
        if choice.side == POSITION:
            check_positions(folder, repo)
        with suppress(ModelError, OSError):
            weights, _ = _weights(folder, choice)
            if commit and weights.is_file() and tokenizer_files(_names(weights.parent), str(folder)):
                return folder
    return None


def _names(folder: Path) -> set[str]:
    """The files of a folder, and of the modules in it."""
    return {f"{module}{path.name}" for module in MODULES for path in (folder / module).glob("*") if path.is_file()}


def _weights(folder: Path, choice: Choice) -> tuple[Path, list[str]]:
    """The file that holds the matrix, and the names of all tensors where an index gives them."""
    found = find_weights(_names(folder), str(folder))
    path = folder / found.module / found.name
    if not found.sharded:
        return path, []
    shard, names = shard_of(path.read_bytes(), str(path), choice)
    return path.with_name(shard), names


def _tokenizer(folder: Path, place: Path) -> tuple[Path, list[Path]]:
    """The tokenizer.json, and the older files that it had to be made from."""
    if (folder / TOKENIZER).is_file():
        return folder / TOKENIZER, []
    older = [folder / name for name in tokenizer_files(_names(folder), str(folder))]
    assemble(folder, place / TOKENIZER)
    return place / TOKENIZER, older


def _header(weights: Path) -> Header:
    try:
        header = read_header(weights)
    except OSError as error:
        raise ModelError(f"can't read '{weights}': {error.strerror}", "Check that the file can be read.") from None
    _cross_check(weights)
    return header


def _cross_check(weights: Path) -> None:
    """Let the format's own parser look at a file that somebody else wrote, once, before it is prepared."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, "numpy"):
            pass
    except (SafetensorError, OSError) as error:
        raise FormatError(f"'{weights}' is refused by safetensors: {error!s:.120}", "Fetch or copy it again.") from None


def _hub_cache() -> Path:
    if cache := os.environ.get("HF_HUB_CACHE"):
        return Path(cache).expanduser()
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(home).expanduser() / "hub"
