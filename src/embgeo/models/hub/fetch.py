"""Fetch a model's matrix from the Hub, and nothing else of its file, or single rows of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from embgeo.errors import FormatError, NetworkError, Report, silent
from embgeo.formats.converted import MATRIX
from embgeo.formats.model2vec import expand, is_static
from embgeo.formats.older_tokenizers import TOKENIZER, assemble
from embgeo.formats.safetensors import Header, file_head, read_header
from embgeo.formats.system_faults import reading_store
from embgeo.models.architectures import is_filters
from embgeo.models.choice import EMBEDDING, POSITION, Choice
from embgeo.models.hub.blobs import UNKNOWN
from embgeo.models.hub.download import Excerpt
from embgeo.models.hub.plan import Plan, plan, tokenizer_names
from embgeo.models.hub.ranges import fetch_range
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.repository import Repository
from embgeo.models.hub.single import fetch_part
from embgeo.models.hub.small import fetch_file, is_whole
from embgeo.models.hub.transfer import DEFAULT, Transfer
from embgeo.models.hub.waits import wait_for
from embgeo.models.manifest import Located, Origin
from embgeo.models.weights import LAYER_BYTES


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
    transfer, matrix = transfer.saying(report), directory / MATRIX
    origin, planned = Origin(repository.id, repository.commit, "hub"), None
    if choice.side == POSITION or choice.tensor is not None:
        planned = plan(repository, directory, choice, transfer)
        if choice.side == POSITION or is_filters(planned.header.tensors[planned.tensor.name]):  # without a tokenizer
            from embgeo.models.position_tables import locate_numbered, locate_positions

            (tensor,) = _fetched(repository, directory, choice, planned, report, transfer).tensors.values()
            if choice.side == POSITION:
                return locate_positions(origin, matrix, tensor, planned.config)
            return locate_numbered(origin, matrix, tensor)
    tokenizer = fetch_tokenizer(repository, directory, report, transfer)
    header = _fetched(repository, directory, choice, planned, report, transfer)
    (tensor,), notes = header.tensors.values(), header.metadata
    headless = notes.get("headless") == "true"
    return Located(*origin, matrix, tensor, tokenizer, notes["unembedding"], choice.side, headless=headless)


def _fetched(
    repository: Repository, directory: Path, choice: Choice, planned: Plan | None, report: Report, transfer: Transfer
) -> Header:
    """The header of the matrix in its own file, which is fetched unless an earlier run did."""
    matrix = directory / MATRIX
    if header := read_finished(matrix, repository.commit):
        return header
    planned = planned or plan(repository, directory, choice, transfer)
    with explained(repository.id, repository.commit):
        _fetch_matrix(planned, matrix, report, transfer)
    return read_header(matrix)


def small_files_are_whole(repository: Repository, directory: Path) -> bool:
    """Whether the tokenizer's files that are in a folder are those that the Hub lists."""
    names = [(directory / name, full) for name, full in tokenizer_names(repository).items()]
    return all(is_whole(file, repository.blobs.get(full, UNKNOWN)) for file, full in names if file.exists())


def fetch_tokenizer(
    repository: Repository, directory: Path, report: Report = silent, transfer: Transfer = DEFAULT
) -> Path:
    """Fetch the tokenizer.json, or assemble it from older files; errors as for `fetch_model`."""
    target, names = directory / TOKENIZER, tokenizer_names(repository)
    for name, full in names.items():
        fetch_file(repository, full, directory / name, report, transfer)
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
    fetch_part(excerpt, target, report, transfer)


def _layout(header: Header) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The tensors of a file in the order of their bytes."""
    ordered = sorted(header.tensors.values(), key=lambda tensor: (tensor.start, tensor.stop))
    return {tensor.name: (tensor.dtype, tensor.shape) for tensor in ordered}


def fetch_rows(planned: Plan, ids: Sequence[int]) -> list[bytes]:
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
            fetch = partial(fetch_range, planned.remote, span, text.write, planned.stamp)
            wait_for(fetch, DEFAULT.waits.say)
            rows.append(text.getvalue())
    return rows
