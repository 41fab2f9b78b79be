"""What a shell's Tab completes: names of models, and words of their vocabularies. NumPy is never imported."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Final

from embgeo.errors import EmbgeoError
from embgeo.formats.word_beginnings import PREFIX, words_beginning
from embgeo.models import hub_records, places
from embgeo.models.reference import ALIASES, BUNDLED, parse_or_default

MAX_WORDS: Final = 50  # words that are offered
# What a missing, damaged or foreign file raises. There is nothing to complete then, and nobody to tell.
UNREADABLE: Final = (OSError, EmbgeoError, ValueError, TypeError, LookupError, AttributeError, OverflowError)


def model_names() -> list[str]:
    """The aliases, the bundled model, and every model in the store."""
    stored: list[str] = []
    with suppress(*UNREADABLE):
        for pattern in places.ENTRIES:
            for path in sorted(places.root().glob(f"{pattern}/{places.PREPARED}")):
                with suppress(*UNREADABLE):
                    stored.append(_name(path))
    return list(dict.fromkeys([BUNDLED, *ALIASES, *stored]))


def words(model: str | None, revision: str | None, beginning: str) -> list[str]:
    """Words with this beginning, of a model on this machine; none if it isn't there, or isn't prepared yet."""
    with suppress(*UNREADABLE):
        return words_beginning(_prepared_file(model, revision), beginning, MAX_WORDS) if beginning else []
    return []


def _prepared_file(model: str | None, revision: str | None) -> Path:
    """Where a model is prepared, if it is.

    Raises:
        EmbgeoError: it has no valid name.
    """
    reference = parse_or_default(model, revision)
    if reference.kind == "path":
        return places.local_place(places.users_path(reference.name)) / places.PREPARED
    if reference.kind == "hub":
        commit = hub_records.read_ref(reference.name, reference.revision) or reference.revision
        path = places.hub_place(reference.name, commit) / places.PREPARED
        if path.is_file() or not reference.implied:
            return path
    return places.BUNDLE / places.PREPARED  # which also answers where the default isn't there


def _name(prepared: Path) -> str:
    with prepared.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(PREFIX), "little")))
    return str(json.loads(header["__metadata__"]["embgeo"])["model"])
