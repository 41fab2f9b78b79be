"""Ends a command whose mapped file is truncated while it is read: one line and exit code 4.

Reading past a mapped file's new end makes the system send SIGBUS to the reading thread. That thread can't continue, so
a Python signal handler, which waits for the next bytecode, never runs. A C handler does. ctypes, which NumPy has
already imported, makes one from a function; it waits for the interpreter's lock, which NumPy and BLAS release.
"""

from __future__ import annotations

import functools
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from embgeo.cli import output
from embgeo.errors import ModelError
from embgeo.formats.atomic import TEMPORARY_FILES

MAPPED_FILES: Final = Path("/proc/self/maps")  # of Linux: every mapped file of this process
MAX_SECONDS_TO_END: Final = 10.0  # seconds that a process takes to end
_first = threading.Lock()  # held by the thread that ends the process
_kept: list[Any] = []  # what C calls must not be collected


@functools.cache
def catch_bus_errors() -> None:
    """End this process by `_end`, and not by the system's default, when it reads past the end of a mapped file."""
    if not hasattr(signal, "SIGBUS"):  # Windows
        return
    with suppress(ImportError, AttributeError, OSError, MemoryError):  # no ctypes, or a system that forbids it
        import ctypes

        kind = ctypes.CFUNCTYPE(None, ctypes.c_int)
        setsig = ctypes.pythonapi["PyOS_setsig"]
        setsig.argtypes, setsig.restype = [ctypes.c_int, kind], ctypes.c_void_p
        _kept.append(handler := kind(_end))
        setsig(signal.SIGBUS, handler)


def _end(_signal: int) -> NoReturn:
    """Remove temporary files, say what happened, and end the process: the failed read can't be resumed."""
    if not _first.acquire(blocking=False):
        time.sleep(MAX_SECONDS_TO_END)  # another thread of BLAS read past the end too, and is ending the process
    try:
        for part in tuple(TEMPORARY_FILES):
            with suppress(OSError):
                part.unlink()
        path = _cut_file()
        what = f"'{path}' was cut while it was read" if path else "a file was cut while it was read, or its disk fails"
        output.print_last_error(f"embgeo: {what}. Fetch or copy the file again.")
    finally:
        os._exit(ModelError.exit_code)


def _cut_file() -> str:
    """A mapped file of this process that has become shorter than its mapping; empty if none is known."""
    page = os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):
        for line in MAPPED_FILES.read_text(errors="surrogateescape").splitlines():
            span, rights, offset, _, _, *name = line.split(None, 5)
            start, stop = (int(address, 16) for address in span.split("-"))
            if name and rights.endswith("s"):  # shared; libraries are mapped as private, and beyond their end
                with suppress(OSError):
                    if Path(name[0]).stat().st_size + page <= int(offset, 16) + stop - start:
                        return name[0]
    return ""
