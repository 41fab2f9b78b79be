"""Counts of words in a corpus, as people keep them: a word and its count per line."""

from __future__ import annotations

from embgeo.errors import UsageError
from embgeo.formats.lines import read_lines

HINT = "A word and its count per line, as in: the 23135851162"


def read_counts(path: str) -> dict[str, int]:
    """Counts by word, with a tab, spaces or a comma between the two; # comments. A repeated word has the sum.

    Raises:
        UsageError: there is no such file, it has no counts, or a line is not a word and its count.
    """
    counts: dict[str, int] = {}
    for number, line in enumerate(read_lines(path, "counts", HINT), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.strip().replace("\t", " ").rsplit(None, 1)
        if len(parts) < 2:
            parts = line.strip().rsplit(",", 1)
        if len(parts) < 2 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 19):
            raise UsageError(f"{path}:{number}: '{line.strip()[:80]}' is not a word and its count", HINT)
        word = parts[0].strip()
        counts[word] = counts.get(word, 0) + int(parts[1])
    if not counts:
        raise UsageError(f"'{path}' contains no counts", HINT)
    return counts
