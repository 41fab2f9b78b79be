"""The prepared form of a model on disk, and where it is kept.

    ROOT/hub/ORG--NAME/refs/REVISION         the commit a branch stood at when it was last asked for
    ROOT/hub/ORG--NAME/COMMIT/               embedding.safetensors, tokenizer.json, prepared.safetensors
    ROOT/local/DIGEST/prepared.safetensors   for a folder or file of the user's own, which stays where it is; beside it
                                             embedding.safetensors where the file had to be converted
    ROOT/derived/DIGEST/TRANSFORM/           both for a transformed space of any of these, or of the bundled model

prepared.safetensors holds the norms, the token table and the manifest. It is written last, under another name, then
renamed: a folder either has all of it or counts as empty.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import FormatError, ModelError
from embgeo.formats.atomic import storing, unwritable
from embgeo.formats.open_file import OpenFile
from embgeo.formats.safetensors import NUMPY, Tensor, file_head, map_tensor, read_header
from embgeo.formats.token_table import TokenTable
from embgeo.formats.watched import ABSENT
from embgeo.models.locks import discard, disk_size, lock, remove_all
from embgeo.models.manifest import Manifest, in_full
from embgeo.models.model import Model
from embgeo.numerics.dtypes import as_bytes
from embgeo.numerics.kernels import Matrix
from embgeo.vocabulary.vocabulary import Vocabulary

PREPARED: Final = "prepared.safetensors"
MATRIX: Final = "embedding.safetensors"
ENTRIES: Final = ("hub/*/*", "local/*", "derived/*/*")
DTYPES: Final = {"f8": "F64", "u4": "U32", "u1": "U8"}


class StoreEntry(NamedTuple):
    """A model that takes room in the store, also where the files that it was made from have changed or are gone."""

    place: Path
    manifest: Manifest


def root() -> Path:
    """The store's folder: $EMBGEO_HOME, else the system's cache folder for embgeo.

    Raises:
        ModelError: $EMBGEO_HOME counts from the folder of somebody whom the system doesn't know.
    """
    if home := os.environ.get("EMBGEO_HOME"):
        try:
            return Path(home).expanduser()
        except RuntimeError:
            hint = "Set it to a folder that can be written."
            raise ModelError(f"EMBGEO_HOME is '{home}', and there is nobody of that name", hint) from None
    from platformdirs import user_cache_path

    return user_cache_path("embgeo", appauthor=False)


def repo_place(repo: str) -> Path:
    """Where all commits of a Hub repository are kept."""
    return root() / "hub" / repo.replace("/", "--")


def hub_place(repo: str, commit: str, variant: str = "") -> Path:
    """Where a commit of a Hub repository is kept; `variant` for another matrix of it than the embedding."""
    return repo_place(repo) / f"{commit}{variant}"


def local_place(path: Path, variant: str = "") -> Path:
    """Where the prepared form of a user's own folder or file is kept.

    Raises:
        ModelError: as `provenance.in_full`.
    """
    import hashlib

    own = os.fsencode(in_full(path)) + b"\0" + variant.encode()
    return root() / "local" / hashlib.sha256(own).hexdigest()[:24]


def derived_place(place: Path, name: str) -> Path:
    """Where a transformed space of the model that is kept in `place` is kept."""
    return derived_root(place) / name


def derived_root(place: Path) -> Path:
    """Where all transformed spaces of a model are kept."""
    import hashlib

    own = place.relative_to(root()) if place.is_relative_to(root()) else Path("bundled", place.name)
    return root() / "derived" / hashlib.sha256(own.as_posix().encode()).hexdigest()[:24]


def read_ref(repo: str, revision: str) -> str | None:
    """The commit that a branch or tag stood at when it was last asked for, or None."""
    with contextlib.suppress(OSError, ValueError):
        commit = _ref_file(repo, revision).read_text("ascii").strip()
        return commit or None
    return None


def write_ref(repo: str, revision: str, commit: str) -> None:
    """Remember the commit of a branch or tag."""
    with storing(_ref_file(repo, revision)) as file:
        file.write(commit.encode())


def open_prepared(place: Path) -> Model | None:
    """Map a prepared model; None where there is none, or its files have changed since.

    The cost is a few system calls: no row is touched.
    """
    path = place / PREPARED
    try:
        header = read_header(path)
        manifest = Manifest.from_json(header.metadata["embgeo"])
        source, tokenizer = place / manifest.matrix, _tokenizer(place, manifest)
        if not (_unchanged(source, manifest.matrix_size, manifest.matrix_changed)
                and all(_unchanged(Path(path), size, when) for path, size, when in manifest.watched)):  # fmt: skip
            return None
        arrays = _views(path, header.tensors)
        length = math.prod(manifest.shape) * np.dtype(NUMPY[manifest.dtype]).itemsize
        tensor = Tensor(manifest.tensor, manifest.dtype, manifest.shape, manifest.start, manifest.start + length)
        matrix = Matrix(map_tensor(source, tensor), manifest.dtype, arrays.pop("norms"))
        table = TokenTable.from_arrays(arrays, manifest.scheme)
        if not (matrix.norms.dtype == np.float64 and matrix.norms.shape == table.flags.shape == manifest.shape[:1]):
            return None
    except (OSError, FormatError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    return Model(place, manifest, matrix, Vocabulary(table, tokenizer))


def invalidate(place: Path) -> None:
    """Make a folder count as empty before anything in it is written anew; under its lock.

    A run that breaks off must not leave a new matrix under the old prepared form: whoever puts the old source back
    would be answered from both. Where a prepared form is there and doesn't open, any file beside it may be damaged;
    a fetched matrix tells that of itself, and so does JSON.

    Raises:
        ModelError: the folder can't be written.
    """
    try:
        if (place / PREPARED).exists():
            remove_all(place, lambda path: path.name.startswith((PREPARED, MATRIX)) or _is_json(path))
            (place / PREPARED).unlink(missing_ok=True)  # last: a run that is killed in here leaves the reason to go on
    except OSError as error:
        raise unwritable(place, error) from None


def write_prepared(place: Path, manifest: Manifest, norms: NDArray[np.float64], table: TokenTable) -> None:
    """Write what `open_prepared` reads, all or nothing."""
    arrays: dict[str, NDArray[Any]] = {"norms": norms, **table.arrays()}
    arrays = dict(sorted(arrays.items(), key=lambda item: -item[1].itemsize))  # so that each lies aligned
    layout = {name: (DTYPES[array.dtype.str[1:]], array.shape) for name, array in arrays.items()}
    head = file_head(layout, {"embgeo": manifest.to_json()})
    with storing(place / PREPARED) as file:
        file.writelines([head, *(as_bytes(array) for array in arrays.values())])


def record_commit(repo: str, revision: str, commit: str) -> None:
    """Remember a branch's commit, and sweep what runs that broke off left of other commits of the repository."""
    write_ref(repo, revision, commit)
    for place in unfinished(repo):
        if not place.name.startswith(commit):
            discard(place, PREPARED)


def unfinished(repo: str) -> list[Path]:
    """Folders of a repository's commits that hold no prepared model: some run broke off, or is at it now."""
    places = [place for place in repo_place(repo).glob("*") if place.is_dir() and place.name != "refs"]
    return [place for place in places if entry_in(place) is None]


def keeps(repo: str, commit: str) -> bool:
    """Whether any matrix of a commit is kept."""
    return any(entry_in(place) for place in repo_place(repo).glob(f"{commit}*"))


def delete_files(model: Model) -> None:
    """Remove a damaged model's files, so far as the store keeps them; under its lock."""
    (model.place / PREPARED).unlink(missing_ok=True)  # first, so that no half of it ever counts as whole
    for name in (model.manifest.matrix, model.manifest.tokenizer):
        if name and not Path(name).is_absolute():
            (model.place / name).unlink(missing_ok=True)


def entry_in(place: Path) -> StoreEntry | None:
    """What a folder holds, whether or not that still opens; None where nothing tells."""
    try:
        return StoreEntry(place, Manifest.from_json(read_header(place / PREPARED).metadata["embgeo"]))
    except (OSError, FormatError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def entries() -> list[StoreEntry]:
    """Every model in the store, by name."""
    places = [path.parent for pattern in ENTRIES for path in root().glob(f"{pattern}/{PREPARED}")]
    found = [kept for place in places if (kept := entry_in(place))]
    return sorted(found, key=lambda p: (p.manifest.model, p.manifest.revision, p.manifest.transform))


def remove(place: Path, waits: Callable[[], object] = lambda: None) -> int:
    """Free what the store keeps of a model and its transformed spaces; returns the bytes. Files of the user's stay.

    Args:
        waits: as for `held.lock`.
    """
    spaces = [space for space in derived_root(place).glob("*") if space.is_dir()]  # also what a killed process has left
    freed = sum(_empty(one, waits) for one in (*spaces, place))
    for ref in (place.parent / "refs").glob("*"):
        with contextlib.suppress(OSError, ValueError):  # another process may be at it
            if ref.read_text("ascii").strip() == place.name:
                ref.unlink()
    return freed


def note_unreachable(what: str) -> None:
    """Remember that the Hub did not answer, so that the next command doesn't wait for it again."""
    mark = root() / "unreachable" / quote(what, safe="")
    with contextlib.suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def unreachable_for(what: str) -> float:
    """Seconds since `note_unreachable`; infinite where it never was."""
    try:
        return time.time() - (root() / "unreachable" / quote(what, safe="")).stat().st_mtime
    except OSError:
        return float("inf")


def _empty(place: Path, waits: Callable[[], object]) -> int:
    """Remove a folder when no other process is at it; its lock stays (see `held`). Returns the bytes."""
    import shutil

    with lock(place, waits):
        freed = disk_size(place)
        (place / PREPARED).unlink(missing_ok=True)  # first, so that no half of it ever counts as whole
        shutil.rmtree(place)
    return freed


def _views(path: Path, tensors: Any) -> dict[str, NDArray[Any]]:
    """Every tensor of a file as a view of one mapping."""
    whole = np.asarray(np.memmap(path, np.uint8, "r"))
    return {name: whole[t.start : t.stop].view(NUMPY[t.dtype]).reshape(t.shape) for name, t in tensors.items()}


def _tokenizer(place: Path, manifest: Manifest) -> OpenFile | None:
    """The tokenizer.json, where there is one.

    Raises:
        FormatError: it has changed.
    """
    if not manifest.tokenizer:
        return None
    found = OpenFile(place / manifest.tokenizer)
    if found.size != manifest.tokenizer_size or manifest.tokenizer_changed not in (0, found.changed):
        raise FormatError(f"'{found.path}' has changed")
    return found


def _unchanged(path: Path, size: int, changed: int) -> bool:
    if size == ABSENT:
        return not path.exists()
    now = path.stat()
    return now.st_size == size and changed in (0, now.st_mtime_ns)


def _is_json(path: Path) -> bool:
    try:
        return json.loads(path.read_bytes()) is not None
    except (OSError, ValueError, RecursionError):
        return False


def _ref_file(repo: str, revision: str) -> Path:
    return repo_place(repo) / "refs" / quote(revision, safe="")
