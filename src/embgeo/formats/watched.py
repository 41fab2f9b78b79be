"""A file that a prepared model depends on, as it was before it was read."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from embgeo.formats.system_faults import file_exists

ABSENT: Final = -1  # size of a file that is not there


class Watched(NamedTuple):
    """A file: its full path, and what tells it from another one of the same name.

    Attributes:
        path: in full.
        size: bytes; `ABSENT` for none.
        changed: time of change in ns, which archives and `touch` set as they like.
        inode: its number in the file system; 0 where that has none.
        status: time of change in ns that the system alone sets (on Windows, of creation); 0 if not recorded.
    """

    path: str
    size: int
    changed: int
    inode: int = 0
    status: int = 0

    @classmethod
    def of(cls, path: Path) -> Watched:
        """The file as it is now."""
        try:
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return cls.absent(path)
        return cls(str(path.absolute()), status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)

    def unchanged(self) -> bool:
        """Whether the file is still the same.

        Raises:
            OSError: its status can't be read.
        """
        path = Path(self.path)
        if self.size == ABSENT:
            return not file_exists(path)
        now = Watched.of(path)
        same = (now.size, now.changed) == (self.size, self.changed)
        return same and self.inode in (0, now.inode) and self.status in (0, now.status)

    @classmethod
    def absent(cls, path: Path) -> Watched:
        """A file that would be preferred if it were there."""
        return cls(str(path.absolute()), ABSENT, 0)
