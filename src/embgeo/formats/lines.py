"""Small files that people write by hand: lines of text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from embgeo.errors import UsageError
from embgeo.formats.regular import open_stream

MAX_FILE_BYTES: Final = 10_000_000  # bytes
STANDARD_INPUT: Final = "-"


def read_lines(path: str, what: str, hint: str) -> list[str]:
    """The lines of a UTF-8 file, or of standard input.

    Args:
        path: of the file; `-` is standard input.
        what: what the lines are, for the error: `pairs`.
        hint: what a file should look like.

    Raises:
        UsageError: there is no such file, it is too large, or it is not text.
    """
    try:
        with sys.stdin.buffer if path == STANDARD_INPUT else open_stream(Path(path)) as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise UsageError(
                f"'{path}' is too large for a file of {what}", f"At most {MAX_FILE_BYTES:,} bytes are read."
            )
        return content.decode("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"can't read {what} from '{path}': {reason}", hint) from None


def read_terms(path: str) -> list[str]:
    """The terms in a file, one per line; empty lines are skipped.

    Raises:
        UsageError: as `read_lines`, or there is no term in it.
    """
    terms = [line.strip() for line in read_lines(path, "words", "One word or expression per line.") if line.strip()]
    if not terms:
        raise UsageError(f"'{path}' contains no words", "One word or expression per line.")
    return terms
