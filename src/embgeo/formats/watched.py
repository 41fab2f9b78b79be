"""A file that a prepared model depends on, as it was before it was read."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

ABSENT: Final = -1  # size of a file that is not there


class Watched(NamedTuple):
    """A file: its full path, its size in bytes (`ABSENT` for none), and its time of change in ns."""

    path: str
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Watched:
        """The file as it is now."""
        try:
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return cls.absent(path)
        return cls(str(path.absolute()), status.st_size, status.st_mtime_ns)

    @classmethod
    def absent(cls, path: Path) -> Watched:
        """A file that would be preferred if it were there."""
        return cls(str(path.absolute()), ABSENT, 0)
