"""A small file of a model that is only needed for some questions, and stays readable until it is."""

from __future__ import annotations

import os
import weakref
from pathlib import Path


class OpenFile:
    """A file as it was when it was opened, whatever becomes of its name: a model may be freed while it answers.

    Attributes:
        path: the name that errors give.
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

        # Mapped, since copies of this process share the place up to which a descriptor was read.
        if not os.fstat(self._descriptor).st_size:
            return b""
        with mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ) as content:
            return content[:]

    def sha256(self) -> str:
        """Digest of all of it."""
        import hashlib

        return hashlib.sha256(self.read()).hexdigest()
