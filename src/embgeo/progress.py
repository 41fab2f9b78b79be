"""How long work says how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

REMARK: Final = ""  # in place of a unit: nothing is counted, and `what` is something to be said once


class Report(Protocol):
    """Called with what is being done, how much of it is done, how much there is, and of what (or `REMARK`)."""

    def __call__(self, what: str, done: int, total: int, unit: str = "bytes") -> None:
        """Hear of it."""


def silent(what: str, done: int, total: int, unit: str = "bytes") -> None:
    """The listener for whoever doesn't want to know."""


def waiting(report: Report, work: str) -> Callable[[], None]:
    """What tells a `Report` that another process is waited for, and what that one does."""
    return lambda: report(f"waiting for another embgeo that {work}", 0, 0, REMARK)
