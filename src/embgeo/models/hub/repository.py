"""Pin a model on the Hub to a commit, and list its files, with one request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from embgeo.errors import FormatError, ModelError, NetworkError, Report, silent
from embgeo.formats.small_files import parse_json
from embgeo.models.hub.blobs import Blob, listed_blob
from embgeo.models.hub.client import constants, errors, is_offline_mode, without_login
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.requests import body, open_url
from embgeo.models.hub.transfer import Transfer, retried
from embgeo.models.hub.waits import wait_for

MAX_LISTING: Final = 30_000_000  # bytes; a file takes about 200, with its digest

REPO_ID: Final = re.compile(r"(?:[A-Za-z0-9_][\w.-]{0,95}/)?[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
COMMIT: Final = re.compile(r"[0-9a-f]{40}")


class Patience(NamedTuple):
    """How long to wait for the Hub: seconds for each attempt, name look-up included, and how many further attempts."""

    seconds: float
    retries: int


PATIENCE: Final = Patience(10.0, 2)
BRIEF_PATIENCE: Final = Patience(3.5, 0)  # for a model that the user did not name


@dataclass(frozen=True, slots=True)
class Repository:
    """A model on the Hub, pinned to a commit.

    Attributes:
        id: its name on the Hub.
        commit: 40 hexadecimal digits.
        files: the names of the commit's files.
        blobs: size and digest of each file, as listed.
    """

    id: str
    commit: str
    files: tuple[str, ...]
    blobs: Mapping[str, Blob] = field(default_factory=dict, compare=False)

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each file, 0 where the Hub doesn't list them."""
        return {name: max(0, blob.size) for name, blob in self.blobs.items()}


def resolve(
    repo_id: str, revision: str | None, patience: Patience = PATIENCE, report: Report = silent
) -> Repository:  # fmt: skip
    """Pin a model to a commit and list its files, with one request if all goes well.

    Args:
        repo_id: `name` or `organization/name`.
        revision: a branch, a tag or a commit; None is the main branch.
        patience: how long to wait; only failures that may pass are retried.
        report: called if the Hub makes it wait.

    Raises:
        ModelError: no such model or revision, or no access to it.
        NetworkError: the Hub can't be reached, or its answer is not valid.
    """
    _check_names(repo_id, revision)
    with explained(repo_id, revision):
        if is_offline_mode():
            raise errors.OfflineModeIsEnabled
        seconds = patience.seconds
        transfer = Transfer(tries=patience.retries + 1, longest_wait=seconds, timeout=seconds, opening=seconds).saying(
            report
        )
        request = partial(_request, repo_id, revision, transfer)
        return retried(lambda: wait_for(request, transfer.waits.say, seconds), transfer)


def _check_names(repo_id: str, revision: str | None) -> None:
    if not REPO_ID.fullmatch(repo_id) or ".." in repo_id or "--" in repo_id:
        raise ModelError(f"'{repo_id}' is not a valid model name", "Names on the Hub look like 'gpt2' or 'org/name'.")
    if revision is not None and (not revision.isprintable() or not revision.strip() or ".." in revision):
        raise ModelError(f"'{revision}' is not a valid revision of '{repo_id}'", "Give a branch, a tag or a commit.")


def _request(repo_id: str, revision: str | None, transfer: Transfer) -> Repository:
    """Request a model's description with one request; `HfApi.model_info` sends a second one, for telemetry."""
    url = f"{constants.ENDPOINT}/api/models/{repo_id}" + (f"/revision/{quote(revision, safe='')}" if revision else "")
    data = bytearray()
    with open_url(f"{url}?blobs=true", repo_id, {}, transfer) as response:
        for piece in body(response, MAX_LISTING + 1, transfer):
            data += piece
    return parse_description(bytes(data), repo_id)


def parse_description(data: bytes, repo_id: str) -> Repository:
    """Read the Hub's description of a model.

    Raises:
        NetworkError: it is not a valid description.
    """
    try:
        info = parse_json(data, repo_id, MAX_LISTING)
        name, commit = str(info["id"]), str(info["sha"])
        blobs = {str(entry["rfilename"]): listed_blob(entry) for entry in info["siblings"]}
    except (FormatError, KeyError, TypeError, AttributeError):
        name, commit, blobs = "", "", {}
    if not REPO_ID.fullmatch(name) or ".." in name or not COMMIT.fullmatch(commit):
        raise not_the_hub()
    return Repository(name, commit, tuple(blobs), blobs)


def not_the_hub() -> NetworkError:
    """The error for an answer that doesn't come from the Hub."""
    host = urlsplit(without_login(constants.ENDPOINT)).netloc
    hint = "Does this network require a sign-in? If HF_ENDPOINT names a mirror, unset it."
    return NetworkError(f"{host} answered, but not as the Hub does", hint)
