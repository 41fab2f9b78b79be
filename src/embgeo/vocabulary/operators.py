"""The operators of expressions, as they are typed."""

from __future__ import annotations

from typing import Final

# As typed: what it means. U+2212 and the en dash are minus.
OPERATORS: Final = {"+": "+", "-": "-", "−": "-", "–": "-", "*": "*", "×": "*", "/": "/"}
