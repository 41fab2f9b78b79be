"""How texts split as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import title
from embgeo.cli.text import token_text, visible
from embgeo.results.tokens import Tokens


def table(answer: Tokens) -> RenderableType:
    """The tokens in order."""
    head = title(answer, " | ".join(split.text for split in answer.texts))
    table = columns(("#", "right"), ("token", "left"), ("id", "right"), ("piece", "left"), keys=2)
    for number, token in enumerate(answer.tokens, 1):
        table.add_row(str(number), Text(token_text(token.text), "bold"), str(token.id), visible(token.piece))
    return Group(head, table if answer.tokens else Text("no token"))
