"""Fetch a model's matrix from the Hub, and nothing else of its file, or single rows of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from embgeo.errors import FormatError, NetworkError, Report, silent
from embgeo.formats.model2vec import expand, is_static
from embgeo.formats.older_tokenizers import TOKENIZER, assemble, tokenizer_files
from embgeo.formats.safetensors import Header, Tensor, file_head, read_header
from embgeo.formats.system_faults import reading_store
from embgeo.models.architectures import is_filters
from embgeo.models.choice import EMBEDDING, POSITION, Choice
from embgeo.models.hub.blobs import UNKNOWN
from embgeo.models.hub.download import Excerpt, fetch_excerpt
from embgeo.models.hub.plan import Plan, plan
from embgeo.models.hub.ranges import fetch_range
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.repository import Repository
from embgeo.models.hub.single import fetch_at_once
from embgeo.models.hub.small import fetch_file, is_whole
from embgeo.models.hub.transfer import DEFAULT, Transfer
from embgeo.models.hub.waits import wait_for
from embgeo.models.manifest import Located, Origin
from embgeo.models.weights import LAYER_BYTES, find_weights

MATRIX = "embedding.safetensors"


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


def _fetch_filters(
    repository: Repository, directory: Path, choice: Choice, report: Report, transfer: Transfer
) -> Located | None:
    """Fetch the filters that a tensor holds, which need no tokenizer; None for any other tensor."""
    from embgeo.models.position_tables import locate_numbered

    planned, matrix = plan(repository, directory, choice, transfer), directory / MATRIX
    if not is_filters(planned.header.tensors[planned.tensor.name]):
        return None
    tensor = _finished_tensor(planned, matrix, report, transfer)
    return locate_numbered(Origin(repository.id, repository.commit, "hub"), matrix, tensor)


def _fetch_positions(
    repository: Repository, directory: Path, choice: Choice, report: Report, transfer: Transfer
) -> Located:
    """Fetch the position embedding; it needs the config, but no tokenizer."""
    from embgeo.models import position_tables

    planned, matrix = plan(repository, directory, choice, transfer), directory / MATRIX
    tensor = _finished_tensor(planned, matrix, report, transfer)
    return position_tables.locate_positions(
        Origin(repository.id, repository.commit, "hub"), matrix, tensor, planned.config
    )


def _finished_tensor(planned: Plan, matrix: Path, report: Report, transfer: Transfer) -> Tensor:
    """The matrix in its own file, fetched unless an earlier run did."""
    repository, commit = planned.remote.repo, planned.remote.commit
    if read_finished(matrix, commit) is None:
        with explained(repository, commit):
            _fetch_matrix(planned, matrix, report, transfer)
    (tensor,) = read_header(matrix).tensors.values()
    return tensor


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
            wait_for(
                lambda span=span, text=text: fetch_range(planned.remote, span, text.write, planned.stamp, transfer),  # type: ignore[misc]
                transfer.waits.say,
            )
            rows.append(text.getvalue())
    return rows
