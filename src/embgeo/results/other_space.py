"""The other space of an answer about two."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherSpace:
    """A space that an answer names in addition to its own; attributes as in `Answer`."""

    model: str
    revision: str
    dtype: str
    transform: str
    sha256: str | None
