"""The odd one out as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import bar, title
from embgeo.cli.text import token_text, visible
from embgeo.results.odd import Odd


def table(answer: Odd) -> RenderableType:
    """The words from the odd one on, with their cosines."""
    head = title(answer, " ".join(term.term for term in answer.terms), "cosine with their mean")
    table = columns(("#", "right"), ("word", "left"), ("centrality", "right"), ("tokens", "left"), ("", "bar"), keys=2)
    for word in answer.words:
        tokens = " ".join(token_text(token.text) for token in word.tokens)
        drawn = bar(word.centrality, 1.0)
        table.add_row(str(word.rank), Text(visible(word.term), "bold"), f"{word.centrality:z.4f}", tokens, drawn)
    return Group(head, table, Text(f"\nThe odd one out: {visible(answer.odd)}"))
