"""The Hugging Face Hub: one request pins a model to a commit, then only the bytes that embgeo needs are fetched."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from huggingface_hub import constants, get_session, hf_raise_for_status, is_offline_mode
from huggingface_hub.errors import OfflineModeIsEnabled

from embgeo.errors import FormatError, ModelError, NetworkError
from embgeo.progress import Report, silent
from embgeo.provenance import Located
from embgeo.sources.download import Excerpt, fetch_excerpt, on_disk
from embgeo.sources.layout import choose_embedding, is_tied
from embgeo.sources.ranges import (
    DEFAULT,
    FAILURES,
    Budget,
    RemoteFile,
    Transfer,
    fetch_header,
    hub_headers,
    in_thread,
    open_remote,
)
from embgeo.sources.refusals import explained
from embgeo.tensorfile import Header, file_head, read_header

WEIGHTS: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
CONFIG: Final = "config.json"
TOKENIZER: Final = "tokenizer.json"
PICKLED: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
# The largest published tokenizer.json files have some 35 MB.
MAX_SMALL_FILE: Final = 250_000_000

REPO_ID: Final = re.compile(r"(?:[A-Za-z0-9_][\w.-]{0,95}/)?[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
COMMIT: Final = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Repository:
    """A model on the Hub, pinned: its name there, the commit (40 hexadecimal digits), and the files of that commit."""

    id: str
    commit: str
    files: tuple[str, ...]


def resolve(repo_id: str, revision: str | None, *, patience: float = 10.0, retries: int = 2) -> Repository:
    """Pin a model to a commit and list its files, with one request if all goes well.

    Args:
        repo_id: `name` or `organisation/name`.
        revision: a branch, a tag or a commit; None is the main branch.
        patience: seconds for each attempt as a whole, the look-up of the name included.
        retries: further attempts where the failure may pass.

    Raises:
        ModelError: no such model or revision, or no access to it.
        NetworkError: the Hub can't be reached, or answers with something else.
    """
    _check_names(repo_id, revision)
    with explained(repo_id, revision):
        if is_offline_mode():
            raise OfflineModeIsEnabled
        budget = Budget(Transfer(tries=retries + 1, longest_wait=patience))
        while True:
            # A look-up of a name can't be bounded or stopped, only no longer waited for.
            answer = in_thread(lambda: _ask(repo_id, revision, patience))
            try:
                return answer.result(patience)
            except (*FAILURES, TimeoutError) as error:
                budget.spend(error)


def fetch_model(
    repository: Repository, directory: Path, *, report: Report = silent, transfer: Transfer = DEFAULT
) -> Located:
    """Fetch what embgeo needs of a model: its tokenizer and the embedding, as a safetensors file of its own.

    Args:
        repository: the model, pinned.
        directory: exists and is the caller's alone; what an earlier run of the same commit left is gone on with.
        report: is told how far the work is.
        transfer: how to fetch.

    Raises:
        ModelError: the model has not what embgeo needs, or the directory can't be written to.
        NetworkError: the transfer failed.
    """
    name = embedding_file(repository)
    if TOKENIZER not in repository.files:
        hint = "Convert its tokenizer with transformers' AutoTokenizer and save_pretrained, and give embgeo the folder."
        raise ModelError(f"'{repository.id}' has no {TOKENIZER}, which embgeo reads the vocabulary from", hint)
    matrix, tokenizer = directory / "embedding.safetensors", directory / TOKENIZER
    fetch_file(repository, TOKENIZER, tokenizer, report, transfer)
    header = _finished(matrix, repository)
    if header is None:
        config = _fetch_config(repository, directory / CONFIG, transfer)
        remote = RemoteFile(repository.id, repository.commit, name)
        with explained(repository.id, repository.commit):
            fetch_excerpt(_excerpt(remote, config, transfer), matrix, report, transfer)
        header = read_header(matrix)
    (tensor,) = header.tensors.values()
    tied = header.metadata["tied"] == "true"
    return Located(repository.id, repository.commit, "hub", matrix, tensor, tokenizer, tied)


def embedding_file(repository: Repository) -> str:
    """Which file of the repository holds the embedding.

    Raises:
        ModelError: none that embgeo reads.
    """
    if WEIGHTS in repository.files:
        return WEIGHTS
    if INDEX in repository.files:
        why = "its weights are split over several files, which embgeo can't fetch yet"
        raise ModelError(f"'{repository.id}' is refused: {why}", f"A model with a single {WEIGHTS} works.")
    pickled = [name for name in repository.files if name.endswith(PICKLED)]
    if pickled:
        hint = (
            "Convert it: https://huggingface.co/spaces/safetensors/convert, "
            "or load it with transformers, save_pretrained('folder'), and give embgeo the folder."
        )
        why = f"only {pickled[0]}, and embgeo never unpickles"
        raise ModelError(f"'{repository.id}' has no {WEIGHTS}: {why}", hint)
    listing = f"{constants.ENDPOINT}/{repository.id}/tree/{repository.commit}"
    raise ModelError(f"'{repository.id}' has no {WEIGHTS}", f"Its files are listed at {listing}.")


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
    remote, part = RemoteFile(repository.id, repository.commit, name), target.with_name(f"{target.name}.part")
    budget = Budget(transfer)
    with explained(repository.id, repository.commit), on_disk(target, part):
        while not target.exists():
            try:
                _copy(remote, part, report, transfer)
                part.replace(target)
            except FAILURES as error:
                budget.spend(error)
            finally:
                part.unlink(missing_ok=True)


def _check_names(repo_id: str, revision: str | None) -> None:
    if not REPO_ID.fullmatch(repo_id) or ".." in repo_id or "--" in repo_id:
        raise ModelError(f"'{repo_id}' is no name of a model on the Hub", "Names there read 'gpt2' or 'org/name'.")
    if revision is not None and (not revision.isprintable() or not revision.strip() or ".." in revision):
        raise ModelError(f"'{revision}' is no revision of '{repo_id}'", "Give a branch, a tag or a commit.")


def _ask(repo_id: str, revision: str | None, patience: float) -> Repository:
    """Request a model's description, and nothing else; `HfApi.model_info` sends a second one, for telemetry."""
    url = f"{constants.ENDPOINT}/api/models/{repo_id}" + (f"/revision/{quote(revision, safe='')}" if revision else "")
    response = get_session().get(url, headers=hub_headers(), timeout=patience, follow_redirects=True)
    hf_raise_for_status(response)
    try:
        info = response.json()
        name, commit = str(info["id"]), str(info["sha"])
        files = tuple(str(entry["rfilename"]) for entry in info["siblings"])
    except (ValueError, KeyError, TypeError, RecursionError):
        name = commit = ""
        files = ()
    if not REPO_ID.fullmatch(name) or ".." in name or not COMMIT.fullmatch(commit):
        hint = "Does this network ask to sign in first? If HF_ENDPOINT names a mirror, unset it."
        raise NetworkError(f"{urlsplit(constants.ENDPOINT).netloc} answered, but not as the Hub does", hint)
    return Repository(name, commit, files)


def _fetch_config(repository: Repository, target: Path, transfer: Transfer) -> dict[str, Any]:
    if CONFIG not in repository.files:
        return {}
    fetch_file(repository, CONFIG, target, silent, transfer)
    with suppress(ValueError, RecursionError):
        config = json.loads(target.read_bytes())
        if isinstance(config, dict):
            return config
    target.unlink()
    raise FormatError(f"{CONFIG} of '{repository.id}' is no JSON object", "Try again, or tell the model's owner.")


def _finished(matrix: Path, repository: Repository) -> Header | None:
    """The header of the matrix that an earlier run has made; None where there is none, or it is damaged."""
    with suppress(FileNotFoundError, FormatError):
        header = read_header(matrix)
        notes = header.metadata
        if notes.get("commit") == repository.commit and "tied" in notes and len(header.tensors) == 1:
            return header
    return None


def _excerpt(remote: RemoteFile, config: dict[str, Any], transfer: Transfer) -> Excerpt:
    header, stamp = fetch_header(remote, transfer)
    tensor = choose_embedding(header, config, str(remote))
    origin = {"repository": remote.repo, "commit": remote.commit, "file": remote.name, "etag": stamp.etag}
    metadata = {**origin, "tied": "true" if is_tied(header) else "false"}
    head = file_head({tensor.name: (tensor.dtype, tensor.shape)}, metadata)
    return Excerpt(remote, stamp, range(tensor.start, tensor.stop), head)


def _copy(remote: RemoteFile, part: Path, report: Report, transfer: Transfer) -> None:
    with part.open("wb") as file, open_remote(remote, {"accept-encoding": "identity"}, transfer) as response:
        total = int(response.headers.get("content-length", "0"))
        for piece in response.iter_bytes():
            file.write(piece)
            if file.tell() > MAX_SMALL_FILE:
                raise ModelError(f"'{remote}' is larger than the {MAX_SMALL_FILE:,} bytes that embgeo reads of it")
            report(f"Fetching {remote.name}", file.tell(), max(total, file.tell()))
        file.flush()
        os.fsync(file.fileno())
