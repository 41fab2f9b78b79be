"""Which of a model's layers have been fetched from the Hub; this needs no Hub client."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from embgeo.formats.system_faults import reading_store

LIST_NAME: Final = "layers.json"  # the list, written last
TensorFilter = Callable[[str], bool]  # whether the tensor of this name is


class FetchedLayers(NamedTuple):
    """The layers of a model that have been fetched.

    Attributes:
        digests: SHA-256 of each of their files, by its path.
        absent: names of tensors that a pass may need but that have not been fetched.
    """

    digests: dict[Path, str]
    absent: tuple[str, ...]


def read_fetched(directory: Path) -> FetchedLayers | None:
    """What `fetch_layers` has fetched; None if nothing, or the list of it is damaged."""
    path = directory / LIST_NAME
    try:
        with reading_store(path):
            listed = json.loads(path.read_bytes())
        digests = {directory / str(name): str(digest) for name, digest in listed["files"].items()}
        return FetchedLayers(digests, tuple(map(str, listed["absent"])))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def fetched_files(directory: Path, accept: Callable[[Path], TensorFilter]) -> list[Path] | None:
    """The fetched files, if none of them is missing and all wanted tensors are in them; else None."""
    found = read_fetched(directory)
    if found is None or not all(file.is_file() for file in found.digests):
        return None
    wanted = accept(directory) if found.absent else bool
    return None if any(map(wanted, found.absent)) else list(found.digests)
