"""Text as a terminal may show it: nothing in it that the terminal would obey."""

from __future__ import annotations


def visible(text: str) -> str:
    """Text with every character that is not printable drawn as its escape: control codes, bidi marks, surrogates."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def token_text(text: str) -> str:
    """A token as people see it: spaces drawn, everything unprintable escaped."""
    return visible(text).replace(" ", "␣")
