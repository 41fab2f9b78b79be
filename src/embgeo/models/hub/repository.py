"""Pin a model on the Hub to a commit with one request, and fetch its small files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, NamedTuple
from urllib.parse import quote, urlsplit

from embgeo.errors import ModelError, NetworkError, Report, silent
from embgeo.formats.atomic import replacing
from embgeo.models.hub.client import constants, errors, hf_raise_for_status, is_offline_mode, session, without_login
from embgeo.models.hub.download import on_disk
from embgeo.models.hub.ranges import RemoteFile, hub_headers, open_remote
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.transfer import DEFAULT, FAILURES, Budget, Transfer, in_thread

# The largest published tokenizer.json files are about 35 MB.
MAX_SMALL_FILE: Final = 250_000_000

REPO_ID: Final = re.compile(r"(?:[A-Za-z0-9_][\w.-]{0,95}/)?[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
COMMIT: Final = re.compile(r"[0-9a-f]{40}")


class Patience(NamedTuple):
    """How long to wait for the Hub: seconds for each attempt, name look-up included, and how many further attempts."""

    seconds: float
    retries: int


PATIENCE: Final = Patience(10.0, 2)
HURRY: Final = Patience(3.5, 0)  # for a model that the user did not name


@dataclass(frozen=True, slots=True)
class Repository:
    """A model on the Hub, pinned to a commit.

    Attributes:
        id: its name on the Hub.
        commit: 40 hexadecimal digits.
        files: the names of the commit's files.
        sizes: bytes of each file; empty unless requested.
    """

    id: str
    commit: str
    files: tuple[str, ...]
    sizes: Mapping[str, int] = field(default_factory=dict)


def resolve(
    repo_id: str, revision: str | None, patience: Patience = PATIENCE, *, sizes: bool = False
) -> Repository:  # fmt: skip
    """Pin a model to a commit and list its files, with one request if all goes well.

    Args:
        repo_id: `name` or `organisation/name`.
        revision: a branch, a tag or a commit; None is the main branch.
        patience: how long to wait; only failures that may pass are retried.
        sizes: request the files' sizes too.

    Raises:
        ModelError: no such model or revision, or no access to it.
        NetworkError: the Hub can't be reached, or its answer is not valid.
    """
    _check_names(repo_id, revision)
    with explained(repo_id, revision):
        if is_offline_mode():
            raise errors.OfflineModeIsEnabled
        budget = Budget(Transfer(tries=patience.retries + 1, longest_wait=patience.seconds))
        while True:
            # A DNS look-up has no timeout and can't be cancelled; it can only be abandoned.
            answer = in_thread(lambda: _request(repo_id, revision, patience.seconds, sizes=sizes))
            try:
                return answer.result(patience.seconds)
            except (*FAILURES, TimeoutError) as error:
                budget.spend(error)


def fetch_file(
    repository: Repository, name: str, target: Path, report: Report = silent, transfer: Transfer = DEFAULT
) -> None:
    """Fetch a small file, unless `target` exists already.

    Raises:
        ModelError: there is no such file, or `target` can't be written.
        NetworkError: the transfer failed.
    """
    if name not in repository.files:
        raise ModelError(f"'{repository.id}' has no file '{name}'")
    remote = RemoteFile(repository.id, repository.commit, name)
    budget = Budget(transfer)
    with explained(repository.id, repository.commit), on_disk(target):
        while not target.exists():
            try:
                with replacing(target) as file:
                    _copy(remote, file, report, transfer)
            except FAILURES as error:
                budget.spend(error)


def _check_names(repo_id: str, revision: str | None) -> None:
    if not REPO_ID.fullmatch(repo_id) or ".." in repo_id or "--" in repo_id:
        raise ModelError(f"'{repo_id}' is not a valid model name", "Names on the Hub look like 'gpt2' or 'org/name'.")
    if revision is not None and (not revision.isprintable() or not revision.strip() or ".." in revision):
        raise ModelError(f"'{revision}' is not a valid revision of '{repo_id}'", "Give a branch, a tag or a commit.")


def _request(repo_id: str, revision: str | None, seconds: float, *, sizes: bool) -> Repository:
    """Request a model's description with one request; `HfApi.model_info` sends a second one, for telemetry."""
    url = f"{constants.ENDPOINT}/api/models/{repo_id}" + (f"/revision/{quote(revision, safe='')}" if revision else "")
    params = {"blobs": "true"} if sizes else {}
    response = session().get(url, params=params, headers=hub_headers(), timeout=seconds, follow_redirects=True)
    hf_raise_for_status(response)
    try:
        info = response.json()
        name, commit = str(info["id"]), str(info["sha"])
        files = tuple(str(entry["rfilename"]) for entry in info["siblings"])
        file_sizes = {str(entry["rfilename"]): int(entry["size"]) for entry in info["siblings"]} if sizes else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        name = commit = ""
        files, file_sizes = (), {}
    if not REPO_ID.fullmatch(name) or ".." in name or not COMMIT.fullmatch(commit):
        hint = "Does this network require a sign-in? If HF_ENDPOINT names a mirror, unset it."
        raise NetworkError(
            f"{urlsplit(without_login(constants.ENDPOINT)).netloc} answered, but not as the Hub does", hint
        )
    return Repository(name, commit, files, file_sizes)


def _copy(remote: RemoteFile, file: IO[bytes], report: Report, transfer: Transfer) -> None:
    with open_remote(remote, {"accept-encoding": "identity"}, transfer) as response:
        total = int(response.headers.get("content-length", "0"))
        for piece in response.iter_bytes():
            file.write(piece)
            if file.tell() > MAX_SMALL_FILE:
                raise ModelError(f"'{remote}' is larger than the {MAX_SMALL_FILE:,} bytes that embgeo accepts")
            report(f"Fetching {remote.name}", file.tell(), max(total, file.tell()))
        file.flush()
        os.fsync(file.fileno())
