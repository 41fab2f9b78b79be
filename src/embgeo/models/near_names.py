"""Suggestions for a model's name that can't be found."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from embgeo.models import store
from embgeo.models.reference import ALIASES, BUNDLED

MIN_RATIO: Final = 0.7  # share of a name's letters, as difflib counts them
MAX_NAMES: Final = 5  # names of stored models


def near_names(name: str, stored: Iterable[str]) -> list[str]:
    """Aliases and stored models spelled like a name, the most alike first; also the bundled form of what it names."""
    if name in (BUNDLED, *ALIASES, *ALIASES.values()):
        return []
    choices = dict.fromkeys([*ALIASES, BUNDLED, *stored])
    last = {choice.rpartition("/")[2].lower(): choice for choice in reversed(choices)}
    typed = name.rpartition("/")[2].lower()
    found = [last[match] for match in difflib.get_close_matches(typed, last, 2, MIN_RATIO)]
    found += [BUNDLED] if BUNDLED in typed else []
    return [choice for choice in dict.fromkeys(found) if choice != name]


def with_suggestions(name: str, hint: str) -> str:
    """A hint, with similar names before it and the models on this machine after it."""
    stored = list(dict.fromkeys(entry.manifest.model for entry in store.entries()))
    here = [BUNDLED, *(model for model in stored if model != BUNDLED)]
    near = near_names(name, stored)
    meant = f"Did you mean -m {' or -m '.join(near)}? " if near else ""
    more = " ..." if len(here) > MAX_NAMES else ""
    return f"{meant}{hint} On this machine: {', '.join(here[:MAX_NAMES])}{more}."
