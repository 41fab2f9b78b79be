"""Lock a model's folder against other processes, and remove what interrupted runs left in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from embgeo.formats.atomic import unwritable
from embgeo.formats.regular import disk_size
from embgeo.formats.system_faults import file_exists

if TYPE_CHECKING:
    from filelock import BaseFileLock

SECONDS_BEFORE_NOTICE: Final = 1.0  # seconds to wait for another process before saying so


@contextmanager
def lock(place: Path, waits: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Make a folder, and lock it against other processes.

    Args:
        place: the folder.
        waits: called once if another process has the lock for longer than a moment.

    Raises:
        ModelError: the folder can't be written.
    """
    guard = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        guard = _guard(place)
        _acquire(guard, waits)
        place.mkdir(exist_ok=True)  # only now: the process before may have removed it
    except OSError as error:
        if guard is not None:
            guard.release()
        raise unwritable(place, error) from None
    try:
        yield
    finally:
        guard.release()


def remove_partial_files(place: Path) -> None:
    """Remove the partial files of interrupted runs from a folder that is complete now; under its lock."""
    for part in place.glob("*.part"):
        part.unlink(missing_ok=True)


def remove_folders(place: Path) -> None:
    """Remove what another tool may have put in place of a model's files; under its lock."""
    for path in place.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)


def discard(place: Path, unless: str) -> int | None:
    """Remove a folder unless it has a file of this name; returns the bytes freed, None if another process locks it."""
    from filelock import Timeout

    with suppress(OSError, Timeout), _guard(place).acquire(timeout=0):
        if not file_exists(place / unless):
            size = disk_size(place)
            shutil.rmtree(place)
            return size
        return 0
    return None


def _acquire(guard: BaseFileLock, waits: Callable[[], object]) -> None:
    from filelock import Timeout

    try:
        guard.acquire(timeout=SECONDS_BEFORE_NOTICE)
    except Timeout:
        waits()
        guard.acquire()


def _guard(place: Path) -> BaseFileLock:
    """A folder's lock: a file next to it. It is never deleted: waiters would then hold locks on different files."""
    from filelock import FileLock

    return FileLock(place.with_name(place.name + ".lock"))
