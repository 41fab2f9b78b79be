"""Answers that are not simply printed: lines as they come, and pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple


class JsonLines(NamedTuple):
    """Lines of JSON, written as they come; None where what waits should be flushed."""

    lines: Iterator[str | None]


class Paused(NamedTuple):
    """An answer that a terminal shows page by page, waiting for Enter; elsewhere it is printed as any other."""

    answer: Any
