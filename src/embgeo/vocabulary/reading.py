"""How words are read: what is a valid term, how a word of several tokens becomes one vector, whether case matters."""

from __future__ import annotations

from typing import Final

from embgeo.errors import TermError

MULTI: Final = ("mean", "first", "last", "sum", "error")
CASES: Final = ("exact", "fold")
MAX_TERM_LENGTH: Final = 10_000  # characters of a term


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
