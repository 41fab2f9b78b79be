"""Writing a file under a temporary name in its folder and renaming it once it is complete."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from embgeo.errors import EmbgeoError, StoreError, UsageError
from embgeo.formats.regular import check_regular, special_kind
from embgeo.formats.system_faults import SHORTAGES, system_refusal

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

MAX_NAME_BYTES: Final = 220  # bytes of a name, which leaves room for the suffix: most systems allow 255
LEFTOVER_SECONDS: Final = 60.0  # seconds after which an unlocked temporary file is a leftover
UNLOCKED_LEFTOVER_SECONDS: Final = 86_400.0  # the same where files can't be locked
TEMPORARY_FILES: Final[set[Path]] = set()  # temporary files of this process


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces `path` at the end: readers see the old content or the new, never a part.

    If the block raises, `path` stays as it was and the temporary file is removed. A symbolic link stays a link; its
    target is replaced. Temporary files that killed processes left for the same path are removed first.

    Raises:
        OSError: the folder can't be written, the disk is full, or the path is a device, FIFO or socket.
    """
    target = Path(os.path.realpath(path))
    check_regular(target)
    stem = target.name
    while len(os.fsencode(stem)) > MAX_NAME_BYTES:
        stem = stem[:-1]
    _remove_leftovers(target.parent, stem)
    part = target.with_name(f"{stem}.embgeo-{os.urandom(6).hex()}.part")
    guard = None
    TEMPORARY_FILES.add(part)
    try:
        with part.open("xb") as file:
            if _lock(file):
                guard = os.dup(file.fileno())  # keeps the lock from the close to the rename
            yield file
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()
        TEMPORARY_FILES.discard(part)
        if guard is not None:
            os.close(guard)


@contextmanager
def storing(path: Path) -> Iterator[IO[bytes]]:
    """Do as `replacing` inside the store: missing folders are created.

    Raises:
        StoreError: the folder can't be written, or the disk is full.
        SystemRefusalError: the process is out of memory or file descriptors.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            yield file
    except OSError as error:
        raise unwritable(path.parent, error) from None


def unwritable(place: Path, error: OSError) -> EmbgeoError:
    """The error for a store that can't be written, or for a shortage that is not the store's fault."""
    if error.errno in SHORTAGES:
        return system_refusal(place, error, "write to")
    why = error.strerror or str(error)
    return StoreError(
        f"can't write to '{place}': {why}", "Free some space, or set EMBGEO_HOME to a folder that can be written."
    )


def file_path(name: str | os.PathLike[str]) -> Path:
    """The path of a file to write.

    Raises:
        UsageError: the name ends in a slash, which `Path` would drop: a folder is meant.
    """
    if names_folder(name):
        raise UsageError(f"'{os.fspath(name)}' names a folder", "Name a file.")
    return Path(name)


def names_folder(name: str | os.PathLike[str]) -> bool:
    """Whether a name ends in a slash, which `Path` would drop."""
    return os.fspath(name).endswith(("/", os.sep))


def check_free(path: Path, *, force: bool) -> None:
    """Refuse what can't be replaced by a file, and without `force` the name of an existing file or dangling link.

    Raises:
        UsageError: the name is taken, too long, or that of a folder, device, FIFO, socket or standard stream.
    """
    try:
        kind = "a folder" if path.is_dir() else special_kind(path) or _stream(path)
    except (OSError, ValueError) as error:  # a ValueError for a NUL in the name
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"can't write '{path}': {why}", "Name another file.") from None
    if kind:
        raise UsageError(f"'{path}' is {kind}", "Name a file.")
    if os.path.lexists(path) and not force:
        raise UsageError(f"'{path}' already exists", "--force overwrites it.")


def _stream(path: Path) -> str:
    """Which standard stream goes to a path: a file put in its place would lose what is written there."""
    with suppress(FileNotFoundError):
        there = path.stat()
        for descriptor, name in ((1, "output"), (2, "error")):
            with suppress(OSError):  # closed
                if os.path.samestat(there, os.fstat(descriptor)):
                    return f"where standard {name} goes"
    return ""


def _remove_leftovers(folder: Path, stem: str) -> None:
    """Remove temporary files whose writers are gone.

    A process id would not tell: in a folder that hosts or containers share, the writer may run on another one.
    """
    import glob

    for left in folder.glob(f"{glob.escape(stem)}.embgeo-*.part"):
        with suppress(OSError):
            age = time.time() - left.stat().st_mtime
            if age > LEFTOVER_SECONDS and age > _leftover_seconds(left):
                left.unlink()


def _leftover_seconds(left: Path) -> float:
    """Seconds after which a temporary file is a leftover.

    Raises:
        OSError: its writer holds the lock, or the file belongs to another user.
    """
    with left.open("r+b") as file:
        return LEFTOVER_SECONDS if _lock(file) else UNLOCKED_LEFTOVER_SECONDS


def _lock(file: IO[bytes]) -> bool:
    """Lock a file; False where the system or the file system has no locks.

    Raises:
        BlockingIOError: another process holds the lock.
    """
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True
