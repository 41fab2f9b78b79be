"""Fetch the small files of a model: checked against what the Hub lists, parsed, and only then put into place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

from embgeo.errors import FormatError, ModelError, NetworkError, Report, silent
from embgeo.formats.atomic import storing
from embgeo.formats.older_tokenizers import SETTINGS, TOKENIZER
from embgeo.formats.small_files import MAX_INDEX, MAX_SETTINGS, MAX_TOKENIZER, excess, read_small
from embgeo.formats.system_faults import reading_store
from embgeo.models.hub.blobs import UNKNOWN, Blob, blob_in_headers
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.repository import Repository
from embgeo.models.hub.requests import RemoteFile, body, open_remote
from embgeo.models.hub.transfer import DEFAULT, DamagedBodyError, Transfer, retried
from embgeo.models.hub.waits import wait_for
from embgeo.models.sentence_rules import MODULES
from embgeo.models.weights import CONFIG, INDEX

LIMITS: Final = {CONFIG: MAX_SETTINGS, SETTINGS: MAX_SETTINGS, INDEX: MAX_INDEX, TOKENIZER: MAX_TOKENIZER}


def fetch_file(
    repository: Repository, name: str, target: Path, report: Report = silent, transfer: Transfer = DEFAULT
) -> None:
    """Fetch a small file, unless `target` is that file already.

    Raises:
        ModelError: there is no such file, it is too large, or `target` can't be written.
        FormatError: the model's own file can't be parsed.
        NetworkError: the transfer failed, or what arrives is not the file.
    """
    if name not in repository.files:
        raise ModelError(f"'{repository.id}' has no file '{name}'")
    blob = repository.blobs.get(name, UNKNOWN)
    if is_whole(target, blob):
        return
    remote = RemoteFile(repository.id, repository.commit, name)
    with explained(repository.id, repository.commit):
        data = _fetch_checked(remote, blob, report, transfer)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    with storing(target) as file:
        file.write(data)


def is_whole(target: Path, blob: Blob) -> bool:
    """Whether a file from an earlier run is what the Hub lists; without a listed digest, whether it can be parsed."""
    try:
        with reading_store(target):
            data = read_small(target, _limit(target.name))
    except (OSError, ModelError):
        return False
    if blob.oid:
        return blob.fits(len(data), [data])
    return target.suffix == ".json" and blob.fits(len(data), []) and not _fault(data, target.name)


def _fetch_checked(remote: RemoteFile, blob: Blob, report: Report, transfer: Transfer) -> bytes:
    """The file's bytes, once they are right."""

    def attempt() -> bytes:
        received = bytearray()

        def tick() -> None:
            transfer.waits.say()
            if received:
                report(f"Fetching {remote.name}", len(received), max(blob.size, len(received)))

        return wait_for(lambda: _once(remote, blob, received, transfer), tick)

    return retried(attempt, transfer)


def _once(remote: RemoteFile, blob: Blob, received: bytearray, transfer: Transfer) -> bytes:
    limit = _limit(remote.name)
    if blob.size > limit:
        raise _too_large(remote, limit)
    with open_remote(remote, {}, transfer) as response:
        if response.status_code != 200:
            raise NetworkError(f"the server sent a part of '{remote}', which was not requested", "Try again later.")
        for piece in body(response, (blob.size if blob.size >= 0 else limit) + 1, transfer):
            received += piece
        told = blob_in_headers(hop.headers for hop in (*response.history, response))
    if len(received) > limit and blob.size < 0:
        raise _too_large(remote, limit)
    data, known = bytes(received), blob if blob.oid else blob._replace(oid=told.oid)
    if not known.fits(len(data), [data]):
        raise DamagedBodyError(f"'{remote}' is not what the Hub lists")
    if why := _fault(data, remote.name):
        if known.oid:  # as its owner published it
            hint = "Try again, or tell the model's owner."
            raise FormatError(f"{remote.name} of '{remote.repo}' {why}", hint)
        raise DamagedBodyError(f"'{remote}' {why}")
    return data


def _fault(data: bytes, name: str) -> str:
    """What is wrong with a file's content, as a predicate; empty if it can be parsed."""
    if name.endswith(".json"):
        return _json_fault(data, name)
    try:
        return "" if data.decode() else "is empty"
    except UnicodeDecodeError:
        return "is not UTF-8 text"


def _json_fault(data: bytes, name: str) -> str:
    if why := excess(data, _limit(name)):
        return why
    kind, title = (list, "list") if name.endswith(MODULES) else (dict, "object")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    return "" if isinstance(value, kind) else f"is not a JSON {title}"


def _limit(name: str) -> int:
    return LIMITS.get(name.rpartition("/")[2], MAX_TOKENIZER)


def _too_large(remote: RemoteFile, limit: int) -> ModelError:
    return ModelError(f"'{remote}' is larger than the {limit:,} bytes that embgeo accepts")
