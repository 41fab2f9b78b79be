"""Groups of words as people write them: a name, a colon, and words, one group per line."""

from __future__ import annotations

from typing import Final

from embgeo.errors import UsageError
from embgeo.formats.lines import read_lines

HINT: Final = "One group per line, as in: animals: cat dog horse"


def read_groups(path: str) -> dict[str, list[str]]:
    """Read a file of groups: `animals: cat dog`, or with commas, `cities: new york, paris`; # comments.

    A group may go on in another line of the same name.

    Raises:
        UsageError: there is no such file, it has no groups, or a line is not a group.
    """
    groups: dict[str, list[str]] = {}
    for number, line in enumerate(read_lines(path, "groups", HINT), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, colon, rest = (part.strip() for part in text.partition(":"))
        words = [word.strip() for word in rest.split(",")] if "," in rest else rest.split()
        words = [word for word in words if word]
        if not (name and colon and words):
            raise UsageError(f"{path}:{number}: '{text[:80]}' is not a group", HINT)
        groups.setdefault(name, []).extend(words)
    if not groups:
        raise UsageError(f"'{path}' contains no groups", HINT)
    return groups
