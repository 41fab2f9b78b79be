"""Files that are written beside their place and renamed when they are whole, and what killed processes left of such."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from embgeo.errors import ModelError


def write_atomically(path: Path, parts: Sequence[bytes | memoryview]) -> None:
    """Write beside, then rename: a reader sees the old file or the new one, and a failure leaves the old one.

    Raises:
        ModelError: the folder can't be written, or the disk is full.
    """
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = part_of(path)
        with part.open("wb") as file:
            file.writelines(parts)
        part.replace(path)
    except OSError as error:
        raise unwritable(path.parent, error) from None
    finally:
        if part is not None:
            with suppress(OSError):
                part.unlink()


def unwritable(place: Path, error: OSError) -> ModelError:
    """What is said where the store can't be written."""
    why = error.strerror or str(error)
    return ModelError(
        f"can't write to '{place}': {why}", "Free some room, or set EMBGEO_HOME to a folder that can be written."
    )


def part_of(path: Path) -> Path:
    """Where this process writes what will be `path`; what processes left there that are gone is removed."""
    for left in path.parent.glob(f"{glob.escape(path.name)}.*.part"):
        number = left.name[len(path.name) + 1 : -len(".part")].partition("-")[0]
        if number.isdecimal() and _is_gone(int(number)):
            with suppress(OSError):
                left.unlink()
    return path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(3).hex()}.part")


def _is_gone(process: int) -> bool:
    if os.name != "posix":  # elsewhere os.kill ends a process, whatever it is sent
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # somebody else's
        return False
    return False
