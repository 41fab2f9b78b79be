"""Text that is safe on a terminal: no control sequence survives."""

from __future__ import annotations


def visible(text: str) -> str:
    """Text with every unprintable character as its escape: control codes, bidi marks, surrogates."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def token_text(text: str) -> str:
    """A token for people: spaces drawn, everything unprintable escaped."""
    return visible(text).replace(" ", "␣")
