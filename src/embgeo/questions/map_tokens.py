"""What kind of token each is: a word, a piece of one, digits, punctuation, another script, or special."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embgeo.formats.token_marks import BYTE, SPECIAL
from embgeo.formats.token_table import TokenTable
from embgeo.numerics.dtypes import Ids

KINDS: Final = ("word", "piece of a word", "digits", "punctuation", "other script", "special or unused")
WORD, PIECE, DIGITS, PUNCTUATION, OTHER, NO_TEXT = range(len(KINDS))
UNUSED: Final = re.compile(r"[\[<]/?\|?(unused|reserved|extra|pad)[\w -]*\|?[\]>]", re.IGNORECASE)


def token_kinds(table: TokenTable, ids: Ids) -> NDArray[np.uint8]:
    """The kind of each token [ids], a number of `KINDS`."""
    flags = table.flags[ids]
    found = [_kind(table.key(token), int(flag)) for token, flag in zip(ids.tolist(), flags, strict=True)]
    return np.array(found, np.uint8)


def _kind(key: bytes, flags: int) -> int:
    text = key.decode("utf-8", "replace")
    bare = text.strip()
    if flags & (SPECIAL | BYTE) or UNUSED.fullmatch(bare) or "�" in bare:
        return NO_TEXT
    letter = next((character for character in bare if character.isalpha()), "")
    if not letter:
        return DIGITS if any(character.isdigit() for character in bare) else PUNCTUATION
    if not letter.isascii() and not unicodedata.name(letter, "").startswith("LATIN"):
        return OTHER
    return WORD if text.startswith(" ") else PIECE
