"""The models on this machine: listing them, and freeing one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from embgeo.errors import ModelError, Report, UsageError, silent, waiting
from embgeo.models import loader, places, reference, store
from embgeo.models.architectures import Choice
from embgeo.models.hub_records import read_ref
from embgeo.models.locks import discard, disk_size
from embgeo.models.manifest import in_full, users_path
from embgeo.models.reference import Reference
from embgeo.models.store import StoreEntry
from embgeo.numerics.names import SIDES
from embgeo.results.models import Models, RemovedModels, StoredModel


def models() -> Models:
    """The bundled model, and all in the store, transformed spaces among them."""
    bundle = loader.open_bundle()
    everything = (StoreEntry(bundle.place, bundle.manifest), *store.entries())
    return Models(command="models", models=tuple(_stored(one, disk_size(one.place)) for one in everything))


def remove(
    model: str, revision: str | None = None, transform: str | None = None, report: Report = silent
) -> RemovedModels:  # fmt: skip
    """Free what the store keeps of a model and of its transformed spaces: the revision named, else all of them.

    What broken-off fetches left goes with all revisions, and so does what is damaged.

    Args:
        transform: only the space of this name (`transform.Transform.name`).
        report: called if another process holds the lock.

    Raises:
        ModelError: nothing is kept of it, or another process fetches it now.
        UsageError: it is the bundled model, a part of the package, of which only transformed spaces can be freed.
    """
    wanted = reference.parse(model, revision)
    named = bool(revision or "@" in model)
    entries = [one for one in _entries(wanted, named=named) if transform is None or _is_space(one, transform)]
    if not entries and wanted.kind == "bundled" and not transform:
        raise UsageError(f"'{model}' comes with embgeo and can't be freed by itself")
    leftovers = [] if named or transform else _unreadable(wanted)
    if not entries and not leftovers:
        what = f"'{model}'" + (f" with --{transform}" if transform else "")
        raise ModelError(f"nothing is kept of {what}", "`embgeo models` lists what is.")
    # Transformed spaces first: they go with their model, and are to be counted.
    waits = waiting(report, f"is at '{model}'")
    sizes = {p.place: store.remove(p.place, waits) for p in sorted(entries, key=lambda p: not p.manifest.transform)}
    freed = tuple(_stored(one, sizes[one.place]) for one in entries)
    more = [_discarded(place, waits) for place in leftovers]
    if not entries and None in more:
        raise ModelError(f"another embgeo is at '{model}' now", "Wait until it has ended, or end it.")
    return RemovedModels(
        command="models rm", removed=freed, bytes=sum(one.bytes for one in freed) + sum(filter(None, more)),
    )  # fmt: skip


def _is_space(entries: StoreEntry, transform: str) -> bool:
    """Whether this is a model's space of that name; where it is its own unembedding, `inner=causal` is whitening."""
    manifest = entries.manifest
    own = manifest.side == "output" or manifest.unembedding == ""
    return manifest.transform == ("whiten" if own and transform == "inner=causal" else transform)


def _entries(wanted: Reference, *, named: bool) -> list[StoreEntry]:
    """What the store keeps of a model; of one on the Hub also under the name that it had before.

    Args:
        named: only the revision that is asked for.
    """
    everything = store.entries()
    if wanted.kind == "path":
        path = in_full(users_path(wanted.name))
        own = [one for one in everything if one.manifest.source == "local"]
        return [one for one in own if in_full(Path(one.manifest.full_name)) == path]
    folder = places.repo_place(wanted.name) if wanted.kind == "hub" else None
    own = [one for one in everything if wanted.name == one.manifest.model or one.place.parent == folder]
    spaces = {places.derived_root(one.place) for one in own}
    own += [one for one in everything if one.place.parent in spaces and one not in own]
    if not named:
        return own
    commits = (wanted.revision, read_ref(wanted.name, wanted.revision))
    return [one for one in own if one.manifest.revision in commits]


def _unreadable(wanted: Reference) -> list[Path]:
    """Folders of a model in which nothing tells what they hold: a run broke off or is at it, or they are damaged."""
    if wanted.kind == "hub":
        return store.unfinished(wanted.name)
    if wanted.kind == "bundled":
        return []
    folders = [places.local_place(users_path(wanted.name), Choice(side).variant) for side in SIDES]
    return [place for place in folders if disk_size(place) and store.entry_in(place) is None]


def _discarded(place: Path, waits: Callable[[], object]) -> int | None:
    """As `locks.discard`; also removes a damaged prepared form."""
    return store.remove(place, waits) if (place / store.PREPARED).exists() else discard(place, store.PREPARED)


def _stored(entries: StoreEntry, size: int) -> StoredModel:
    manifest = entries.manifest
    rows, dims = manifest.shape
    path = str((entries.place / manifest.matrix).absolute())
    return StoredModel(
        model=manifest.model, revision=manifest.revision, rows=rows, dimensions=dims, dtype=manifest.dtype, bytes=size,
        source=manifest.source, path=path, transform=manifest.transform,
    )  # fmt: skip
