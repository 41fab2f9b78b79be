"""The models on this machine: fetching one ahead, listing them, freeing one."""

from __future__ import annotations

from pathlib import Path

from embgeo import loader, lookups, peek, store
from embgeo.embedding import Embedding
from embgeo.errors import ModelError, NetworkError, UsageError
from embgeo.held import discard
from embgeo.progress import Report, silent
from embgeo.results.looked import Info, Survey
from embgeo.results.shelved import Models, Removed, Stored
from embgeo.sources import reference
from embgeo.sources.layout import EMBEDDING, Choice
from embgeo.store import Prepared


def pull(model: str, revision: str | None = None, report: Report = silent, choice: Choice = EMBEDDING) -> Info:
    """Fetch and prepare a model ahead; a branch moves on to its newest commit.

    Raises:
        as `loader.load`.
    """
    prepared = loader.pull(model, revision, report, choice)
    return lookups.info(Embedding.of(prepared), command="pull")


def info(
    model: str | None = None, revision: str | None = None, report: Report = silent, choice: Choice = EMBEDDING
) -> Info | Survey:
    """What a model is: of one on this machine all that is known, of one on the Hub also what fetching would cost.

    Raises:
        as `loader.load`.
    """
    found = loader.here(model, revision, choice, report)
    asked = reference.parse(loader.named(model) or reference.DEFAULT, revision, choice)
    wanted = bool(loader.named(model) or revision)
    if found is None and (wanted or not loader.was_away(asked.name)):
        try:
            return peek.survey(asked, hurry=not wanted)
        except NetworkError:
            if wanted:
                raise
            store.note_unreachable(asked.name)
    found = found or loader.load(model, revision, report, choice)
    return lookups.info(Embedding.of(found.prepared, found.notes))


def listed() -> Models:
    """The bundled model, and all in the store."""
    bundle = loader.open_bundle()
    return Models("models", tuple(_stored(p, store.disk_size(p.place)) for p in (bundle, *store.all_prepared())))


def removed(model: str, revision: str | None = None) -> Removed:
    """Free what the store keeps of a model: the revision named, else all of them, and what broken-off fetches left.

    Raises:
        ModelError: nothing is kept of it.
        UsageError: it is the bundled model, a part of the package.
    """
    asked = reference.parse(model, revision)
    if asked.kind == "bundled":
        raise UsageError(f"'{model}' comes with embgeo and can't be freed by itself")
    path = Path(asked.name).expanduser().resolve() if asked.kind == "path" else None
    kept = [p for p in store.all_prepared() if (_is_of(p, path) if path else _is(p, asked, model, revision))]
    halves = store.unfinished(asked.name) if asked.kind == "hub" and not revision and "@" not in model else []
    if not kept and not halves:
        raise ModelError(f"nothing is kept of '{model}'", "`embgeo models` lists what is.")
    freed = tuple(_stored(prepared, store.remove(prepared.place)) for prepared in kept)
    more = sum(discard(place, store.PREPARED) for place in halves)
    return Removed("models rm", freed, sum(model.bytes for model in freed) + more)


def _is_of(prepared: Prepared, path: Path) -> bool:
    """Whether a model was prepared from this path, whichever of its matrices."""
    return prepared.manifest.source == "local" and Path(prepared.manifest.model).resolve() == path


def _is(prepared: Prepared, asked: reference.Reference, model: str, revision: str | None) -> bool:
    if prepared.manifest.model != asked.name:
        return False
    if not revision and "@" not in model:
        return True
    return prepared.manifest.revision in (asked.revision, store.read_ref(asked.name, asked.revision))


def _stored(prepared: Prepared, size: int) -> Stored:
    manifest = prepared.manifest
    rows, dims = manifest.shape
    path = str((prepared.place / manifest.matrix).absolute())
    return Stored(manifest.model, manifest.revision, rows, dims, manifest.dtype, size, manifest.source, path)
