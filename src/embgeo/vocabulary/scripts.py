"""Scripts that are written without spaces between words."""

from __future__ import annotations

from typing import Final

# First words of the Unicode names of their letters.
SCRIPTS: Final = frozenset(
    {
        *("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH", "BOPOMOFO"),
        *("THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"),
    }
)


def needs_no_spaces(word: str) -> bool:
    """Whether a word begins with a letter of such a script: running text then has no space before it."""
    if word[:1].isascii():
        return False
    import unicodedata

    return unicodedata.name(word[0], "").partition(" ")[0] in SCRIPTS
