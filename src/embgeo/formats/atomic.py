"""Files that are written beside their place and renamed when they are whole, and what killed processes left of such."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from embgeo.errors import ModelError, UsageError

LONGEST: Final = 220  # bytes of a name, so that there is room for what is added to it; 255 is what most systems take


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
    name = path.name
    while len(os.fsencode(name)) > LONGEST:
        name = name[:-1]
    for left in path.parent.glob(f"{glob.escape(name)}.*.part"):
        number = left.name[len(name) + 1 : -len(".part")].partition("-")[0]
        if number.isdecimal() and _is_gone(int(number)):
            with suppress(OSError):
                left.unlink()
    return path.with_name(f"{name}.{os.getpid()}-{os.urandom(3).hex()}.part")


def target_of(path: Path) -> Path:
    """The file that a name leads to: a link of the user's stays one, and what it leads to is written.

    Raises:
        OSError: the name counts from the current folder, and that is gone.
    """
    return Path(os.path.realpath(path))


def check_free(path: Path, *, force: bool) -> None:
    """Refuse to write over a file, or a link that leads nowhere, unless that is asked for.

    Raises:
        UsageError: the name is in use, or is a folder's.
    """
    if path.is_dir():
        raise UsageError(f"'{path}' is a folder", "Name a file.")
    if os.path.lexists(path) and not force:
        raise UsageError(f"'{path}' is there already", "--force writes over it.")


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
