"""The tokenizers package on an untrusted tokenizer.json: nothing in the file can end the process or fill the memory.

The package is written in Rust. What it can't handle is a panic, printed on stderr before Python sees it; a failed
allocation ends the process. So the growth of a text by normalizers is bounded before the package reads the file.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
from collections.abc import Iterator
from typing import Any, Final

from embgeo.errors import STDERR, EmbgeoError, FormatError

MAX_GROWTH: Final = 1000  # times that a text may become as long
UNICODE_GROWTH: Final = 18  # the most that any normal form makes of one character (U+FDFA)
NESTED: Final = ("normalizers", "pretokenizers", "decoders")


def open_splitter(content: bytes, file: str) -> Any:
    """A deterministic Tokenizer: BPE dropout, truncation and padding are off.

    Args:
        content: of a tokenizer.json.
        file: its name for error messages.

    Raises:
        FormatError: it can't be used, or could make any text too long for the memory.
    """
    from tokenizers import Tokenizer

    with splitter_errors(f"'{file}' can't be used", "Fetch the model again."):
        if re.search(rb"Replace|Precompiled", content):  # an escape can't spell these names: the package compares bytes
            check_growth(json.loads(content), file)
        splitter = Tokenizer.from_buffer(content)
    splitter.no_truncation()
    splitter.no_padding()
    if getattr(splitter.model, "dropout", None):
        splitter.model.dropout = None
    return splitter


def check_growth(spec: Any, file: str) -> None:
    """Raise an error for normalizers and pre-tokenizers that can make a text more than `MAX_GROWTH` times as long.

    Raises:
        FormatError: there is one, or its table is damaged.
    """
    growth = 1.0
    for key in ("normalizer", "pre_tokenizer"):
        for part in components(spec.get(key)):
            growth *= _growth(part, file)
    if growth > MAX_GROWTH:
        raise FormatError(
            f"the normalizer of '{file}' can make a text {growth:,.0f} times as long", "Fetch the model again."
        )


def components(part: Any) -> Iterator[dict[str, Any]]:
    """A normalizer, pre-tokenizer or decoder, and its components.

    Raises:
        AttributeError: one of them is not an object.
    """
    if part:
        yield part
        for key in NESTED:
            for inner in part.get(key) or ():
                yield from components(inner)


def _growth(part: dict[str, Any], file: str) -> float:
    """How many times as long a text can become by one normalizer."""
    if part.get("type") == "Precompiled":
        return _longest_entry(part, file)
    if part.get("type") != "Replace":
        return 1.0
    pattern, content = part.get("pattern"), str(part.get("content", ""))
    text = pattern.get("String") if isinstance(pattern, dict) else None
    if isinstance(text, str) and text:
        return max(1.0, len(content) / len(text))
    expression = pattern.get("Regex") if isinstance(pattern, dict) else None
    try:  # Python's dialect is close; where it can't tell, the pattern may match between any two characters
        empty = not isinstance(expression, str) or re.search(expression, "") is not None
    except (re.error, RecursionError, OverflowError):
        empty = True
    return max(1.0, len(content) + empty)


def _longest_entry(part: dict[str, Any], file: str) -> float:
    """The most that one character can become by SentencePiece's table: a trie, then strings that end in NUL."""
    try:
        table = base64.b64decode(part.get("precompiled_charsmap") or "")
    except (ValueError, TypeError):
        table = b""
    trie = int.from_bytes(table[:4], "little")
    if table and not (0 < trie <= len(table) - 4 and trie % 4 == 0):
        raise FormatError(f"the normalizer of '{file}' is damaged: its table is cut", "Fetch the model again.")
    longest = max(map(len, table[4 + trie :].split(b"\0")))
    return float(max(1, longest)) if longest > 2 * UNICODE_GROWTH else 1.0


@contextlib.contextmanager
def splitter_errors(what: str, hint: str = "") -> Iterator[None]:
    """Turn whatever the package raises into a FormatError that begins with `what`.

    Raises:
        FormatError: the package raised a bare Exception, or Rust panicked, which is not an Exception.
    """
    try:
        with _without_panics():
            yield
    except (KeyboardInterrupt, SystemExit, MemoryError, EmbgeoError):
        raise
    except BaseException as error:  # noqa: BLE001
        raise FormatError(f"{what}: {error!s:.200}", hint) from None


@contextlib.contextmanager
def _without_panics() -> Iterator[None]:
    """Keep the message of a Rust panic off stderr; the error itself is raised, and reported in one line."""
    with STDERR:
        try:
            kept = os.dup(2)
        except OSError:  # stderr is closed
            kept = -1
        if kept < 0:
            yield
            return
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)
            os.close(null)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
