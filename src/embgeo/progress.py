"""How long work says how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is (bytes)."""


def silent(what: str, done: int, total: int) -> None:
    """The listener for whoever doesn't want to know."""
