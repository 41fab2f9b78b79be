"""What a terminal can show: text without control sequences, colors, and the characters of its encoding."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def visible(text: str) -> str:
    """Text with every unprintable character as its escape: control codes, bidi marks, surrogates."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def token_text(text: str) -> str:
    """A token for people: spaces drawn, everything unprintable escaped."""
    return visible(text).replace(" ", "␣")


def has_colors(stream: TextIO) -> bool:
    """Whether a stream is a terminal that shows colors, to a person who wants them."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def can_show(text: str) -> bool:
    """Whether stdout's encoding has all characters of a text."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
