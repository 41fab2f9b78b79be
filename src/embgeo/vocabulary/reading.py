"""How words are read: what is a valid term, how a word of several tokens becomes one vector, whether case matters."""

from __future__ import annotations

from typing import Final

from embgeo.errors import TermError

MULTI: Final = ("mean", "first", "last", "sum", "error")
CASES: Final = ("exact", "fold")
MAX_TERM_LENGTH: Final = 10_000  # characters of a term
# Operators of expressions, as typed: what they mean. U+2212 and the en dash are minus.
OPERATORS: Final = {"+": "+", "-": "-", "−": "-", "–": "-", "*": "*", "×": "*", "/": "/"}
# Scripts without spaces between words: first words of the Unicode names of their letters.
SCRIPTS: Final = frozenset({
    "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH", "BOPOMOFO",
    "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN",
})  # fmt: skip


def check_term(term: str) -> None:
    """Raise an error if a text can't be a term in any model.

    Raises:
        TermError: it is empty, too long, or has a NUL character.
    """
    if not term.strip() or term in ('""', "''"):
        raise TermError(f"an empty term: '{term}'", "Give a word, as in: embgeo neighbors cat")
    if len(term) > MAX_TERM_LENGTH:
        raise TermError(
            f"a term of {len(term):,} characters: '{term[:20]}…'", f"At most {MAX_TERM_LENGTH:,} characters are read."
        )
    if "\0" in term:
        raise TermError(f"{term!r} has a NUL character in it", "Remove it.")


def needs_no_spaces(word: str) -> bool:
    """Whether a word begins with a letter of a script without spaces: running text then has no space before it."""
    if word[:1].isascii():
        return False
    import unicodedata

    return unicodedata.name(word[0], "").partition(" ")[0] in SCRIPTS
