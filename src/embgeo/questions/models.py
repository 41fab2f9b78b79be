"""The models on this machine: fetching one ahead, listing them, freeing one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from embgeo.errors import ModelError, NetworkError, UsageError
from embgeo.models import loader, peek, reference, store
from embgeo.models.architectures import EMBEDDING, SIDES, Choice
from embgeo.models.locks import discard, disk_size
from embgeo.models.manifest import in_full, users_path
from embgeo.models.model import Embedding
from embgeo.models.reference import Reference
from embgeo.models.store import Kept
from embgeo.progress import Report, silent, waiting
from embgeo.questions import dot
from embgeo.results.info import Info, Survey
from embgeo.results.models import Models, Removed, Stored


def pull(
    model: str, revision: str | None = None, report: Report = silent, choice: Choice = EMBEDDING,
    transform: str | None = None,
) -> Info:  # fmt: skip
    """Fetch and prepare a model ahead, or a transformed space of it; a branch moves on to its newest commit.

    Raises:
        as `loader.load` and `derived.derive`.
    """
    found = _transformed(loader.Loaded(loader.pull(model, revision, report, choice)), transform, choice, report)
    return dot.info(Embedding.of(found.prepared, found.notes), command="pull")


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
        return dot.info(Embedding.of(found.prepared, found.notes))
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
    return dot.info(Embedding.of(known.prepared, known.notes))


def listed() -> Models:
    """The bundled model, and all in the store, transformed spaces among them."""
    bundle = loader.open_bundle()
    everything = (Kept(bundle.place, bundle.manifest), *store.all_kept())
    return Models("models", tuple(_stored(one, disk_size(one.place)) for one in everything))


def removed(
    model: str, revision: str | None = None, transform: str | None = None, report: Report = silent
) -> Removed:  # fmt: skip
    """Free what the store keeps of a model and of its transformed spaces: the revision named, else all of them.

    What broken-off fetches left goes with all revisions, and so does what is damaged.

    Args:
        transform: only the space of this name (`transform.Transform.name`).
        report: told if another process has to be waited for.

    Raises:
        ModelError: nothing is kept of it, or another process fetches it now.
        UsageError: it is the bundled model, a part of the package, of which only transformed spaces can be freed.
    """
    asked = reference.parse(model, revision)
    named = bool(revision or "@" in model)
    kept = [one for one in _kept(asked, named=named) if transform is None or _has(one, transform)]
    if not kept and asked.kind == "bundled" and not transform:
        raise UsageError(f"'{model}' comes with embgeo and can't be freed by itself")
    halves = [] if named or transform else _unreadable(asked)
    if not kept and not halves:
        what = f"'{model}'" + (f" with --{transform}" if transform else "")
        raise ModelError(f"nothing is kept of {what}", "`embgeo models` lists what is.")
    # Transformed spaces first: they go with their model, and are to be counted.
    waits = waiting(report, f"is at '{model}'")
    sizes = {p.place: store.remove(p.place, waits) for p in sorted(kept, key=lambda p: not p.manifest.transform)}
    freed = tuple(_stored(one, sizes[one.place]) for one in kept)
    more = [_discarded(place, waits) for place in halves]
    if not kept and None in more:
        raise ModelError(f"another embgeo is at '{model}' now", "Wait until it has ended, or end it.")
    return Removed("models rm", freed, sum(one.bytes for one in freed) + sum(filter(None, more)))


def _has(kept: Kept, transform: str) -> bool:
    """Whether this is a model's space of that name; where it is its own unembedding, `inner=causal` is whitening."""
    manifest = kept.manifest
    own = manifest.side == "output" or manifest.unembedding == ""
    return manifest.transform == ("whiten" if own and transform == "inner=causal" else transform)


def _kept(asked: Reference, *, named: bool) -> list[Kept]:
    """What the store keeps of a model; of one on the Hub also under the name that it had before.

    Args:
        named: only the revision that is asked for.
    """
    everything = store.all_kept()
    if asked.kind == "path":
        path = in_full(users_path(asked.name))
        own = [one for one in everything if one.manifest.source == "local"]
        return [one for one in own if in_full(Path(one.manifest.full_name)) == path]
    folder = store.repo_place(asked.name) if asked.kind == "hub" else None
    own = [one for one in everything if asked.name == one.manifest.model or one.place.parent == folder]
    spaces = {store.derived_root(one.place) for one in own}
    own += [one for one in everything if one.place.parent in spaces and one not in own]
    if not named:
        return own
    commits = (asked.revision, store.read_ref(asked.name, asked.revision))
    return [one for one in own if one.manifest.revision in commits]


def _unreadable(asked: Reference) -> list[Path]:
    """Folders of a model in which nothing tells what they hold: a run broke off or is at it, or they are damaged."""
    if asked.kind == "hub":
        return store.unfinished(asked.name)
    if asked.kind == "bundled":
        return []
    places = [store.local_place(users_path(asked.name), Choice(side).variant) for side in SIDES]
    return [place for place in places if disk_size(place) and store.kept_in(place) is None]


def _discarded(place: Path, waits: Callable[[], object]) -> int | None:
    """As `held.discard`, also where a prepared form is there that is damaged."""
    return store.remove(place, waits) if (place / store.PREPARED).exists() else discard(place, store.PREPARED)


def _stored(kept: Kept, size: int) -> Stored:
    manifest = kept.manifest
    rows, dims = manifest.shape
    path = str((kept.place / manifest.matrix).absolute())
    told = (manifest.model, manifest.revision, rows, dims, manifest.dtype, size, manifest.source, path)
    return Stored(*told, transform=manifest.transform)


def _transformed(loaded: loader.Loaded, transform: str | None, choice: Choice, report: Report) -> loader.Loaded:
    if transform is None:
        return loaded
    from embgeo.models.transformed import derive

    return derive(loaded, transform, choice, report)
