"""Small files that come with a model, config and tokenizer: limited before they are read, and by what parsing costs."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any, Final

from embgeo.errors import FormatError, ModelError
from embgeo.formats.regular import KINDS as SPECIAL
from embgeo.formats.system_faults import enough_memory

MAX_SETTINGS: Final = 10_000_000  # bytes of a config.json or tokenizer_config.json
MAX_INDEX: Final = 25_000_000  # of an index of shards: as of a header
MAX_TOKENIZER: Final = 100_000_000  # of a tokenizer; the largest published ones have about 35 MB
MAX_COST: Final = 800_000_000  # bytes of memory
BRACKET: Final = 80  # bytes that Python takes for an empty list or object in another, at least
ITEM: Final = 60  # and for a short string or number
CHARACTER: Final = 5  # for a byte of text: itself, and up to four while it is decoded
KINDS: Final = SPECIAL | {stat.S_IFDIR: "a folder"}


def parse_json(data: bytes, file: str, limit: int) -> Any:
    """Parse JSON that may be hostile.

    Args:
        data: the file's bytes.
        file: its name for errors.
        limit: the most bytes that such a file may have.

    Raises:
        FormatError: it is too large, would take too much memory, or is not JSON.
    """
    if why := excess(data, limit):
        raise FormatError(f"'{file}' {why}")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"'{file}' is not valid JSON: {error!s:.120}", "Fetch or copy the file again.") from None


def excess(data: bytes, limit: int) -> str:
    """Why JSON is not parsed, as a predicate of its file: it is too large, or would take too much memory."""
    if len(data) > limit:
        return _beyond(limit)
    cost = CHARACTER * len(data) + BRACKET * (data.count(b"[") + data.count(b"{"))
    cost += ITEM * (data.count(b",") + data.count(b":"))
    if cost > MAX_COST:
        return f"would take about {cost:,} bytes of memory; at most {MAX_COST:,} are used for it"
    return ""


def read_json(path: Path, limit: int) -> Any:
    """Parse a JSON file; errors as for `parse_json` and `read_small`."""
    with enough_memory(path):
        return parse_json(read_small(path, limit), str(path), limit)


def read_small(path: Path, limit: int) -> bytes:
    """Read a small file; a pipe or device is never waited for.

    Raises:
        OSError: it can't be opened.
        ModelError: it is not a file.
        FormatError: it is larger than `limit`.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123  # Path.open takes no flags
        status = os.fstat(descriptor)
        check_file(path, status)
        if status.st_size > limit:
            raise FormatError(f"'{path}' {_beyond(limit)}")
        return file.read(limit + 1)


def check_file(path: Path, status: os.stat_result | None = None) -> None:
    """Raise a `ModelError` if a path is a folder, a pipe, a socket or a device."""
    if status is None:
        try:
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return
    if not stat.S_ISREG(status.st_mode):
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "a device")
        raise ModelError(f"'{path}' is {kind}, not a file", "Move it away, or copy the model again.")


def _beyond(limit: int) -> str:
    return f"is larger than the {limit:,} bytes that such a file may have"
