"""The models on this machine: fetching one ahead, listing them, freeing one."""

from __future__ import annotations

from pathlib import Path

from embgeo import loader, lookups, peek, store
from embgeo.embedding import Embedding
from embgeo.errors import ModelError, NetworkError, UsageError
from embgeo.held import discard, disk_size
from embgeo.progress import Report, silent, waiting
from embgeo.provenance import in_full, users_path
from embgeo.results.looked import Info, Survey
from embgeo.results.shelved import Models, Removed, Stored
from embgeo.sources import reference
from embgeo.sources.layout import EMBEDDING, Choice
from embgeo.store import Prepared


def pull(
    model: str, revision: str | None = None, report: Report = silent, choice: Choice = EMBEDDING,
    transform: str | None = None,
) -> Info:  # fmt: skip
    """Fetch and prepare a model ahead, or a transformed space of it; a branch moves on to its newest commit.

    Raises:
        as `loader.load` and `derived.derive`.
    """
    found = _transformed(loader.Loaded(loader.pull(model, revision, report, choice)), transform, choice, report)
    return lookups.info(Embedding.of(found.prepared, found.notes), command="pull")


def info(
    model: str | None = None, revision: str | None = None, report: Report = silent, choice: Choice = EMBEDDING,
    transform: str | None = None,
) -> Info | Survey:  # fmt: skip
    """What a model is: of one on this machine all that is known, of one on the Hub also what fetching would cost.

    A transformed space of it is computed, and the model fetched for that, where it is not kept yet.

    Raises:
        as `loader.load` and `derived.derive`.
    """
    if transform:
        found = _transformed(loader.load(model, revision, report, choice), transform, choice, report)
        return lookups.info(Embedding.of(found.prepared, found.notes))
    known = loader.here(model, revision, choice, report)
    asked = reference.parse(loader.named(model) or reference.DEFAULT, revision, choice)
    wanted = bool(loader.named(model) or revision)
    if known is None and (wanted or not loader.was_away(asked.name)):
        try:
            return peek.survey(asked, hurry=not wanted)
        except NetworkError:
            if wanted:
                raise
            store.note_unreachable(asked.name)
    known = known or loader.load(model, revision, report, choice)
    return lookups.info(Embedding.of(known.prepared, known.notes))


def listed() -> Models:
    """The bundled model, and all in the store, transformed spaces among them."""
    bundle = loader.open_bundle()
    return Models("models", tuple(_stored(p, disk_size(p.place)) for p in (bundle, *store.all_prepared())))


def removed(
    model: str, revision: str | None = None, transform: str | None = None, report: Report = silent
) -> Removed:  # fmt: skip
    """Free what the store keeps of a model and of its transformed spaces: the revision named, else all of them.

    What broken-off fetches left goes with all revisions.

    Args:
        transform: only the space of this name (`transform.Transform.name`).
        report: told if another process has to be waited for.

    Raises:
        ModelError: nothing is kept of it.
        UsageError: it is the bundled model, a part of the package, of which only transformed spaces can be freed.
    """
    asked = reference.parse(model, revision)
    path = in_full(users_path(asked.name)) if asked.kind == "path" else None
    kept = [p for p in store.all_prepared() if (_is_of(p, path) if path else _is(p, asked, model, revision))]
    kept = [p for p in kept if transform is None or p.manifest.transform == transform]
    if not kept and asked.kind == "bundled" and not transform:
        raise UsageError(f"'{model}' comes with embgeo and can't be freed by itself")
    whole = asked.kind == "hub" and not (revision or transform or "@" in model)
    halves = store.unfinished(asked.name) if whole else []
    if not kept and not halves:
        named = f"'{model}'" + (f" with --{transform}" if transform else "")
        raise ModelError(f"nothing is kept of {named}", "`embgeo models` lists what is.")
    # Transformed spaces first: they go with their model, and are to be counted.
    waits = waiting(report, f"is at '{model}'")
    sizes = {p.place: store.remove(p.place, waits) for p in sorted(kept, key=lambda p: not p.manifest.transform)}
    freed = tuple(_stored(prepared, sizes[prepared.place]) for prepared in kept)
    more = sum(discard(place, store.PREPARED) for place in halves)
    return Removed("models rm", freed, sum(model.bytes for model in freed) + more)


def _is_of(prepared: Prepared, path: Path) -> bool:
    """Whether a model was prepared from this path, whichever of its matrices."""
    return prepared.manifest.source == "local" and in_full(Path(prepared.manifest.full_name)) == path


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
    told = (manifest.model, manifest.revision, rows, dims, manifest.dtype, size, manifest.source, path)
    return Stored(*told, transform=manifest.transform)


def _transformed(loaded: loader.Loaded, transform: str | None, choice: Choice, report: Report) -> loader.Loaded:
    if transform is None:
        return loaded
    from embgeo.derived import derive

    return derive(loaded, transform, choice, report)
