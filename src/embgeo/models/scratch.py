"""A folder for what is needed only while a question is answered."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from embgeo.errors import ModelError

if TYPE_CHECKING:
    from filelock import BaseFileLock

PREFIX: Final = "embgeo-peek-"
HELD: Final = ".held"  # locked as long as the folder's process lives


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards; those of processes that were killed are removed first.

    Raises:
        ModelError: there is no place for one, or it is full.
    """
    try:
        place = Path(tempfile.gettempdir())
        _sweep(place)
        folder, guard = _make(place)
    except OSError as error:
        hint = "Free some room, or set TMPDIR to a folder that can be written."
        raise ModelError(f"no folder for temporary files: {error.strerror or error}", hint) from None
    try:
        yield folder
    finally:
        guard.release()
        shutil.rmtree(folder, ignore_errors=True)


def _make(place: Path) -> tuple[Path, BaseFileLock]:
    from filelock import FileLock

    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        guard = FileLock(folder / HELD)
        with suppress(FileNotFoundError):  # another process has swept it before it was held
            guard.acquire()
            return folder, guard


def _sweep(place: Path) -> None:
    from filelock import FileLock, Timeout

    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError, Timeout):
            if folder.is_symlink() or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid()):
                continue
            with FileLock(folder / HELD, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
