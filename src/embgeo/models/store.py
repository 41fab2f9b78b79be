"""The prepared form of a model: written once, mapped by every command, listed and removed.

prepared.safetensors contains the norms, the token table and the manifest. It is written last, under another name, then
renamed: a folder either has all of it or counts as empty. `places` says which folder belongs to which model.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from embgeo.errors import FormatError, ModelError
from embgeo.formats.atomic import storing, unwritable
from embgeo.formats.open_file import OpenFile
from embgeo.formats.regular import disk_size
from embgeo.formats.safetensors import NUMPY, Tensor, array_file, map_tensor, read_header
from embgeo.formats.system_faults import file_exists, reading_store
from embgeo.formats.token_table import TokenTable
from embgeo.models import places
from embgeo.models.hub_records import write_ref
from embgeo.models.locks import discard, lock, remove_folders
from embgeo.models.manifest import Manifest
from embgeo.models.model import Model
from embgeo.models.places import LAYERS, derived_root, layers_place, repo_place, root, texts_root
from embgeo.numerics.kernels import Matrix
from embgeo.vocabulary.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

PREPARED: Final = places.PREPARED
UNREADABLE: Final = (
    OSError, FormatError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip
"""What reading a missing or damaged prepared form raises."""


class StoreEntry(NamedTuple):
    """A model in the store, even if its source files have changed or are gone."""

    place: Path
    manifest: Manifest


def open_prepared(place: Path) -> Model | None:
    """Map a prepared model; None if there is none, or its files have changed since.

    This takes a few system calls; no row is read.

    Raises:
        SystemRefusalError: the system can't open it now; it may be good.
    """
    path = place / PREPARED
    # Another version, a full disk or another tool may have written anything here. Whatever a damaged file makes the
    # parsers raise, the remedy is the same: prepare the model again. What the system refuses proves no damage.
    try:
        with reading_store(path):
            return _opened(place, path)
    except UNREADABLE:
        return None


def _opened(place: Path, path: Path) -> Model | None:
    header = read_header(path)
    manifest = Manifest.from_json(header.metadata["embgeo"])
    source, tokenizer = place / manifest.matrix, _tokenizer(place, manifest)
    if not _unchanged(place, manifest):
        return None
    arrays = _views(path, header.tensors)
    length = math.prod(manifest.shape) * np.dtype(NUMPY[manifest.dtype]).itemsize
    tensor = Tensor(manifest.tensor, manifest.dtype, manifest.shape, manifest.start, manifest.start + length)
    matrix = Matrix(map_tensor(source, tensor), manifest.dtype, arrays.pop("norms"))
    table = TokenTable.from_arrays(arrays, manifest.scheme)
    if not (matrix.norms.dtype == np.float64 and matrix.norms.shape == table.flags.shape == manifest.shape[:1]):
        return None
    return Model(place, manifest, matrix, Vocabulary(table, tokenizer))


def is_current(model: Model) -> bool:
    """Whether a model that stays open has the files that it was opened with."""
    with contextlib.suppress(OSError):
        return _unchanged(model.place, model.manifest)
    return False


def check_current(model: Model) -> None:
    """Raise an error if a model's files were modified or truncated since it was opened.

    Answers would mix old and new rows, and reading a mapped file past its new end would end the process (SIGBUS).

    Raises:
        ModelError: they were.
    """
    manifest = model.manifest
    try:
        changed = [file.path for file in manifest.watched if not file.unchanged()]
        with contextlib.suppress(FileNotFoundError):  # another process has freed the model: what is mapped stays
            matrix = model.place / manifest.matrix
            changed += [str(matrix)] if matrix.stat().st_size != manifest.matrix_size else []
    except OSError as error:
        raise ModelError(f"can't read '{error.filename}': {error.strerror}", "Try again.") from None
    if changed:
        raise ModelError(f"'{changed[0]}' was changed while questions were answered", "Try again.")


def invalidate(place: Path) -> None:
    """Make a folder count as empty before its files are written again; under its lock.

    An interrupted run must not leave a new matrix next to the old prepared form: if the user then put the old source
    file back, answers would mix the two. The files next to it stay; they are checked when the model is prepared.

    Raises:
        StoreError: the folder can't be written.
        SystemRefusalError: the system can't read it now.
    """
    try:
        if file_exists(place / PREPARED):
            remove_folders(place)
            (place / PREPARED).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(place, error) from None


def write_prepared(place: Path, manifest: Manifest, norms: NDArray[np.float64], table: TokenTable) -> None:
    """Write the file that `open_prepared` reads, all or nothing."""
    parts = array_file({"norms": norms, **table.arrays()}, {"embgeo": manifest.to_json()})
    with storing(place / PREPARED) as file:
        file.writelines(parts)


def record_commit(repo: str, revision: str, commit: str) -> None:
    """Record a branch's commit, and remove what interrupted runs left of the repository's other commits."""
    write_ref(repo, revision, commit)
    for place in unfinished(repo):
        if not place.name.startswith(commit):
            discard(place, PREPARED)


def unfinished(repo: str) -> list[Path]:
    """Folders of a repository's commits without a prepared model: a run was interrupted, or is under way.

    The layers of a prepared model are not among them.
    """
    places = [place for place in repo_place(repo).glob("*") if place.is_dir() and place.name != "refs"]
    return [place for place in places if entry_in(place.with_name(place.name.removesuffix(LAYERS))) is None]


def has_commit(repo: str, commit: str) -> bool:
    """Whether the store has any matrix of a commit."""
    return any(entry_in(place) for place in repo_place(repo).glob(f"{commit}*"))


def delete_files(model: Model) -> None:
    """Remove a damaged model's files, except the user's own; under its lock."""
    (model.place / PREPARED).unlink(missing_ok=True)  # first: without it the folder counts as empty
    for name in (model.manifest.matrix, model.manifest.tokenizer):
        if name and not Path(name).is_absolute():
            (model.place / name).unlink(missing_ok=True)


def entry_in(place: Path) -> StoreEntry | None:
    """The model in a folder, whether or not it still opens; None if its manifest is missing or damaged.

    Raises:
        SystemRefusalError: the system can't read it now.
    """
    path = place / PREPARED
    try:
        with reading_store(path):
            return StoreEntry(place, Manifest.from_json(read_header(path).metadata["embgeo"]))
    except UNREADABLE:
        return None


def entries() -> list[StoreEntry]:
    """Every model in the store, by name."""
    folders = [path.parent for pattern in places.ENTRIES for path in root().glob(f"{pattern}/{PREPARED}")]
    listed = [entry for place in folders if (entry := entry_in(place))]
    return sorted(listed, key=lambda p: (p.manifest.model, p.manifest.revision, p.manifest.transform))


def remove(place: Path, waits: Callable[[], object] = lambda: None) -> int:
    """Remove a model, its layers, what these have computed and its transformed spaces; returns the bytes freed.

    The user's own files stay.

    Args:
        waits: as for `locks.lock`.
    """
    spaces = [space for space in derived_root(place).glob("*") if space.is_dir()]  # unfinished ones too
    spaces += [layers_place(place)] if layers_place(place).is_dir() else []
    freed = sum(_remove_folder(folder, waits) for folder in (*spaces, place)) + remove_texts(place, waits)
    for ref in (place.parent / "refs").glob("*"):
        with contextlib.suppress(OSError, ValueError):  # another process may remove it
            if ref.read_text("ascii").strip() == place.name:
                ref.unlink()
    return freed


def remove_texts(place: Path, waits: Callable[[], object] = lambda: None) -> int:
    """Remove what a model's layers have computed; returns the bytes freed.

    Args:
        waits: as for `locks.lock`.
    """
    return sum(_remove_folder(folder, waits) for folder in texts_root(place).glob("*") if folder.is_dir())


def _remove_folder(place: Path, waits: Callable[[], object]) -> int:
    """Remove a folder once no other process locks it; returns the bytes freed."""
    import shutil

    with lock(place, waits):
        freed = disk_size(place)
        (place / PREPARED).unlink(missing_ok=True)  # first: without it the folder counts as empty
        shutil.rmtree(place)
    return freed


def _views(path: Path, tensors: Any) -> dict[str, NDArray[Any]]:
    """Every tensor of a file as a view of one mapping."""
    whole = np.asarray(np.memmap(path, np.uint8, "r"))
    return {name: whole[t.start : t.stop].view(NUMPY[t.dtype]).reshape(t.shape) for name, t in tensors.items()}


def _tokenizer(place: Path, manifest: Manifest) -> OpenFile | None:
    """The tokenizer.json, if the model has one.

    Raises:
        FormatError: it has changed.
    """
    if not manifest.tokenizer:
        return None
    file = OpenFile(place / manifest.tokenizer)
    if file.size != manifest.tokenizer_size or manifest.tokenizer_changed not in (0, file.changed):
        raise FormatError(f"'{file.path}' has changed")
    return file


def _unchanged(place: Path, manifest: Manifest) -> bool:
    """Whether the matrix and the watched files are as they were when the model was prepared."""
    matrix = (place / manifest.matrix).stat()
    return (matrix.st_size == manifest.matrix_size and manifest.matrix_changed in (0, matrix.st_mtime_ns)
            and all(file.unchanged() for file in manifest.watched))  # fmt: skip
