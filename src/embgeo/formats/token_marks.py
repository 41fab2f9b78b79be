"""Flags of tokens, and how tokenizers mark words. NumPy is not imported: completion has no time for it."""

from __future__ import annotations

from typing import Final, NamedTuple

SPECIAL: Final = 1  # control tokens such as <|endoftext|>
BYTE: Final = 2  # one byte, as a last resort: <0x41>
WORD: Final = 4  # a whole word of letters only
ABSENT: Final = 8  # a row that no token has: padding, or a hole in the ids

# How a tokenizer marks that a token begins (or ends) a word, in the token's text.
SPACE_MARK: Final = "leading space"
PREFIX_MARK: Final = "## continues"
SUFFIX_MARK: Final = "trailing space"
NO_MARK: Final = "whole words"
PART_MARKS: Final = (PREFIX_MARK, SUFFIX_MARK)  # tell parts of longer words from all other tokens
CONTINUES: Final = b"##"


class Scheme(NamedTuple):
    """How a tokenizer marks words (one of the four marks above), and what it does to its input."""

    mark: str
    lowercase: bool = False
    strips_accents: bool = False


def key_of(text: bytes, mark: str) -> bytes:
    """A token's text with the beginning of a word marked by one leading space."""
    if mark == SPACE_MARK:
        return text
    if mark == PREFIX_MARK:
        return text[2:] if text.startswith(CONTINUES) and len(text) > 2 else b" " + text
    if mark == SUFFIX_MARK:
        return b" " + text[:-1] if text.endswith(b" ") else text
    return b" " + text


def fold_key(key: bytes) -> bytes:
    """Equal for all variants of a token: no space mark, no case. Bytes that are not text stay as they are."""
    bare = key.lstrip(b" ") or key
    return bare.decode("utf-8", "surrogateescape").casefold().encode("utf-8", "surrogateescape")
