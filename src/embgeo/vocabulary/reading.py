"""How words are read: what can stand for one of several tokens, and whether capitals matter."""

from __future__ import annotations

from typing import Final

MULTI: Final = ("mean", "first", "last", "sum", "error")
CASES: Final = ("exact", "fold")
