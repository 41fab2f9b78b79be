"""A vector as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType

from embgeo.cli.drawing import facts, title
from embgeo.cli.text import token_text
from embgeo.results.base import Token
from embgeo.results.vector import Vector

SHOWN_VALUES = 8


def table(answer: Vector) -> RenderableType:
    """Its tokens, its length and its first values."""
    shown = "  ".join(f"{value:z.4f}" for value in answer.values[:SHOWN_VALUES])
    more = len(answer.values) - SHOWN_VALUES
    rest = f"  … {more:,} more (--json prints all)" if more > 0 else ""
    rows = (
        ("tokens", ", ".join(_token_named(token) for token in answer.term.tokens)),
        ("length", f"{answer.norm:z.4f}"),
        ("values", shown + rest),
    )
    return Group(title(answer, answer.term.term), facts(rows))


def _token_named(token: Token) -> str:
    return f"{token_text(token.text)} (id {token.id})"
