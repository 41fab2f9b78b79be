"""Tables with a column of words: which column that is, and which of the others are the vector."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from embgeo.errors import FormatError, first_of

WORD_NAMES: Final = ("word", "token", "term", "text", "label", "name")
INDEX_NAMES: Final = ("", "unnamed: 0", "index", "__index_level_0__")  # what pandas calls an index without a name
VECTOR_NAMES: Final = ("vector", "embedding", "values", "vec")
NUMBERED: Final = r"(.*?)(\d{1,7})"


class TableColumns(NamedTuple):
    """The columns in use.

    Attributes:
        word: the position of the words.
        numbers: the positions of the vector's numbers, in order; for a column of lists, that column's position.
        is_list: whether one column holds the whole vector.
        unused: the names of the others.
    """

    word: int
    numbers: tuple[int, ...]
    is_list: bool
    unused: tuple[str, ...]

    def notes(self) -> tuple[str, ...]:
        """Notes for the answer."""
        return (f"columns left out: {first_of(self.unused)}",) if self.unused else ()


def word_column(names: Sequence[str]) -> int | None:
    """The position of the words: the first column that is called so, else an index that pandas wrote."""
    low = [name.strip().lower() for name in names]
    return next((low.index(name) for name in (*WORD_NAMES, *INDEX_NAMES) if name in low), None)


def are_numbered(names: Sequence[str]) -> bool:
    """Whether names are 0, 1, 2, ... or 1, 2, 3, ... after the same text."""
    found = [re.fullmatch(NUMBERED, name) for name in names]
    if not names or None in found:
        return False
    parts = [(match[1], int(match[2])) for match in found if match]
    start = parts[0][1]
    return start in (0, 1) and parts == [(parts[0][0], start + at) for at in range(len(parts))]


def choose_columns(names: Sequence[str], numeric: Sequence[bool], lists: Sequence[bool], path: Path) -> TableColumns:
    """Pick the columns of a table.

    Numbered columns are the vector where there are any; else all columns of numbers; a column of lists comes first.

    Args:
        names: of all columns.
        numeric, lists: whether each has numbers, or lists of numbers.

    Raises:
        FormatError: no column of words, none of numbers, or several of lists.
    """
    word = word_column(names)
    listed = ", ".join(repr(name) for name in names[:8]) + (", ..." if len(names) > 8 else "")
    if word is None:
        hint = f"Call the column of words '{WORD_NAMES[0]}'; its columns are {listed}."
        raise FormatError(f"'{path}' has no column named {', '.join(WORD_NAMES[:-1])} or {WORD_NAMES[-1]}", hint)
    others = [at for at in range(len(names)) if at != word]
    packed = [at for at in others if lists[at]]
    named = [
        at for at in packed if names[at].strip().lower().rstrip("s") in {name.rstrip("s") for name in VECTOR_NAMES}
    ]
    packed = named if len(named) == 1 else packed
    if len(packed) > 1:
        hint = f"Call one of them '{VECTOR_NAMES[0]}', or keep only that; its columns are {listed}."
        raise FormatError(f"'{path}' has {len(packed)} columns of lists", hint)
    numbers = tuple(packed) or _numbers(names, [at for at in others if numeric[at]])
    if not numbers:
        raise FormatError(f"'{path}' has no columns of numbers", f"Its columns are {listed}.")
    left = tuple(names[at] for at in others if at not in set(numbers))
    return TableColumns(word, numbers, bool(packed), left)


def _numbers(names: Sequence[str], numeric: list[int]) -> tuple[int, ...]:
    groups: dict[str, list[int]] = {}
    for at in numeric:
        match = re.fullmatch(NUMBERED, names[at])
        if match:
            groups.setdefault(match[1], []).append(at)
    for group in groups.values():
        group.sort(key=lambda at: int(names[at][len(re.fullmatch(NUMBERED, names[at])[1]) :]))  # type: ignore[index]
    numbered = [group for group in groups.values() if are_numbered([names[at] for at in group])]
    return tuple(sorted(numbered, key=len)[-1] if numbered else numeric)
