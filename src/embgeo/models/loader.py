"""From a model reference to a prepared model: from the store, a local cache, the Hub, or the package itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from embgeo.errors import (
    FormatError,
    ModelError,
    NetworkError,
    NoMatrixError,
    Report,
    StoreError,
    UsageError,
    silent,
    waiting,
)
from embgeo.formats.safetensors import map_tensor
from embgeo.formats.system_faults import enough_memory
from embgeo.models import hub_records, locks, places, store
from embgeo.models.choice import EMBEDDING, POSITION, POSITIONS, Choice
from embgeo.models.manifest import Located, Origin
from embgeo.models.model import Model
from embgeo.models.places import users_path
from embgeo.models.reference import Reference
from embgeo.numerics.kernels import Matrix
from embgeo.vocabulary.vocabulary import Vocabulary

BUNDLE: Final = places.BUNDLE
COMMIT: Final = "[0-9a-f]{40}"
FolderCheck = Callable[[Path], bool] | None


def load(reference: Reference, report: Report = silent) -> Model:
    """Map a model's prepared form; the first time it is fetched and prepared.

    Args:
        reference: the model. If it is implied and GPT-2 is neither on this machine nor reachable, the bundled model
            is loaded instead.
        report: called with the progress of fetching and preparing.

    Raises:
        ModelError: no such model, or it can't be read.
        NetworkError: the user named a model that is not on this machine, and the Hub can't be reached.
    """
    try:
        if model := load_offline(reference, report):
            return model
    except FormatError as damage:
        if reference.kind != "hub":
            raise
        return _replace_damaged(reference, damage, report)
    if reference.implied and reference.choice in (EMBEDDING, POSITIONS):
        return _load_default(reference, report)
    try:
        return _fetch(reference, report)
    except NetworkError as error:
        from embgeo.models.near_names import with_suggestions

        raise NetworkError(error.message, with_suggestions(reference.name, error.hint)) from None


def load_offline(reference: Reference, report: Report = silent) -> Model | None:
    """Load a model without the network: bundled, local, in the store, or complete in the Hugging Face cache.

    Returns:
        The model; None if it would have to be fetched.

    Raises:
        ModelError: no such model, or it can't be read.
    """
    if reference.kind == "bundled":
        return open_bundle(reference.choice)
    return _prepare_local(reference, report) if reference.kind == "path" else _load_from_disk(reference, report)


def pull(reference: Reference, report: Report = silent) -> Model:
    """Fetch and prepare a model; a branch is moved to its newest commit, and damaged files are fetched again.

    Raises:
        as `load`.
    """
    return _fetch(reference, report, check=True) if reference.kind == "hub" else load(reference, report)


def open_bundle(choice: Choice = EMBEDDING) -> Model:
    """The bundled model; it has a token embedding and a position embedding.

    Raises:
        FormatError: the installation is damaged.
    """
    model = store.open_prepared(BUNDLE)
    if model is None:
        raise FormatError(f"the bundled model in '{BUNDLE}' is damaged", "Install embgeo again.")
    return _bundled_positions(model) if choice.side == POSITION else model


def _bundled_positions(bundle: Model) -> Model:
    """The position embedding in the same file; it is small enough to be prepared again each time."""
    from embgeo.models import local
    from embgeo.models.prepare import measure

    origin = Origin(bundle.manifest.model, bundle.manifest.revision, bundle.manifest.source)
    located = local.describe(origin, BUNDLE / bundle.manifest.matrix, BUNDLE, POSITIONS)
    manifest, norms, table = measure(located, BUNDLE, silent)
    rows = map_tensor(located.matrix, located.tensor)
    return Model(BUNDLE, manifest, Matrix(rows, manifest.dtype, norms), Vocabulary(table, None))


def _prepare_local(reference: Reference, report: Report) -> Model:
    path, choice = users_path(reference.name), reference.choice
    place = places.local_place(path, choice.variant)
    model = store.open_prepared(place)
    if model is None:
        _check_there(path)  # a mistyped path leaves nothing in the store, not even a lock
        model = _prepare_locked(place, reference, lambda place: _locate(path, place, choice, report), report)
    return model.with_name(str(path))  # as the user typed it; the store has its full path


def _check_there(path: Path) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        hint = "Check the path, or name a Hub id."
        raise ModelError(f"no model at '{path}': there is no such file or folder", hint) from None
    except OSError as error:
        raise ModelError(f"can't read '{path}': {error.strerror}", "Check the path, or name a Hub id.") from None


def _locate(path: Path, place: Path, choice: Choice, report: Report) -> Located:
    from embgeo.models import local, vectors

    if vectors.is_vectors(path, choice.file_format):
        if choice.side == POSITION:
            raise NoMatrixError(f"'{path}' is a file of word vectors, which has no positions")
        return vectors.locate(path, place, choice, report)
    if choice.file_options:
        why = "has a tokenizer, and is read as a whole"
        raise UsageError(f"'{path}' {why}", f"{choice.file_options[0]} is for files of word vectors.")
    return local.locate(path, place, choice)


def _load_from_disk(reference: Reference, report: Report) -> Model | None:
    """A Hub model from the store, or from a complete snapshot in the Hugging Face cache."""
    name, revision, choice = reference.name, reference.revision, reference.choice
    commit = revision if re.fullmatch(COMMIT, revision) else hub_records.read_ref(name, revision)
    if commit and (model := store.open_prepared(places.hub_place(name, commit, choice.variant))):
        return model
    from embgeo.models import local

    if commit and choice.side == POSITION:  # its config.json, if in the store, may say that no positions are stored
        local.check_positions(places.hub_place(name, commit), name)
    snapshot = local.cached_snapshot(name, revision, choice)
    return _prepare_cached(reference, snapshot, report) if snapshot else None


def _prepare_cached(reference: Reference, snapshot: Path, report: Report) -> Model:
    from embgeo.models import local

    origin = Origin(reference.name, snapshot.name, "cache")
    return _prepare_commit(
        reference, snapshot.name, lambda place: local.describe(origin, snapshot, place, reference.choice), report
    )


def _fetch(reference: Reference, report: Report, *, hurry: bool = False, check: bool = False) -> Model:
    from embgeo.models import local
    from embgeo.models.hub import fetch as remote
    from embgeo.models.hub import repository as hub

    revision = reference.revision if check else _stored_commit(reference)
    repository = hub.resolve(reference.name, revision, hub.BRIEF_PATIENCE if hurry else hub.PATIENCE, report)
    with suppress(FormatError):  # damaged in another tool's cache: fetch it from the Hub
        if snapshot := local.cached_snapshot(reference.name, repository.commit, reference.choice):
            return _prepare_cached(reference, snapshot, report)
    return _prepare_commit(
        reference,
        repository.commit,
        lambda place: remote.fetch_model(repository, place, reference.choice, report=report),
        report,
        check=(lambda place: remote.small_files_are_whole(repository, place)) if check else None,
    )


def _replace_damaged(reference: Reference, damage: FormatError, report: Report) -> Model:
    """Fetch a model of which another tool's copy is damaged; without a network, report the damage."""
    try:
        return _fetch(reference, report)
    except NetworkError:
        raise damage from None


def _stored_commit(reference: Reference) -> str:
    """The commit that the store has for a branch, so that all its matrices match; only `pull` moves a branch on."""
    commit = hub_records.read_ref(reference.name, reference.revision)
    return commit if commit and store.has_commit(reference.name, commit) else reference.revision


def _prepare_commit(
    reference: Reference, commit: str, locate: Callable[[Path], Located], report: Report, *, check: FolderCheck = None
) -> Model:
    """Prepare a commit, record that the revision points to it, and remove what interrupted runs left."""
    place = places.hub_place(reference.name, commit, reference.choice.variant)
    model = _prepare_locked(place, reference, locate, report, check=check)
    store.record_commit(reference.name, reference.revision, commit)
    return model


def _prepare_locked(
    place: Path, reference: Reference, locate: Callable[[Path], Located], report: Report, *, check: FolderCheck = None
) -> Model:
    """Prepare a model under its lock, unless another process has done so in the meantime.

    Args:
        check: with it, a prepared model is read again, and replaced if it is damaged or if `check(place)` is false.
    """
    from embgeo.models.prepare import is_damaged, prepare

    work = "fetches" if reference.kind == "hub" else "prepares"
    with locks.lock(place, waiting(report, f"{work} '{reference.name}'")):
        model = store.open_prepared(place)
        if model and check and (is_damaged(model, report) or not check(place)):
            store.delete_files(model)
            model = None
        if model:
            return model
        store.invalidate(place)
        try:
            with enough_memory(reference.name):
                return prepare(locate(place), place, report)
        except OSError as error:  # the user's files may vanish while they are read
            what = f"can't read '{error.filename or reference.name}': {error.strerror or error}"
            raise ModelError(what, "Check that it is there and can be read.") from None


def _load_default(reference: Reference, report: Report) -> Model:
    """GPT-2 if the Hub answers soon, else the bundled model with a note that says so."""
    why = ""
    if not hub_records.unreachable_lately(reference.name):
        try:
            return _fetch(reference, report, hurry=True)
        except NetworkError as error:
            why = f" ({error.message})"
            hub_records.note_unreachable(reference.name)
        except StoreError as error:
            why = f" ({error.message})"
    positions = reference.choice.side == POSITION
    what, option = ("GPT-2's positions are", " --side position") if positions else ("GPT-2 is", "")
    note = f"{what} not on this machine{why}; the bundled MiniLM answers. With a network: embgeo pull gpt2{option}"
    return open_bundle(reference.choice).with_notes(note)
