"""What every picture says of its answer: the model, and the facts for its metadata."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from embgeo import __version__
from embgeo.pictures.text import visible
from embgeo.results.local_paths import without_folders
from embgeo.results.tabular import at_revision


def model_named(answer: Any) -> str:
    """The model of an answer: its name, revision and transformation."""
    name = at_revision(without_folders(answer.model), answer.revision)
    return visible(f"{name} · {answer.transform}" if answer.transform else name)


def facts(answer: Any, **figures: object) -> dict[str, object]:
    """What the metadata of a picture's file holds."""
    given = {"transform": answer.transform} if answer.transform else {}
    notes = [without_folders(note) for note in answer.notes]
    about = {"generator": f"embgeo {__version__}", "command": answer.command, "notes": notes}
    model = without_folders(answer.model)
    return {**about, "model": model, "revision": answer.revision, "dtype": answer.dtype, **given, **figures}


def percent(share: float) -> str:
    """A share from 0 to 1 for people: 58%, 0.4%."""
    return f"{100 * share:.1f}%" if 0 < share < 0.0995 else f"{100 * share:.0f}%"


def span(values: list[float], written: Callable[[float], str] = "{:z.2f}".format) -> str:
    """The lowest and the highest of some numbers: 0.23 to 0.51."""
    low, high = written(min(values)), written(max(values))
    return low if low == high else f"{low} to {high}"
