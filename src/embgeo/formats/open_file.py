"""A small file that only some questions need: opened with the model, read later."""

from __future__ import annotations

import os
import weakref
from pathlib import Path


class OpenFile:
    """An open file, still readable if its name is removed meanwhile, as when another process deletes the model.

    Attributes:
        path: the name for error messages.
        size: bytes.
        changed: time of change in ns.

    Raises:
        OSError: it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._descriptor)
        status = os.fstat(self._descriptor)
        self.size, self.changed = status.st_size, status.st_mtime_ns

    def read(self) -> bytes:
        """All of it."""
        import mmap

        # Mapped, since threads and forked copies of a process share the position of a descriptor.
        if not os.fstat(self._descriptor).st_size:
            return b""
        with mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ) as content:
            return content[:]

    def sha256(self) -> str:
        """Digest of all of it."""
        import hashlib

        return hashlib.sha256(self.read()).hexdigest()
