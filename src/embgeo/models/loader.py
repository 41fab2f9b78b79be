"""From a model's name to a prepared model: looked up, else found in a cache, else fetched, else the bundled one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypedDict

from embgeo.errors import FormatError, ModelError, NetworkError, Report, silent, waiting
from embgeo.formats.safetensors import map_tensor
from embgeo.models import locks, reference, store
from embgeo.models.architectures import EMBEDDING, POSITION, POSITIONS, Choice
from embgeo.models.manifest import Located, Origin, users_path
from embgeo.models.model import Model
from embgeo.models.reference import Reference
from embgeo.numerics.kernels import Matrix
from embgeo.vocabulary.vocabulary import Vocabulary


class Haste(TypedDict, total=False):
    """How long a Hub is waited for, as in `hub.resolve`."""

    patience: float
    retries: int


BUNDLE: Final = Path(__file__).resolve().parent.parent / "data" / "minilm"
COMMIT: Final = re.compile("[0-9a-f]{40}")
HURRY: Final[Haste] = {"patience": 3.5, "retries": 0}  # for a model that nobody named: seconds, further attempts
QUIET_SPELL: Final = 300.0  # seconds for which a Hub that didn't answer isn't asked again on nobody's request


def load(
    name: str | None = None, revision: str | None = None, report: Report = silent, choice: Choice = EMBEDDING
) -> Model:
    """The prepared form of a model; fetched and prepared first where that is needed.

    Args:
        name: a model reference; without one $EMBGEO_MODEL, else `gpt2`, and where GPT-2 is neither here nor reachable
            the bundled model.
        revision: of a model on the Hub.
        report: told how far fetching and preparing are.
        choice: which of the model's matrices.

    Raises:
        ModelError: no such model, or it can't be read.
        NetworkError: a model that was named is not here, and the Hub can't be reached.
    """
    asked = reference.parse(named(name) or reference.DEFAULT, revision, choice)
    try:
        if found := here(name, revision, choice, report):
            return found
    except FormatError as damage:
        if asked.kind != "hub":
            raise
        return _instead(asked, damage, report)
    if named(name) or revision or choice not in (EMBEDDING, POSITIONS):
        return _fetch(asked, report)
    return _default(asked, report)


def named(name: str | None) -> str | None:
    """The model that was named, by an argument or in the environment; None where none was."""
    return name or os.environ.get("EMBGEO_MODEL")


def here(name: str | None, revision: str | None, choice: Choice, report: Report = silent) -> Model | None:
    """A model that needs no network: bundled, local, in the store, or whole in the Hugging Face cache.

    Arguments and errors as for `load`.
    """
    asked = reference.parse(named(name) or reference.DEFAULT, revision, choice)
    if asked.kind == "bundled":
        return open_bundle(choice)
    return _prepare_local(asked, report) if asked.kind == "path" else _find(asked, report)


def pull(name: str, revision: str | None = None, report: Report = silent, choice: Choice = EMBEDDING) -> Model:
    """Fetch and prepare a model ahead; a branch is asked for its newest commit, and what is damaged is fetched again.

    Raises:
        as `load`.
    """
    asked = reference.parse(name, revision, choice)
    return _fetch(asked, report, check=True) if asked.kind == "hub" else load(name, None, report, choice)


def open_bundle(choice: Choice = EMBEDDING) -> Model:
    """The model that the package brings; it has one matrix of tokens, and one of positions.

    Raises:
        FormatError: the installation is damaged.
    """
    prepared = store.open_prepared(BUNDLE)
    if prepared is None:
        raise FormatError(f"the bundled model in '{BUNDLE}' is damaged", "Install embgeo again.")
    return _bundled_positions(prepared) if choice.side == POSITION else prepared


def _bundled_positions(bundle: Model) -> Model:
    """They lie in the same file, and are so few that nothing of them is kept ready."""
    from embgeo.models import local
    from embgeo.models.prepare import measured

    origin = Origin(bundle.manifest.model, bundle.manifest.revision, bundle.manifest.source)
    located = local.describe(origin, BUNDLE / bundle.manifest.matrix, BUNDLE, POSITIONS)
    manifest, norms, table = measured(located, BUNDLE, silent)
    rows = map_tensor(located.matrix, located.tensor)
    return Model(BUNDLE, manifest, Matrix(rows, manifest.dtype, norms), Vocabulary(table, None))


def _prepare_local(asked: Reference, report: Report) -> Model:
    path = users_path(asked.name)
    place = store.local_place(path, asked.choice.variant)
    found = store.open_prepared(place)
    if found is None:
        found = _locked(place, asked, lambda place: _locate(path, place, asked.choice, report), report)
    return found.renamed(str(path))  # as it is asked for from here; it is kept under its full path


def _locate(path: Path, place: Path, choice: Choice, report: Report) -> Located:
    from embgeo.models import local, vectors

    if vectors.is_vectors(path, choice.file_format):
        if choice.side == POSITION:
            raise ModelError(f"'{path}' is a file of vectors for words: no positions are read from it")
        return vectors.locate(path, place, choice, report)
    return local.locate(path, place, choice)


def _find(asked: Reference, report: Report) -> Model | None:
    """A Hub model that is on this machine already: in the store, or whole in the Hugging Face cache."""
    commit = asked.revision if COMMIT.fullmatch(asked.revision) else store.read_ref(asked.name, asked.revision)
    if commit and (prepared := store.open_prepared(store.hub_place(asked.name, commit, asked.choice.variant))):
        return prepared
    from embgeo.models import local

    if commit and asked.choice.side == POSITION:  # what is here of the model may tell that there is nothing to fetch
        local.check_positions(store.hub_place(asked.name, commit), asked.name)
    snapshot = local.cached_snapshot(asked.name, asked.revision, asked.choice)
    return _prepare_cached(asked, snapshot, report) if snapshot else None


def _prepare_cached(asked: Reference, snapshot: Path, report: Report) -> Model:
    from embgeo.models import local

    origin = Origin(asked.name, snapshot.name, "cache")
    return _settled(asked, snapshot.name, lambda place: local.describe(origin, snapshot, place, asked.choice), report)


def _fetch(asked: Reference, report: Report, *, hurry: bool = False, check: bool = False) -> Model:
    from embgeo.models import local
    from embgeo.models.hub import fetch as remote
    from embgeo.models.hub import repository as hub

    wanted = asked.revision if check else _kept_commit(asked)
    repository = hub.resolve(asked.name, wanted, **(HURRY if hurry else {}))
    with suppress(FormatError):  # damaged in another tool's cache; the Hub has it whole
        if snapshot := local.cached_snapshot(asked.name, repository.commit, asked.choice):
            return _prepare_cached(asked, snapshot, report)
    return _settled(
        asked,
        repository.commit,
        lambda place: remote.fetch_model(repository, place, asked.choice, report=report),
        report,
        check=check,
    )


def _instead(asked: Reference, damage: FormatError, report: Report) -> Model:
    """A model fetched, since another tool's copy of it is damaged; without a network that is what there is to say."""
    try:
        return _fetch(asked, report)
    except NetworkError:
        raise damage from None


def _kept_commit(asked: Reference) -> str:
    """The commit of which other matrices are kept, which a branch leaves by `pull` alone; else what was asked for."""
    commit = store.read_ref(asked.name, asked.revision)
    return commit if commit and store.keeps(asked.name, commit) else asked.revision


def _settled(
    asked: Reference, commit: str, locate: Callable[[Path], Located], report: Report, *, check: bool = False
) -> Model:
    """Prepare a commit, remember it as what was asked for, and sweep what broke off before."""
    place = store.hub_place(asked.name, commit, asked.choice.variant)
    prepared = _locked(place, asked, locate, report, check=check)
    store.record_commit(asked.name, asked.revision, commit)
    return prepared


def _locked(
    place: Path, asked: Reference, locate: Callable[[Path], Located], report: Report, *, check: bool = False
) -> Model:
    """Prepare a model under its lock, unless another process has prepared it meanwhile."""
    from embgeo.models.digests import is_damaged
    from embgeo.models.prepare import prepare

    work = "fetches" if asked.kind == "hub" else "prepares"
    with locks.lock(place, waiting(report, f"{work} '{asked.name}'")):
        found = store.open_prepared(place)
        if found and check and is_damaged(found, report):
            store.delete_files(found)
            found = None
        if found:
            return found
        store.invalidate(place)
        try:
            return prepare(locate(place), place, report)
        except OSError as error:  # what others do to the user's files meanwhile
            what = f"can't read '{error.filename or asked.name}': {error.strerror or error}"
            raise ModelError(what, "Check that it is there and can be read.") from None


def _default(asked: Reference, report: Report) -> Model:
    """GPT-2 if the Hub has it for us now, else the bundled model, with a note that says so."""
    why = ""
    if not was_away(asked.name):
        try:
            return _fetch(asked, report, hurry=True)
        except NetworkError as error:
            why = f" ({error.message})"
            store.note_unreachable(asked.name)
    what, more = ("GPT-2's positions are", " --side position") if asked.choice.side == POSITION else ("GPT-2 is", "")
    note = f"{what} not on this machine{why}; the bundled MiniLM answers. With a network: embgeo pull gpt2{more}"
    return open_bundle(asked.choice).noted(note)


def was_away(repo: str) -> bool:
    """Whether the Hub was asked for a model on nobody's request a moment ago, and did not answer."""
    return 0 <= store.unreachable_for(repo) <= QUIET_SPELL  # less than nothing where the clock has been put back
