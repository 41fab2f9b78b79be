"""Files that are made in the store out of a model's own: whole under their name, or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from embgeo.errors import ModelError


@contextlib.contextmanager
def made(target: Path) -> Iterator[Path]:
    """Where to write what becomes `target` when nothing was raised; else nothing of it stays.

    Of one name, so that a run which follows one that was killed writes over what that left: the folder is locked.

    Raises:
        ModelError: the folder can't be written, or the disk is full.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        yield part
        part.replace(target)
    except OSError as error:
        raise ModelError(
            f"can't write to '{target.parent}': {error.strerror or error}",
            "Free some room, or set EMBGEO_HOME to a folder that can be written.",
        ) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
