"""Where a model's matrix is on the Hub, from its small files and one header, and what fetching it would cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from embgeo.errors import NetworkError, silent
from embgeo.formats.older_tokenizers import tokenizer_files
from embgeo.formats.safetensors import Header, Tensor
from embgeo.formats.small_files import MAX_INDEX, MAX_SETTINGS, read_json, read_small
from embgeo.models.architectures import choose, is_headless, unembeddings
from embgeo.models.choice import EMBEDDING, POSITION, Choice
from embgeo.models.hub.blobs import UNKNOWN, Blob
from embgeo.models.hub.ranges import FileVersion, fetch_header
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.repository import Repository
from embgeo.models.hub.requests import IN_THE_WAY, RemoteFile
from embgeo.models.hub.small import fetch_file
from embgeo.models.hub.transfer import DEFAULT, Transfer
from embgeo.models.weights import CONFIG, INDEX, find_weights, index_bytes, needed_tensors, shard_of, tensor_bytes

SHA256_DIGITS = 64  # hexadecimal digits; an LFS etag is one


class Plan(NamedTuple):
    """Where a model's matrix is on the Hub, according to its config, its index of shards and one header.

    Attributes:
        remote: the file that holds it.
        stamp: the version of that file.
        start: its first bytes, up to the end of the header.
        blob: what the Hub lists of it.
        header: the file's header.
        tensor: the matrix inside.
        unembedding: name of the output matrix; empty if it is tied to the embedding.
        headless: whether there is none, so that the embedding stands in.
        config: the model's config.json.
        layer_bytes: of all tensors that its layers need besides the matrix; None if the files don't say.
    """

    remote: RemoteFile
    stamp: FileVersion
    start: bytes
    blob: Blob
    header: Header
    tensor: Tensor
    unembedding: str
    headless: bool
    config: dict[str, Any]
    layer_bytes: int | None


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
    name, names, all_bytes = weights.name, list[str](), None
    if weights.sharded:
        index = directory / weights.name
        fetch_file(repository, weights.module + weights.name, index, silent, transfer)
        listing, listed = read_small(index, MAX_INDEX), f"{repository.id}/{weights.name}"
        (name, names), all_bytes = shard_of(listing, listed, choice), index_bytes(listing, listed)
    remote = RemoteFile(repository.id, repository.commit, weights.module + name)
    blob = repository.blobs.get(remote.name, UNKNOWN)
    with explained(repository.id, repository.commit):
        header, stamp, start = fetch_header(remote, transfer)
    _check_listed(remote, stamp, blob)
    heads = unembeddings(names or header.tensors)
    tensor = choose(header, config, str(remote), choice)
    headless = not heads and is_headless(names or header.tensors, tensor.name)
    own = tensor_bytes([tensor])
    layer_bytes = max(0, all_bytes - own) if all_bytes is not None else None
    if not weights.sharded:
        layer_bytes = tensor_bytes(needed_tensors(header.tensors.values(), {tensor.name}))
    return Plan(remote, stamp, start, blob, header, tensor, heads[0] if heads else "", headless, config, layer_bytes)


def download_size(repository: Repository, planned: Plan, choice: Choice = EMBEDDING) -> int:
    """Bytes that `fetch_model` would download: the matrix, one header, and the small files.

    Args:
        repository: with file sizes.
        planned: where the matrix is.
        choice: which matrix it is.
    """
    module = find_weights(repository.files, repository.id).module
    small = {module + CONFIG, module + INDEX}
    small.update(() if choice.side == POSITION else tokenizer_names(repository).values())
    matrix = planned.tensor.stop - planned.tensor.start
    header = min(tensor.start for tensor in planned.header.tensors.values())
    return matrix + header + sum(repository.sizes.get(name, 0) for name in small)


def tokenizer_names(repository: Repository) -> dict[str, str]:
    """The files that a model's tokenizer is read from: their full names in the repository by their own names.

    Raises:
        ModelError: there is no tokenizer that embgeo reads.
    """
    module = find_weights(repository.files, repository.id).module
    files = [name.removeprefix(module) for name in repository.files if name.startswith(module)]
    return {name: module + name for name in tokenizer_files(files, repository.id)}


def _check_listed(remote: RemoteFile, stamp: FileVersion, blob: Blob) -> None:
    """Refuse a file that the Hub lists with another size or digest than it is served with."""
    comparable = len(stamp.etag) == len(blob.oid) == SHA256_DIGITS
    if blob.size not in (-1, stamp.size) or (comparable and stamp.etag != blob.oid):
        raise NetworkError(f"'{remote}' is served with another content than the Hub lists", IN_THE_WAY)


def _fetch_json(repository: Repository, name: str, directory: Path, transfer: Transfer) -> dict[str, Any]:
    """A JSON object in the repository; {} if there is no such file."""
    if name not in repository.files:
        return {}
    target = directory / Path(name).name
    fetch_file(repository, name, target, silent, transfer)
    value: dict[str, Any] = read_json(target, MAX_SETTINGS)  # an object, as `fetch_file` has checked
    return value
