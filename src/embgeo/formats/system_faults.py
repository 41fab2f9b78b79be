"""What the operating system refuses, as distinct from what is wrong with a file.

A process that is short of memory or descriptors can't open a good file. Only an error that proves that a file is
missing or has become something else may lead to deleting it or fetching it again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from embgeo.errors import SystemRefusalError

ABSENT: Final = frozenset({
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENXIO, errno.ENODEV,
})  # fmt: skip
"""What the system says of a file that is missing, is something else than a file, or can have no such name."""

SHORTAGES: Final = frozenset({errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO})
"""What it says if it has no memory or descriptor left, or can't read the disk, whatever file is concerned."""

HINTS: Final = {
    errno.ENOMEM: "Free some memory, or raise the limit on it (ulimit -v), and try again; nothing was changed.",
    errno.EMFILE: "Raise the limit on open files (ulimit -n), and try again; nothing was changed.",
    errno.ENFILE: "Close other programs, and try again; nothing was changed.",
    errno.EACCES: "Check who owns it; nothing was changed.",
    errno.EPERM: "Check who owns it; nothing was changed.",
    errno.EIO: "Check the disk; nothing was changed.",
}


@contextmanager
def reading_store(path: Path) -> Iterator[None]:
    """Let through the errors that prove a file of the store missing or damaged; name all others as the system's.

    Raises:
        SystemRefusalError: the system can't open or read the file now.
    """
    try:
        yield
    except MemoryError:
        raise no_memory(path) from None
    except OSError as error:
        if error.errno is None or error.errno in ABSENT:
            raise
        raise system_refusal(path, error) from None


@contextmanager
def enough_memory(path: Path | str) -> Iterator[None]:
    """Name a lack of memory or descriptors while working on a file of any kind; other errors pass.

    Raises:
        SystemRefusalError: there is no memory or descriptor left, or the disk fails.
    """
    try:
        yield
    except MemoryError:
        raise no_memory(path) from None
    except OSError as error:
        if error.errno in SHORTAGES:
            raise system_refusal(path, error) from None
        raise


def system_refusal(path: Path | str, error: OSError, verb: str = "read") -> SystemRefusalError:
    """The error for a file that the system can't open, read or write now."""
    why = os.strerror(error.errno) if error.errno else str(error)
    hint = HINTS.get(error.errno or 0, "Try again.")
    return SystemRefusalError(f"can't {verb} '{error.filename or path}': {why}", hint)


def no_memory(path: Path | str) -> SystemRefusalError:
    """The error for a file that needs more memory than there is."""
    return SystemRefusalError(f"not enough memory to read '{path}'", HINTS[errno.ENOMEM])


def file_exists(path: Path) -> bool:
    """Whether there is a file of this name.

    Raises:
        SystemRefusalError: the system doesn't say. (`Path.exists` takes that for a no.)
    """
    try:
        with reading_store(path):
            path.stat()
    except OSError:
        return False
    return True
