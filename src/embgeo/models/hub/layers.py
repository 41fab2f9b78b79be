"""Fetch the layers of a model whose embedding is here: only the tensors that the pass needs, by range."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from embgeo.errors import FormatError, Report, silent
from embgeo.formats.atomic import storing
from embgeo.formats.safetensors import Tensor, file_head, read_header
from embgeo.models.fetched_layers import LIST_NAME, FetchedLayers, TensorFilter, read_fetched
from embgeo.models.hub.blobs import UNKNOWN
from embgeo.models.hub.download import Excerpt
from embgeo.models.hub.ranges import fetch_header
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.repository import Repository
from embgeo.models.hub.requests import RemoteFile
from embgeo.models.hub.single import fetch_part
from embgeo.models.hub.small import fetch_file
from embgeo.models.hub.transfer import DEFAULT, Transfer
from embgeo.models.sentence_rules import MODULES, PROMPTS, SETTINGS
from embgeo.models.weights import CONFIG, WeightsFile, find_weights, needed_tensors, shard_names

RULES: Final = (MODULES, *SETTINGS, PROMPTS, "1_Pooling/config.json")


def fetch_layers(
    repository: Repository, directory: Path, here: Collection[str], report: Report,
    accept: Callable[[Path], TensorFilter],
) -> None:  # fmt: skip
    """Fetch the tensors that a pass needs and that aren't here, as safetensors files, and the small files next to them.

    Args:
        repository: the model, pinned to a commit.
        directory: exists and is locked by the caller; files and parts of an earlier run are reused.
        here: names of the tensors that need not be fetched.
        report: called with the progress.
        accept: called with the directory once the small files are there: says which tensors are wanted, or raises an
            error before anything large is fetched.

    Raises:
        ModelError: the model lacks a file that embgeo needs, or the directory can't be written to.
        NetworkError: the transfer failed.
    """
    transfer = DEFAULT.saying(report)
    weights = find_weights(repository.files, repository.id)
    _fetch_small(repository, directory, transfer)
    wanted = accept(directory)
    found = read_fetched(directory) or FetchedLayers({}, ())
    digests = {file: digest for file, digest in found.digests.items() if file.is_file()}
    here = {*here, *(name for file in digests for name in read_header(file).tensors)}
    absent: list[str] = []
    for number, name in enumerate(_file_names(repository, weights, directory, transfer)):
        remote = RemoteFile(repository.id, repository.commit, weights.module + name)
        with explained(repository.id, repository.commit):
            header, stamp, start = fetch_header(remote, transfer)
            whole = Excerpt(remote, stamp, range(0), b"", start, repository.blobs.get(remote.name, UNKNOWN))
            needed = needed_tensors(header.tensors.values(), here)
            absent += [tensor.name for tensor in needed if not wanted(tensor.name)]
            for run in _runs([tensor for tensor in needed if wanted(tensor.name)]):
                target = directory / f"layers-{number:03}-{run[0].start}.safetensors"
                _fetch_run(run, whole, target, report, transfer)
                digests[target] = _digest(target)
    listed = {"files": {file.name: digest for file, digest in digests.items()}, "absent": absent}
    with storing(directory / LIST_NAME) as out:
        out.write(json.dumps(listed).encode())


def _fetch_small(repository: Repository, directory: Path, transfer: Transfer) -> None:
    """Fetch config.json and the rules of a sentence model."""
    for name in (CONFIG, *RULES):
        if name in repository.files:
            (directory / name).parent.mkdir(exist_ok=True)
            fetch_file(repository, name, directory / name, silent, transfer)


def _file_names(repository: Repository, weights: WeightsFile, directory: Path, transfer: Transfer) -> list[str]:
    """The files that hold the tensors: one, or those that an index lists."""
    if not weights.sharded:
        return [weights.name]
    index = directory / weights.name
    fetch_file(repository, weights.module + weights.name, index, silent, transfer)
    return shard_names(index.read_bytes(), f"{repository.id}/{weights.name}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _runs(tensors: list[Tensor]) -> Iterator[list[Tensor]]:
    """Tensors in the order of their bytes, in runs that lie next to each other."""
    run: list[Tensor] = []
    for tensor in tensors:
        if run and run[-1].stop != tensor.start:
            yield run
            run = []
        run.append(tensor)
    if run:
        yield run


def _fetch_run(run: list[Tensor], whole: Excerpt, target: Path, report: Report, transfer: Transfer) -> None:
    """Fetch one run out of the `whole` file as a file of its own, unless an earlier run of this program has."""
    remote, stamp = whole.remote, whole.stamp
    notes = {"repository": remote.repo, "commit": remote.commit, "file": remote.name, "etag": stamp.etag}
    layout: Mapping[str, tuple[str, tuple[int, ...]]] = {one.name: (one.dtype, one.shape) for one in run}
    head, span = file_head(layout, notes, align=1), range(run[0].start, run[-1].stop)
    try:
        with target.open("rb") as file:
            if file.read(len(head)) == head and read_header(target).size == len(head) + len(span):
                return
    except (OSError, FormatError):
        pass
    fetch_part(replace(whole, span=span, head=head), target, report, transfer)
