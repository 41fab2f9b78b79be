"""The Hugging Face Hub: one request pins a model to a commit; small files are fetched whole."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote, urlsplit

from embgeo.errors import ModelError, NetworkError, Report, silent
from embgeo.formats.atomic import replacing
from embgeo.models.hub.client import constants, errors, hf_raise_for_status, is_offline_mode, session, shown
from embgeo.models.hub.download import on_disk
from embgeo.models.hub.ranges import (
    DEFAULT,
    FAILURES,
    Budget,
    RemoteFile,
    Transfer,
    hub_headers,
    in_thread,
    open_remote,
)
from embgeo.models.hub.refusals import explained

# The largest published tokenizer.json files have some 35 MB.
MAX_SMALL_FILE: Final = 250_000_000

REPO_ID: Final = re.compile(r"(?:[A-Za-z0-9_][\w.-]{0,95}/)?[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
COMMIT: Final = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Repository:
    """A model on the Hub, pinned.

    Attributes:
        id: its name there.
        commit: 40 hexadecimal digits.
        files: of that commit.
        sizes: bytes of each; empty where the Hub wasn't asked.
    """

    id: str
    commit: str
    files: tuple[str, ...]
    sizes: Mapping[str, int] = field(default_factory=dict)


def resolve(
    repo_id: str, revision: str | None, *, patience: float = 10.0, retries: int = 2, sizes: bool = False
) -> Repository:
    """Pin a model to a commit and list its files, with one request if all goes well.

    Args:
        repo_id: `name` or `organisation/name`.
        revision: a branch, a tag or a commit; None is the main branch.
        patience: seconds for each attempt as a whole, the look-up of the name included.
        retries: further attempts where the failure may pass.
        sizes: ask for the files' sizes too.

    Raises:
        ModelError: no such model or revision, or no access to it.
        NetworkError: the Hub can't be reached, or answers with something else.
    """
    _check_names(repo_id, revision)
    with explained(repo_id, revision):
        if is_offline_mode():
            raise errors.OfflineModeIsEnabled
        budget = Budget(Transfer(tries=retries + 1, longest_wait=patience))
        while True:
            # A look-up of a name can't be bounded or stopped, only no longer waited for.
            answer = in_thread(lambda: _ask(repo_id, revision, patience, sizes=sizes))
            try:
                return answer.result(patience)
            except (*FAILURES, TimeoutError) as error:
                budget.spend(error)


def fetch_file(
    repository: Repository, name: str, target: Path, report: Report = silent, transfer: Transfer = DEFAULT
) -> None:
    """Fetch a small file whole, unless `target` is there already.

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
        raise ModelError(f"'{repo_id}' is no name of a model on the Hub", "Names there read 'gpt2' or 'org/name'.")
    if revision is not None and (not revision.isprintable() or not revision.strip() or ".." in revision):
        raise ModelError(f"'{revision}' is no revision of '{repo_id}'", "Give a branch, a tag or a commit.")


def _ask(repo_id: str, revision: str | None, patience: float, *, sizes: bool) -> Repository:
    """Request a model's description, and nothing else; `HfApi.model_info` sends a second one, for telemetry."""
    url = f"{constants.ENDPOINT}/api/models/{repo_id}" + (f"/revision/{quote(revision, safe='')}" if revision else "")
    params = {"blobs": "true"} if sizes else {}
    response = session().get(url, params=params, headers=hub_headers(), timeout=patience, follow_redirects=True)
    hf_raise_for_status(response)
    try:
        info = response.json()
        name, commit = str(info["id"]), str(info["sha"])
        files = tuple(str(entry["rfilename"]) for entry in info["siblings"])
        found = {str(entry["rfilename"]): int(entry["size"]) for entry in info["siblings"]} if sizes else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        name = commit = ""
        files, found = (), {}
    if not REPO_ID.fullmatch(name) or ".." in name or not COMMIT.fullmatch(commit):
        hint = "Does this network ask to sign in first? If HF_ENDPOINT names a mirror, unset it."
        raise NetworkError(f"{urlsplit(shown(constants.ENDPOINT)).netloc} answered, but not as the Hub does", hint)
    return Repository(name, commit, files, found)


def _copy(remote: RemoteFile, file: IO[bytes], report: Report, transfer: Transfer) -> None:
    with open_remote(remote, {"accept-encoding": "identity"}, transfer) as response:
        total = int(response.headers.get("content-length", "0"))
        for piece in response.iter_bytes():
            file.write(piece)
            if file.tell() > MAX_SMALL_FILE:
                raise ModelError(f"'{remote}' is larger than the {MAX_SMALL_FILE:,} bytes that embgeo reads of it")
            report(f"Fetching {remote.name}", file.tell(), max(total, file.tell()))
        file.flush()
        os.fsync(file.fileno())
