"""Every error with its exit code, and how long-running work reports progress.

EmbgeoError
├── UsageError      2  the request itself is invalid: a count, a metric, a method
├── TermError       3  the model has no vector for a word, or the vector has no direction
├── ModelError      4  a model is missing, unreadable or unsupported
│   ├── FormatError 4  a file is damaged or has the wrong format
│   ├── NoMatrixError 4  a model has no matrix of the kind that is needed
│   └── StoreError  4  the store can't be written
├── NetworkError    5  the Hub could not be reached, or the transfer failed
└── SystemRefusalError 1  the operating system refuses memory, a descriptor or access to the store
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from math import inf
from numbers import Integral
from typing import ClassVar, Final, Protocol

STDERR: Final = threading.Lock()
"""Hold this lock while writing a line to stderr, or while silencing a library: the stream belongs to the process."""


class EmbgeoError(Exception):
    """Base of all errors: what is wrong, and what to do about it.

    Args:
        message: one line that says what is wrong and quotes the user's own text.
        hint: one line that says what to do about it; empty if there is nothing useful to say.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(EmbgeoError):
    """The request itself is invalid for every model."""

    exit_code = 2


class TermError(EmbgeoError):
    """The model has no vector for a term, or the vectors have no direction."""

    exit_code = 3


class ModelError(EmbgeoError):
    """The model does not exist, can't be read, or is not supported."""

    exit_code = 4


class FormatError(ModelError):
    """A file is damaged, or has another format than expected."""


class NoMatrixError(ModelError):
    """The model can be read, and has no matrix of this kind: it stores no position embedding."""


class StoreError(ModelError):
    """The store can't be written, or is full."""


class NetworkError(EmbgeoError):
    """The Hub could not be reached, or the transfer failed after all retries."""

    exit_code = 5


class SystemRefusalError(EmbgeoError):
    """The operating system refuses memory, a descriptor, or access to a file; the file itself may be good."""

    exit_code = 1


def check_choice(kind: str, name: str, choices: Iterable[str]) -> None:
    """Raise an error if a name is not among the choices.

    Raises:
        UsageError: "unknown metric 'x'; expected cosine, dot or euclidean".
    """
    known = list(choices)
    if name not in known:
        raise UsageError(f"unknown {kind} '{name}'; expected {any_of(known)}")


def is_whole(value: object, least: int, most: float = inf) -> bool:
    """Whether a value is a whole number in a range; a float is not, even 2.0, as none of Python's own counts may be.

    >>> is_whole(2, 0), is_whole(2.5, 0), is_whole("2", 0)
    (True, False, False)
    """
    return isinstance(value, Integral) and least <= int(value) <= most


def check_is_list(texts: Iterable[object]) -> None:
    """Raise a `UsageError` if texts or terms are a single string: its letters would be taken for them."""
    if isinstance(texts, str):
        raise UsageError(f"expected a list of texts, not a single text: '{texts[:40]}'", "Put it in a list.")


def any_of(choices: Iterable[str]) -> str:
    """Choices as they are listed in a sentence: "cosine, dot or euclidean"."""
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last


def first_of(names: Sequence[str], most: int = 5) -> str:
    """The first of many names as they are listed in a sentence: "a.txt, b.txt and 3 more"."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def missing_package(purpose: str, package: str, extra: str) -> UsageError:
    """The error for an optional dependency that is not installed.

    Args:
        purpose: what needs it.
        package: its usual name.
        extra: the extra of embgeo that installs it.
    """
    return UsageError(
        f"{purpose} needs {package}, which is not installed", f"Install it: pip install 'embgeo[{extra}]'"
    )


REMARK: Final = ""  # in place of a unit: `what` is a message to show once, and there is nothing to count


class Report(Protocol):
    """Progress callback: called repeatedly while long-running work proceeds."""

    def __call__(self, what: str, done: int, total: int, unit: str = "bytes") -> None:
        """Receive progress.

        Args:
            what: the work, as in "Fetching model.safetensors".
            done, total: how much is done, and how much there is to do.
            unit: what is counted; `REMARK` if nothing is.
        """


def silent(what: str, done: int, total: int, unit: str = "bytes") -> None:
    """The progress callback that does nothing."""


def waiting(report: Report, work: str) -> Callable[[], None]:
    """A callback that reports that another process is being waited for; `work` says what that process does."""
    return lambda: report(f"waiting for another embgeo that {work}", 0, 0, REMARK)
