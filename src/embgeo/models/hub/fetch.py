"""Find a model's matrix on the Hub, and fetch only that matrix or single rows of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from embgeo.errors import FormatError, NetworkError, Report, silent
from embgeo.formats.model2vec import expand, is_static
from embgeo.formats.older_tokenizers import TOKENIZER, assemble, tokenizer_files
from embgeo.formats.safetensors import Header, Tensor, file_head, read_header
from embgeo.formats.small_files import MAX_INDEX, MAX_SETTINGS, read_json, read_small
from embgeo.formats.system_faults import reading_store
from embgeo.models.architectures import choose, is_filters, is_headless, unembeddings
from embgeo.models.choice import EMBEDDING, POSITION, Choice
from embgeo.models.hub.blobs import UNKNOWN, Blob
from embgeo.models.hub.download import Excerpt, fetch_excerpt
from embgeo.models.hub.ranges import Stamp, fetch_header, fetch_range
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.repository import Repository
from embgeo.models.hub.requests import IN_THE_WAY, RemoteFile
from embgeo.models.hub.single import fetch_at_once
from embgeo.models.hub.small import fetch_file, is_whole
from embgeo.models.hub.transfer import DEFAULT, Transfer
from embgeo.models.hub.waits import watched
from embgeo.models.manifest import Located, Origin
from embgeo.models.weights import (
    CONFIG,
    INDEX,
    LAYER_BYTES,
    find_weights,
    index_bytes,
    needed_tensors,
    shard_of,
    tensor_bytes,
)  # fmt: skip

MATRIX = "embedding.safetensors"
SHA256 = 64  # hexadecimal digits; an LFS etag is one


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
    stamp: Stamp
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
    transfer = transfer.saying(report)
    if choice.side == POSITION:
        return _fetch_positions(repository, directory, choice, report, transfer)
    if choice.tensor is not None and (found := _fetch_filters(repository, directory, choice, report, transfer)):
        return found
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


def small_files_are_whole(repository: Repository, directory: Path) -> bool:
    """Whether the tokenizer's files that are in a folder are those that the Hub lists."""
    module = find_weights(repository.files, repository.id).module
    files = [name.removeprefix(module) for name in repository.files if name.startswith(module)]
    names = [name for name in tokenizer_files(files, repository.id) if (directory / name).exists()]
    return all(is_whole(directory / name, repository.blobs.get(module + name, UNKNOWN)) for name in names)


def _check_listed(remote: RemoteFile, stamp: Stamp, blob: Blob) -> None:
    """Refuse a file that the Hub lists with another size or digest than it is served with."""
    comparable = len(stamp.etag) == len(blob.oid) == SHA256
    if blob.size not in (-1, stamp.size) or (comparable and stamp.etag != blob.oid):
        raise NetworkError(f"'{remote}' is served with another content than the Hub lists", IN_THE_WAY)


def _fetch_filters(
    repository: Repository, directory: Path, choice: Choice, report: Report, transfer: Transfer
) -> Located | None:
    """Fetch the filters that a tensor holds, which need no tokenizer; None for any other tensor."""
    from embgeo.models.position_tables import numbered

    planned, matrix = plan(repository, directory, choice, transfer), directory / MATRIX
    if not is_filters(planned.header.tensors[planned.tensor.name]):
        return None
    if read_finished(matrix, repository.commit) is None:
        with explained(repository.id, repository.commit):
            _fetch_matrix(planned, matrix, report, transfer)
    (tensor,) = read_header(matrix).tensors.values()
    return numbered(Origin(repository.id, repository.commit, "hub"), matrix, tensor)


def _fetch_positions(
    repository: Repository, directory: Path, choice: Choice, report: Report, transfer: Transfer
) -> Located:
    """Fetch the position embedding; it needs the config, but no tokenizer."""
    from embgeo.models import position_tables

    planned, matrix = plan(repository, directory, choice, transfer), directory / MATRIX
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
    if TOKENIZER not in names:
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
    remote, stamp, header, tensor = planned.remote, planned.stamp, planned.header, planned.tensor
    notes = {"repository": remote.repo, "commit": remote.commit, "file": remote.name, "etag": stamp.etag}
    notes["unembedding"] = planned.unembedding
    if planned.headless:
        notes["headless"] = "true"
    if planned.layer_bytes is not None:
        notes[LAYER_BYTES] = str(planned.layer_bytes)
    if not is_static(header):
        head = file_head({tensor.name: (tensor.dtype, tensor.shape)}, notes)
        _fetch_span(planned, range(tensor.start, tensor.stop), head, target, report, transfer)
        return
    whole = target.with_name("static.part")
    start = min(other.start for other in header.tensors.values())
    head = file_head(_layout(header), notes, align=1)
    _fetch_span(planned, range(start, header.size), head, whole, report, transfer)
    expand(whole, target)
    whole.unlink()


def _fetch_span(
    planned: Plan, span: range, head: bytes, target: Path, report: Report, transfer: Transfer
) -> None:  # fmt: skip
    excerpt = Excerpt(planned.remote, planned.stamp, span, head, planned.start, planned.blob)
    fetch = fetch_excerpt if planned.stamp.etag else fetch_at_once
    fetch(excerpt, target, report, transfer)


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
    value: dict[str, Any] = read_json(target, MAX_SETTINGS)  # an object, as `fetch_file` has checked
    return value


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
        NetworkError: the transfer failed, or nothing tells whether two requests were answered from one version.
    """
    if not planned.stamp.etag:
        why = f"the server gives no ETag for '{planned.remote}', so that its parts may be of different versions"
        raise NetworkError(why, "Without --peek it is fetched with one request.")
    tensor, width = planned.tensor, (planned.tensor.stop - planned.tensor.start) // planned.tensor.shape[0]
    rows = []
    with explained(planned.remote.repo, planned.remote.commit):
        for row in ids:
            text = io.BytesIO()
            start = tensor.start + row * width
            span = range(start, start + width)
            watched(
                lambda span=span, text=text: fetch_range(planned.remote, span, text.write, planned.stamp, transfer),  # type: ignore[misc]
                transfer.waits.say,
            )
            rows.append(text.getvalue())
    return rows
