"""Small files that people write by hand: terms, groups of words and counts of words, one per line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from embgeo.errors import UsageError
from embgeo.formats.regular import open_stream

MAX_FILE_BYTES: Final = 10_000_000  # bytes
STANDARD_INPUT: Final = "-"
GROUPS: Final = "One group per line, as in: animals: cat dog horse"
COUNTS: Final = "A word and its count per line, as in: the 23135851162"


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


def content_lines(path: str, what: str, hint: str) -> list[tuple[str, str]]:
    """The lines that are neither empty nor a comment (#), each with its place for errors: `pairs.txt:3`.

    Args:
        path, what, hint: as for `read_lines`.

    Raises:
        UsageError: as `read_lines`, or there is no such line.
    """
    numbered = ((line.strip(), f"{path}:{number}") for number, line in enumerate(read_lines(path, what, hint), 1))
    found = [(line, place) for line, place in numbered if line and not line.startswith("#")]
    if not found:
        raise UsageError(f"'{path}' contains no {what}", hint)
    return found


def read_terms(path: str) -> list[str]:
    """The terms in a file, one per line; empty lines are skipped.

    Raises:
        UsageError: as `read_lines`, or there is no term in it.
    """
    terms = [line.strip() for line in read_lines(path, "words", "One word or expression per line.") if line.strip()]
    if not terms:
        raise UsageError(f"'{path}' contains no words", "One word or expression per line.")
    return terms


def read_groups(path: str) -> dict[str, list[str]]:
    """Read a file of groups: `animals: cat dog`, or with commas, `cities: new york, paris`; # comments.

    A group may go on in another line of the same name.

    Raises:
        UsageError: there is no such file, it has no groups, or a line is not a group.
    """
    groups: dict[str, list[str]] = {}
    for line, place in content_lines(path, "groups", GROUPS):
        name, colon, rest = (part.strip() for part in line.partition(":"))
        words = [word.strip() for word in rest.split(",")] if "," in rest else rest.split()
        words = [word for word in words if word]
        if not (name and colon and words):
            raise UsageError(f"{place}: '{line[:80]}' is not a group", GROUPS)
        groups.setdefault(name, []).extend(words)
    return groups


def read_word_counts(path: str) -> dict[str, int]:
    """Counts by word, with a tab, spaces or a comma between the two; # comments. A repeated word has the sum.

    Raises:
        UsageError: there is no such file, it has no counts, or a line is not a word and its count.
    """
    counts: dict[str, int] = {}
    for line, place in content_lines(path, "counts", COUNTS):
        parts = line.replace("\t", " ").rsplit(None, 1)
        if len(parts) < 2:
            parts = line.rsplit(",", 1)
        if len(parts) < 2 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 19):
            raise UsageError(f"{place}: '{line[:80]}' is not a word and its count", COUNTS)
        word = parts[0].strip()
        counts[word] = counts.get(word, 0) + int(parts[1])
    return counts
