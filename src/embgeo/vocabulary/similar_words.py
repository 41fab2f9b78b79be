"""Words of a vocabulary that are spelled like another word."""

from __future__ import annotations

from typing import Final

from embgeo.formats.token_marks import SPECIAL
from embgeo.formats.token_table import TokenTable

MAX_LENGTH_DIFFERENCE: Final = 2  # between two similar words, in characters
MIN_RATIO: Final = 0.6  # of difflib, from 0 to 1


class SimilarWords:
    """The words of a vocabulary, each once, by their first letter; control tokens are left out."""

    def __init__(self, table: TokenTable) -> None:
        found: dict[str, str] = {}
        for token in table.order[(table.flags[table.order] & SPECIAL) == 0].tolist():
            key = table.key(token).decode("utf-8", "replace")
            if key.startswith(" "):  # don't suggest pieces of other words
                found.setdefault(key.strip().casefold(), key.strip())
        self._by_letter: dict[str, dict[str, str]] = {}
        for folded, text in found.items():
            self._by_letter.setdefault(folded[:1], {})[folded] = text

    def to(self, word: str) -> list[str]:
        """The three words most like `word` with the same first letter, best first; case doesn't matter."""
        import difflib

        wanted = word.strip().casefold()
        words = self._by_letter.get(wanted[:1], {})
        near = [folded for folded in words if abs(len(words[folded]) - len(wanted)) <= MAX_LENGTH_DIFFERENCE]
        return [words[match] for match in difflib.get_close_matches(wanted, near, 3, MIN_RATIO)]
