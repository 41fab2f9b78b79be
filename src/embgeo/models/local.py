"""A model on the user's own disk: a folder, a single safetensors file, or a snapshot in the Hugging Face cache."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from embgeo.errors import FormatError, ModelError
from embgeo.formats.model2vec import expand, is_static
from embgeo.formats.older_tokenizers import BPE, SETTINGS, TOKENIZER, WORDPIECE, assemble, tokenizer_files
from embgeo.formats.regular import special_kind
from embgeo.formats.safetensors import Header, read_header
from embgeo.formats.small_files import MAX_INDEX, MAX_SETTINGS, check_file, read_json, read_small
from embgeo.formats.system_faults import enough_memory
from embgeo.formats.watched import Watched
from embgeo.models.architectures import choose, is_filters, is_headless, unembeddings
from embgeo.models.choice import EMBEDDING, POSITION, Choice
from embgeo.models.manifest import Located, Origin
from embgeo.models.places import users_path
from embgeo.models.weights import CONFIG, INDEX, MODULE_FOLDERS, WEIGHTS, find_weights, preferred, shard_of


def locate(path: Path, place: Path, choice: Choice = EMBEDDING) -> Located:
    """Find a matrix in a folder (config.json, tokenizer.json, model.safetensors or shards) or a .safetensors file.

    Args:
        path: the folder or file, which exists.
        place: the folder for converted files: a tokenizer.json from older files, the rows of a static model.
        choice: which matrix.

    Raises:
        ModelError: no tokenizer, only pickled weights, or no such matrix.
        FormatError: a damaged file.
    """
    if kind := special_kind(path):
        raise ModelError(f"can't read '{path}': it is {kind} and not a file", "Copy it into a file first.")
    return describe(Origin(str(path.absolute()), "", "local"), path, place, choice)


def describe(origin: Origin, path: Path, place: Path, choice: Choice = EMBEDDING) -> Located:
    """Describe a matrix in a folder or file; arguments and errors as for `locate`."""
    if choice.side == POSITION:
        return _positions(origin, path, choice)
    weights, names, watched = _weights(path, choice)
    matrix = weights.resolve()
    matrix_before = Watched.of(matrix)
    header = _header(weights)
    if _stored_filters(header, choice):  # a row each, which need no tokenizer
        from embgeo.models.position_tables import locate_numbered

        found = locate_numbered(origin, matrix, choose(header, {}, str(weights), choice))
        return found._replace(watched=tuple(watched), before=(matrix_before,))
    tokenizer, older = _tokenizer(weights.parent, place)
    watched += [*older, Watched.of(weights.parent / CONFIG)]
    before = matrix_before, Watched.of(tokenizer)
    tensor = choose(header, read_config(weights.parent), str(weights), choice)
    if is_static(header) and choice.tensor is None:
        watched.append(matrix_before)
        matrix = place / "embedding.safetensors"
        tensor = expand(weights, matrix)
    heads = unembeddings(names or header.tensors)
    head = heads[0] if heads else ""
    headless = not head and is_headless(names or header.tensors, tensor.name)
    return Located(
        *origin, matrix, tensor, tokenizer, head, choice.side, watched=tuple(watched), before=before, headless=headless
    )  # fmt: skip


def _positions(origin: Origin, path: Path, choice: Choice) -> Located:
    """Describe the position embedding of a folder or file; it needs no tokenizer."""
    from embgeo.models import position_tables

    folder = path if path.is_dir() else path.parent
    settings = Watched.of(folder / CONFIG)
    config = check_positions(folder, origin.model)
    weights, _, watched = _weights(path, choice)
    matrix = weights.resolve()
    before = (Watched.of(matrix),)
    tensor = choose(_header(weights), config, str(weights), choice)
    located = position_tables.locate_positions(origin, matrix, tensor, config)
    return located._replace(watched=(*watched, settings), before=before)


def check_positions(folder: Path, model: str) -> dict[str, Any]:
    """Read a model's config.json ({} if there is none), and check that it does not rule out a position embedding.

    Raises:
        ModelError: the model stores no position embedding.
    """
    from embgeo.models import position_tables

    config = read_config(folder)
    position_tables.check_stored(config, model)
    return config


def read_config(folder: Path) -> dict[str, Any]:
    """A model's config.json, or {} if there is none."""
    path = folder / CONFIG
    try:
        config = read_json(path, MAX_SETTINGS)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise FormatError(f"can't read '{path}': {error.strerror}", "Check that the file can be read.") from None
    return config if isinstance(config, dict) else {}


def cached_snapshot(repo: str, revision: str, choice: Choice = EMBEDDING) -> Path | None:
    """Find a complete snapshot in the Hugging Face cache, where other tools store models; its name is the commit.

    This uses plain file calls, since importing the Hub client is slow.

    Raises:
        ModelError: the position embedding was requested, and the config says that the model stores none.
    """
    for folder in cached_folders(repo, revision):
        if choice.side == POSITION:
            check_positions(folder, repo)
        with suppress(ModelError, OSError), enough_memory(folder):
            weights, *_ = _weights(folder, choice)
            if weights.is_file() and (_needs_no_tokenizer(weights, choice) or _has_tokenizer(weights.parent)):
                return folder
    return None


def cached_folders(repo: str, revision: str) -> Iterator[Path]:
    """Where in the Hugging Face cache a snapshot would be, complete or not, or not there at all."""
    for name in (repo, repo.removeprefix("openai-community/")):  # older tools stored gpt2 under its old id
        place = _hub_cache() / f"models--{name.replace('/', '--')}"
        try:
            with enough_memory(place):
                commit = (place / "refs" / revision).read_text("ascii").strip()
        except (OSError, ValueError):
            commit = revision
        if commit:
            yield place / "snapshots" / commit


def _needs_no_tokenizer(weights: Path, choice: Choice) -> bool:
    """Whether the rows of a matrix have numbers for names: those of positions and filters."""
    if choice.tensor is None:
        return choice.side == POSITION
    with suppress(FormatError):  # a damaged file is refused by name when it is described
        return _stored_filters(_header(weights), choice)
    return True


def _stored_filters(header: Header, choice: Choice) -> bool:
    stored = header.tensors.get(choice.tensor or "")
    return stored is not None and is_filters(stored)


def _has_tokenizer(folder: Path) -> bool:
    return bool(tokenizer_files(_names(folder), str(folder)))


def _names(folder: Path) -> set[str]:
    """Names of the files in a folder and its modules."""
    names = set()
    for module in MODULE_FOLDERS:
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder / module) as listed:
            names |= {f"{module}{entry.name}" for entry in listed if entry.is_file()}
    return names


def _weights(path: Path, choice: Choice) -> tuple[Path, list[str], list[Watched]]:
    """The file with the matrix, the names of all tensors if there is an index, and the files it depends on."""
    if not path.is_dir():
        return path, [], _link(path)
    _refuse_vectors(path)
    weights = find_weights(_names(path), str(path))
    file = path / weights.module / weights.name
    watched = [Watched.absent(path / name) for name in preferred(weights)]
    if not weights.sharded:
        return file, [], [*watched, *_link(file)]
    watched.append(Watched.of(file))
    shard, names = shard_of(read_small(file, MAX_INDEX), str(file), choice)
    return file.with_name(shard), names, [*watched, *_link(file.with_name(shard))]


def _refuse_vectors(folder: Path) -> None:
    """Raise an error that names the file, if a folder holds word vectors instead of a model.

    Raises:
        ModelError: it does; a `.bin` in it is not a pickle then.
    """
    from embgeo.formats.detect import TABLE, recognized

    if any((folder / module / name).is_file() for module in MODULE_FOLDERS for name in (WEIGHTS, INDEX)):
        return
    known = tuple(suffix for row in TABLE for suffix in row.suffixes)
    for file in sorted(path for path in folder.glob("*") if path.name.endswith(known) and path.is_file()):
        form = recognized(file)
        if form in TABLE and (form.name != "gensim" or file.suffix == ".kv"):  # other pickles are PyTorch's
            hint = f"Name the file: -m {shlex.quote(str(file))}"
            raise ModelError(f"'{folder}' is a folder, and '{file.name}' in it is {form.title}", hint)


def _link(path: Path) -> list[Watched]:
    """Watch a link under its own name, since its target may change."""
    return [Watched.of(path)] if path.is_symlink() else []


def _tokenizer(folder: Path, place: Path) -> tuple[Path, list[Watched]]:
    """The tokenizer.json, and the files that it was assembled from or that would be preferred to these."""
    for name in (TOKENIZER, *BPE, *WORDPIECE, SETTINGS):
        check_file(folder / name)
    if (folder / TOKENIZER).is_file():
        return folder / TOKENIZER, []
    names = _names(folder)
    watched = [Watched.of(folder / name) for name in tokenizer_files(names, str(folder))]
    watched += [Watched.absent(folder / name) for name in (TOKENIZER, *BPE, SETTINGS) if name not in names]
    assemble(folder, place / TOKENIZER)
    return place / TOKENIZER, watched


def _header(weights: Path) -> Header:
    try:
        with enough_memory(weights):
            return read_header(weights)
    except OSError as error:
        raise ModelError(f"can't read '{weights}': {error.strerror}", "Check that the file can be read.") from None


def _hub_cache() -> Path:
    if cache := os.environ.get("HF_HUB_CACHE"):
        return users_path(cache)
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return users_path(str(home)) / "hub"
