"""Find a model's matrix on the Hub, and fetch only that matrix or single rows of it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from embgeo.errors import FormatError, Report, silent
from embgeo.formats.model2vec import expand, is_static
from embgeo.formats.older_tokenizers import TOKENIZER, assemble, tokenizer_files
from embgeo.formats.safetensors import Header, Tensor, file_head, read_header
from embgeo.formats.system_faults import reading_store
from embgeo.models.architectures import EMBEDDING, POSITION, POSITIONS, Choice, choose, is_headless, unembeddings
from embgeo.models.hub.download import Excerpt, fetch_excerpt
from embgeo.models.hub.ranges import RemoteFile, Stamp, fetch_header, fetch_range
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.repository import Repository, fetch_file
from embgeo.models.hub.transfer import DEFAULT, Transfer
from embgeo.models.manifest import Located, Origin
from embgeo.models.weights import CONFIG, INDEX, find_weights, shard_of

MATRIX = "embedding.safetensors"


class Plan(NamedTuple):
    """Where a model's matrix is on the Hub, according to its config, its index of shards and one header.

    Attributes:
        remote: the file that holds it.
        stamp: the version of that file.
        header: the file's header.
        tensor: the matrix inside.
        unembedding: name of the output matrix; empty if it is tied to the embedding.
        headless: whether there is none, so that the embedding stands in.
        config: the model's config.json.
    """

    remote: RemoteFile
    stamp: Stamp
    header: Header
    tensor: Tensor
    unembedding: str
    headless: bool
    config: dict[str, Any]


def plan(repository: Repository, directory: Path, choice: Choice = EMBEDDING, transfer: Transfer = DEFAULT) -> Plan:
    """Find the matrix from the small files and one header; no tensor is fetched.

    Args:
        repository: the model, pinned to a commit.
        directory: where to put the small files.
        choice: which matrix.
        transfer: how to fetch.

    Raises:
        ModelError: the model has no matrix that embgeo reads.
        NetworkError: the transfer failed.
    """
    weights = find_weights(repository.files, repository.id)
    config = _fetch_json(repository, weights.module + CONFIG, directory, transfer)
    if choice.side == POSITION:
        from embgeo.models import position_tables

        position_tables.check_stored(config, repository.id)
    name, names = weights.name, list[str]()
    if weights.sharded:
        index = directory / weights.name
        fetch_file(repository, weights.module + weights.name, index, silent, transfer)
        name, names = shard_of(index.read_bytes(), f"{repository.id}/{weights.name}", choice)
    remote = RemoteFile(repository.id, repository.commit, weights.module + name)
    with explained(repository.id, repository.commit):
        header, stamp = fetch_header(remote, transfer)
    heads = unembeddings(names or header.tensors)
    tensor = choose(header, config, str(remote), choice)
    headless = not heads and is_headless(names or header.tensors, tensor.name)
    return Plan(remote, stamp, header, tensor, heads[0] if heads else "", headless, config)


def fetch_model(
    repository: Repository, directory: Path, choice: Choice = EMBEDDING, *,
    report: Report = silent, transfer: Transfer = DEFAULT,
) -> Located:  # fmt: skip
    """Fetch a model's tokenizer, and its matrix as a safetensors file of its own.

    Args:
        repository: the model, pinned to a commit.
        directory: exists and is locked by the caller; partial files of an earlier run are resumed.
        choice: which matrix.
        report: called with the progress.
        transfer: how to fetch.

    Raises:
        ModelError: the model lacks a file that embgeo needs, or the directory can't be written to.
        NetworkError: the transfer failed.
    """
    if choice.side == POSITION:
        return _fetch_positions(repository, directory, report, transfer)
    tokenizer = fetch_tokenizer(repository, directory, report, transfer)
    matrix = directory / MATRIX
    header = read_finished(matrix, repository.commit)
    if header is None:
        planned = plan(repository, directory, choice, transfer)
        with explained(repository.id, repository.commit):
            _fetch_matrix(planned, matrix, report, transfer)
        header = read_header(matrix)
    (tensor,) = header.tensors.values()
    origin = Origin(repository.id, repository.commit, "hub")
    notes = header.metadata
    headless = notes.get("headless") == "true"
    return Located(*origin, matrix, tensor, tokenizer, notes["unembedding"], choice.side, headless=headless)


def _fetch_positions(repository: Repository, directory: Path, report: Report, transfer: Transfer) -> Located:
    """Fetch the position embedding; it needs the config, but no tokenizer."""
    from embgeo.models import position_tables

    planned, matrix = plan(repository, directory, POSITIONS, transfer), directory / MATRIX
    if read_finished(matrix, repository.commit) is None:
        with explained(repository.id, repository.commit):
            _fetch_matrix(planned, matrix, report, transfer)
    (tensor,) = read_header(matrix).tensors.values()
    return position_tables.located(Origin(repository.id, repository.commit, "hub"), matrix, tensor, planned.config)


def fetch_tokenizer(
    repository: Repository, directory: Path, report: Report = silent, transfer: Transfer = DEFAULT
) -> Path:
    """Fetch the tokenizer.json, or assemble it from older files; errors as for `fetch_model`."""
    module = find_weights(repository.files, repository.id).module
    files = [name.removeprefix(module) for name in repository.files if name.startswith(module)]
    target = directory / TOKENIZER
    names = tokenizer_files(files, repository.id)
    for name in names:
        fetch_file(repository, module + name, directory / name, report, transfer)
    if TOKENIZER not in names and not target.exists():
        assemble(directory, target)
    return target


def read_finished(matrix: Path, commit: str) -> Header | None:
    """The header of the matrix that an earlier run fetched; None if there is none, or it is damaged."""
    try:
        with reading_store(matrix):
            header = read_header(matrix)
    except (OSError, FormatError):
        return None
    whole = header.metadata.get("commit") == commit and "unembedding" in header.metadata and len(header.tensors) == 1
    return header if whole else None


def _fetch_matrix(planned: Plan, target: Path, report: Report, transfer: Transfer) -> None:
    remote, stamp, header, tensor, unembedding, headless, _ = planned
    notes = {"repository": remote.repo, "commit": remote.commit, "file": remote.name, "etag": stamp.etag}
    notes["unembedding"] = unembedding
    if headless:
        notes["headless"] = "true"
    if not is_static(header):
        head = file_head({tensor.name: (tensor.dtype, tensor.shape)}, notes)
        fetch_excerpt(Excerpt(remote, stamp, range(tensor.start, tensor.stop), head), target, report, transfer)
        return
    whole = target.with_name("static.part")
    start = min(other.start for other in header.tensors.values())
    head = file_head(_layout(header), notes, align=1)
    fetch_excerpt(Excerpt(remote, stamp, range(start, header.size), head), whole, report, transfer)
    expand(whole, target)
    whole.unlink()


def _layout(header: Header) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The tensors of a file in the order of their bytes."""
    ordered = sorted(header.tensors.values(), key=lambda tensor: (tensor.start, tensor.stop))
    return {tensor.name: (tensor.dtype, tensor.shape) for tensor in ordered}


def _fetch_json(repository: Repository, name: str, directory: Path, transfer: Transfer) -> dict[str, Any]:
    """A JSON object in the repository; {} if there is no such file."""
    if name not in repository.files:
        return {}
    target = directory / Path(name).name
    fetch_file(repository, name, target, silent, transfer)
    try:
        value = json.loads(target.read_bytes())
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    target.unlink()
    raise FormatError(f"{name} of '{repository.id}' is not a JSON object", "Try again, or tell the model's owner.")


def download_size(repository: Repository, planned: Plan, choice: Choice = EMBEDDING) -> int:
    """Bytes that `fetch_model` would download: the matrix, one header, and the small files.

    Args:
        repository: with file sizes.
        planned: where the matrix is.
        choice: which matrix it is.
    """
    module = find_weights(repository.files, repository.id).module
    files = [name.removeprefix(module) for name in repository.files if name.startswith(module)]
    small = {CONFIG, INDEX, *(() if choice.side == POSITION else tokenizer_files(files, repository.id))}
    matrix = planned.tensor.stop - planned.tensor.start
    header = min(tensor.start for tensor in planned.header.tensors.values())
    return matrix + header + sum(repository.sizes.get(module + name, 0) for name in small)


def fetch_rows(planned: Plan, ids: Sequence[int], transfer: Transfer = DEFAULT) -> list[bytes]:
    """Fetch the bytes of single rows of the matrix, each with its own range request.

    Raises:
        NetworkError: the transfer failed.
    """
    tensor, width = planned.tensor, (planned.tensor.stop - planned.tensor.start) // planned.tensor.shape[0]
    rows = []
    with explained(planned.remote.repo, planned.remote.commit):
        for row in ids:
            text = io.BytesIO()
            start = tensor.start + row * width
            fetch_range(planned.remote, range(start, start + width), text.write, planned.stamp, transfer)
            rows.append(text.getvalue())
    return rows
