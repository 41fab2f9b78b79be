"""Pairs of terms as people write them: `cats:cat` in the command line, one pair per line in a file."""

from __future__ import annotations

import re
from typing import Final

from embgeo.errors import UsageError
from embgeo.formats.lines import content_lines

Pair = tuple[str, str]
TERM: Final = r"(id:\d+|\"[^\"]+\"|'[^']+'|[^:]+)"
LINE: Final = "One pair per line, as in: cats:cat"
PAIR: Final = re.compile(rf"{TERM}:{TERM}")


def parse_pair(text: str) -> Pair:
    """Read `cats:cat`, `id:5:id:7` or `"a:b":"c:d"`.

    Raises:
        UsageError: it is not two terms separated by a colon.
    """
    found = PAIR.fullmatch(text.strip())
    if found is None or not (found[1].strip() and found[2].strip()):
        raise UsageError(f"'{text}' is not a pair", "A pair is two terms separated by a colon, as in: cats:cat")
    return found[1].strip(), found[2].strip()


def read_pairs(path: str) -> list[Pair]:
    """Read a file of pairs: `cats:cat`, or two terms separated by a tab or (words without spaces) spaces; # comments.

    Raises:
        UsageError: there is no such file, it has no pairs, or a line is not a pair.
    """
    return [_line(line, place) for line, place in content_lines(path, "pairs", LINE)]


def _line(line: str, place: str) -> Pair:
    for parts in (line.split("\t"), line.split()):
        if len(parts) == 2 and all(part.strip() for part in parts):
            return parts[0].strip(), parts[1].strip()
    found = PAIR.fullmatch(line)
    if found is None:
        raise UsageError(f"{place}: '{line[:80]}' is not a pair", LINE)
    return found[1].strip(), found[2].strip()
