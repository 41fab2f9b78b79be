"""What can stand for a word of several tokens."""

from __future__ import annotations

from typing import Final

MULTI: Final = ("mean", "first", "last", "sum", "error")
