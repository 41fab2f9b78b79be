"""The models on this machine: list them, or free the disk space of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from embgeo.errors import ModelError, Report, UsageError, silent, waiting
from embgeo.formats.regular import disk_size
from embgeo.models import loader, places, reference, store
from embgeo.models.choice import Choice
from embgeo.models.hub_records import read_ref
from embgeo.models.locks import discard
from embgeo.models.places import in_full, users_path
from embgeo.models.reference import Reference
from embgeo.models.store import StoreEntry
from embgeo.numerics.names import SIDES
from embgeo.results.models import Models, RemovedModels, StoredModel


def models() -> Models:
    """List the bundled model and everything in the store, including transformed spaces."""
    bundle = loader.open_bundle()
    everything = (StoreEntry(bundle.place, bundle.manifest), *store.entries())
    return Models(command="models", models=tuple(_stored(one, disk_size(one.place)) for one in everything))


def remove(
    model: str, revision: str | None = None, transform: str | None = None, report: Report = silent
) -> RemovedModels:  # fmt: skip
    """Remove a model and its transformed spaces from the store: the named revision, or all of them.

    With all revisions, unfinished fetches and damaged files are removed too.

    Args:
        transform: only the space of this name (`transform.Transform.name`).
        report: called if another process holds the lock.

    Raises:
        ModelError: the store has nothing of the model, or another process is fetching it.
        UsageError: it is the bundled model, which is part of the package; only its transformed spaces and what its
            layers have computed can be removed.
    """
    wanted = reference.parse_reference(model, revision)
    named = bool(revision or "@" in model)
    entries = [one for one in _entries(wanted, named=named) if transform is None or _is_space(one, transform)]
    waits = waiting(report, f"is using '{model}'")
    bundled = wanted.kind == "bundled" and not transform
    computed = store.remove_texts(loader.open_bundle().place, waits) if bundled else 0
    if not entries and bundled:
        if computed:
            return RemovedModels(command="models rm", removed=(), bytes=computed)
        raise UsageError(f"'{model}' is part of embgeo and can't be removed")
    leftovers = [] if named or transform else _unreadable(wanted)
    if not entries and not leftovers:
        what = f"'{model}'" + (f" with --{transform}" if transform else "")
        raise ModelError(f"the store has no {what}", "List its models: embgeo models")
    # Transformed spaces first: removing their model removes them too, and their bytes would not be counted.
    sizes = {p.place: store.remove(p.place, waits) for p in sorted(entries, key=lambda p: not p.manifest.transform)}
    freed = tuple(_stored(one, sizes[one.place]) for one in entries)
    more = [_discarded(place, waits) for place in leftovers]
    if not entries and None in more:
        raise ModelError(f"another embgeo is using '{model}'", "Wait until it has finished, or stop it.")
    return RemovedModels(
        command="models rm", removed=freed, bytes=computed + sum(one.bytes for one in freed) + sum(filter(None, more)),
    )  # fmt: skip


def _is_space(entry: StoreEntry, transform: str) -> bool:
    """Whether an entry is the transformed space of that name; for a tied model, `inner=causal` is whitening."""
    manifest = entry.manifest
    own = manifest.side == "output" or manifest.unembedding == ""
    return manifest.transform == ("whiten" if own and transform == "inner=causal" else transform)


def _entries(wanted: Reference, *, named: bool) -> list[StoreEntry]:
    """The store's entries for a model; for one on the Hub, also those under a former name.

    Args:
        named: only the revision of the reference.
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
    """A model's folders without a readable manifest: an unfinished fetch, one in progress, or damaged files."""
    if wanted.kind == "hub":
        return store.unfinished(wanted.name)
    if wanted.kind == "bundled":
        return []
    folders = [places.local_place(users_path(wanted.name), Choice(side).variant) for side in SIDES]
    return [place for place in folders if disk_size(place) and store.entry_in(place) is None]


def _discarded(place: Path, waits: Callable[[], object]) -> int | None:
    """As `locks.discard`; also removes a damaged prepared form."""
    return store.remove(place, waits) if (place / store.PREPARED).exists() else discard(place, store.PREPARED)


def _stored(entry: StoreEntry, size: int) -> StoredModel:
    manifest = entry.manifest
    rows, dims = manifest.shape
    path = str((entry.place / manifest.matrix).absolute())
    own = manifest.side == "input" and not manifest.transform  # the matrix that the layers start from
    texts = places.texts_root(entry.place)
    words = sum(file.stat().st_size for file in texts.glob(f"*/{places.WORDS_ALONE}")) if own else 0
    return StoredModel(
        model=manifest.model, revision=manifest.revision, side=manifest.side, tensor=manifest.tensor,
        rows=rows, dimensions=dims, dtype=manifest.dtype, bytes=size, source=manifest.source,
        path=path, transform=manifest.transform,
        layer_bytes=disk_size(places.layers_place(entry.place)) if own else 0, word_bytes=words,
        text_bytes=disk_size(texts) - words if own else 0,
    )  # fmt: skip
