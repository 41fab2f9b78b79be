"""Every refusal with its exit code, and how long work reports how far it is.

EmbgeoError
├── UsageError      2  the request itself is wrong: a count, a metric, a method
├── TermError       3  a word the model has no vector for, or no direction
├── ModelError      4  a model that is not found, not readable or refused
│   └── FormatError 4  a file that is not what it should be
└── NetworkError    5  the Hub could not be reached, or broke off
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Final, Protocol


class EmbgeoError(Exception):
    """Base of all refusals: what is wrong, and how to go on.

    Args:
        message: one line that names the thing and quotes the user's own text.
        hint: one line that says how to go on; empty where nothing useful can be said.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(EmbgeoError):
    """The request itself is wrong, whatever the model."""

    exit_code = 2


class TermError(EmbgeoError):
    """The model has no vector for what was asked, or the vectors have no direction."""

    exit_code = 3


class ModelError(EmbgeoError):
    """The model is not there, can't be read, or is refused."""

    exit_code = 4


class FormatError(ModelError):
    """A file is damaged, or of another kind than its place says."""


class NetworkError(EmbgeoError):
    """The Hub could not be reached, or the transfer broke off for good."""

    exit_code = 5


def check_choice(kind: str, name: str, choices: Iterable[str]) -> None:
    """Refuse a name that is not among the choices.

    Raises:
        UsageError: "unknown metric 'x'; expected cosine, dot or euclidean".
    """
    known = list(choices)
    if name not in known:
        raise UsageError(f"unknown {kind} '{name}'; expected {any_of(known)}")


def any_of(choices: Iterable[str]) -> str:
    """Choices as they are listed in a sentence: "cosine, dot or euclidean"."""
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last


def missing_package(purpose: str, package: str, extra: str) -> UsageError:
    """The refusal where an optional dependency is not installed.

    Args:
        purpose: what needs it.
        package: its name as people say it.
        extra: the extra of embgeo that brings it.
    """
    return UsageError(
        f"{purpose} needs {package}, which is not installed", f"Install it: pip install 'embgeo[{extra}]'"
    )


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
