"""From a model's name to a prepared model: looked up, else found in a cache, else fetched, else the bundled one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from embgeo import store
from embgeo.errors import FormatError, NetworkError
from embgeo.kernels import norms_and_digest
from embgeo.progress import Report, silent
from embgeo.provenance import Located, Manifest
from embgeo.sources import reference
from embgeo.sources.reference import Reference
from embgeo.store import Prepared
from embgeo.tensorfile import map_tensor

BUNDLE: Final = Path(__file__).resolve().parent / "data" / "minilm"
COMMIT: Final = re.compile("[0-9a-f]{40}")
QUIET_SPELL: Final = 300.0  # seconds for which a Hub that didn't answer isn't asked again on nobody's request


class Loaded(NamedTuple):
    """A prepared model, and what whoever asked should be told of how it was chosen."""

    prepared: Prepared
    notes: tuple[str, ...] = ()


def load(name: str | None = None, revision: str | None = None, report: Report = silent) -> Loaded:
    """The prepared form of a model; fetched and prepared first where that is needed.

    Args:
        name: a model reference; without one $EMBGEO_MODEL, else `gpt2`, and where GPT-2 is neither here nor reachable
            the bundled model.
        revision: of a model on the Hub.

    Raises:
        ModelError: no such model, or it can't be read.
        NetworkError: a model that was named is not here, and the Hub can't be reached.
    """
    named = name or os.environ.get("EMBGEO_MODEL")
    asked = reference.parse(named or reference.DEFAULT, revision)
    if asked.kind == "bundled":
        return Loaded(open_bundle())
    if asked.kind == "path":
        return Loaded(_prepare_local(asked, report))
    if found := _find(asked, report):
        return Loaded(found)
    if named or revision:
        return Loaded(_fetch(asked, report))
    return _default(asked, report)


def pull(name: str, revision: str | None = None, report: Report = silent) -> Prepared:
    """Fetch and prepare a model ahead; a branch is asked for its newest commit.

    Raises:
        as `load`.
    """
    asked = reference.parse(name, revision)
    return _fetch(asked, report) if asked.kind == "hub" else load(name, report=report).prepared


def open_bundle() -> Prepared:
    """The model that the package brings.

    Raises:
        FormatError: the installation is damaged.
    """
    prepared = store.open_prepared(BUNDLE)
    if prepared is None:
        raise FormatError(f"the bundled model in '{BUNDLE}' is damaged", "Install embgeo again.")
    return prepared


def prepare(located: Located, place: Path, report: Report = silent) -> Prepared:
    """Compute what every later question needs (norms, token table, digest), and write it into a folder.

    Raises:
        ModelError: the folder can't be written, or the tokenizer can't be read.
    """
    from embgeo.sources.tokens import read_tokens

    rows, size = map_tensor(located.matrix, located.tensor), located.tensor.stop - located.tensor.start
    table = read_tokens(located.tokenizer, rows.shape[0])
    what = f"Preparing {located.model}"
    norms, digest = norms_and_digest(rows, located.tensor.dtype, lambda done: report(what, done, size))
    matrix, tokenizer = _remembered(located.matrix, place), _remembered(located.tokenizer, place)
    manifest = Manifest(
        model=located.model, revision=located.revision, source=located.source, tied=located.tied,
        matrix=matrix[0], tokenizer=tokenizer[0], tensor=located.tensor.name, dtype=located.tensor.dtype,
        shape=(rows.shape[0], rows.shape[1]), start=located.tensor.start,
        matrix_size=matrix[1], tokenizer_size=tokenizer[1], matrix_changed=matrix[2], tokenizer_changed=tokenizer[2],
        sha256=digest, zero_rows=int((norms == 0).sum()), bad_rows=int((~np.isfinite(norms)).sum()),
        scheme=table.scheme,
    )  # fmt: skip
    store.write_prepared(place, manifest, norms, table)
    prepared = store.open_prepared(place)
    if prepared is None:
        raise FormatError(f"'{located.model}' changed while it was being prepared", "Run the command again.")
    return prepared


def _prepare_local(asked: Reference, report: Report) -> Prepared:
    from embgeo.sources import local

    path = Path(asked.name).expanduser()
    place = store.local_place(path)
    return store.open_prepared(place) or _locked(place, lambda: prepare(local.locate(path), place, report))


def _find(asked: Reference, report: Report) -> Prepared | None:
    """A Hub model that is on this machine already: in the store, or whole in the Hugging Face cache."""
    commit = asked.revision if COMMIT.fullmatch(asked.revision) else store.read_ref(asked.name, asked.revision)
    if commit and (prepared := store.open_prepared(store.hub_place(asked.name, commit))):
        return prepared
    from embgeo.sources import local

    located = local.find_cached(asked.name, asked.revision)
    return _prepare_cached(asked, located, report) if located else None


def _prepare_cached(asked: Reference, located: Located, report: Report) -> Prepared:
    place = store.hub_place(asked.name, located.revision)
    prepared = _locked(place, lambda: prepare(located, place, report))
    store.write_ref(asked.name, asked.revision, located.revision)
    return prepared


def _fetch(asked: Reference, report: Report, *, hurry: bool = False) -> Prepared:
    from embgeo.sources import hub, local

    haste = {"patience": 3.5, "retries": 0} if hurry else {}
    repository = hub.resolve(asked.name, asked.revision, **haste)  # type: ignore[arg-type]  # **dict of mixed numbers
    place = store.hub_place(asked.name, repository.commit)
    located = local.find_cached(asked.name, repository.commit)
    prepared = _locked(
        place, lambda: prepare(located or hub.fetch_model(repository, place, report=report), place, report)
    )
    store.write_ref(asked.name, asked.revision, repository.commit)
    return prepared


def _locked(place: Path, make: Callable[[], Prepared]) -> Prepared:
    """Make a model under its lock, unless another process has made it meanwhile."""
    with store.lock(place):
        return store.open_prepared(place) or make()


def _default(asked: Reference, report: Report) -> Loaded:
    """GPT-2 if the Hub has it for us now, else the bundled model, with a note that says so."""
    why = ""
    if store.unreachable_for(asked.name) > QUIET_SPELL:
        try:
            return Loaded(_fetch(asked, report, hurry=True))
        except NetworkError as error:
            why = f" ({error.message})"
            store.note_unreachable(asked.name)
    note = f"GPT-2 is not on this machine{why}; the bundled MiniLM answers. With a network: embgeo pull gpt2"
    return Loaded(open_bundle(), (note,))


def _remembered(path: Path, place: Path) -> tuple[str, int, int]:
    """How a manifest names a file: path, size, and time of change where others could change it."""
    status = path.stat()
    if path.parent == place:
        return path.name, status.st_size, 0
    return str(path.absolute()), status.st_size, status.st_mtime_ns
