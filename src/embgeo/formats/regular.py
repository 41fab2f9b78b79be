"""Files that can be read to their end: not devices, FIFOs or sockets, where opening or reading may never return."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from embgeo.formats.system_faults import ABSENT

KINDS: Final = {
    stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
}  # fmt: skip
WRITER_TIMEOUT: Final = 2  # seconds to wait for what writes to a FIFO
OPEN_PREFIXES: Final = ("/dev/fd/", "/proc/", "/dev/std")  # how a shell names <(command), which has a writer already


def special_kind(path: Path) -> str:
    """What a path is if not a file or folder, such as "a FIFO"; empty for a file, a folder or nothing.

    Raises:
        OSError: the path can't be looked at.
    """
    try:
        return KINDS.get(stat.S_IFMT(path.stat().st_mode), "")
    except OSError as error:
        if error.errno in ABSENT:
            return ""
        raise


def check_regular(path: Path) -> None:
    """Raise an `OSError` for a device, FIFO or socket before it is opened."""
    if kind := special_kind(path):
        raise OSError(errno.EINVAL, f"it is {kind} and not a file", str(path))


def open_stream(path: Path) -> IO[bytes]:
    """Open a small file of the user's for reading; also a FIFO, if something writes to it.

    Raises:
        OSError: it can't be opened, or it is a FIFO to which nothing is written.
    """
    if special_kind(path) != "a FIFO" or str(path).startswith(OPEN_PREFIXES):
        return path.open("rb")
    import select

    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # which returns without a writer
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    if not waiting.poll(1000 * WRITER_TIMEOUT):
        os.close(descriptor)
        raise OSError(
            errno.EAGAIN, f"it is a FIFO, and nothing was written to it for {WRITER_TIMEOUT} seconds", str(path)
        )
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "rb")


def disk_size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; another process may be removing them."""
    if not path.is_dir():
        return path.stat().st_size if path.is_file() else 0
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += Path(folder, name).stat().st_size
    return total
