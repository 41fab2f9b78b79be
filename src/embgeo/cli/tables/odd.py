"""The odd one out as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import bar, title
from embgeo.cli.outline import Outline, Sheet
from embgeo.cli.text import token_text, visible
from embgeo.results.odd import Odd

HEADING = "cosine with their mean"


def table(answer: Odd) -> RenderableType:
    """The words from the odd one on, with their cosines."""
    head = title(answer, answer.heading, HEADING)
    table = columns(("#", "right"), ("word", "left"), ("centrality", "right"), ("tokens", "left"), ("", "bar"), keys=2)
    for word in answer.words:
        tokens = " ".join(token_text(token.text) for token in word.tokens)
        drawn = bar(word.centrality, 1.0)
        table.add_row(str(word.rank), Text(visible(word.term), "bold"), f"{word.centrality:z.4f}", tokens, drawn)
    return Group(head, table, Text(f"\n{_verdict(answer)}"))


def outline(answer: Odd) -> Outline:
    """The words in the order given, to show next to other models'."""
    found = {word.term: word for word in answer.words}
    rows = [
        (term.term, (f"{found[term.term].centrality:z.4f}", str(found[term.term].rank))) for term in answer.terms
    ]  # fmt: skip
    columns = (("centrality", "right"), ("#", "right"))
    return Outline(answer.heading, [HEADING], [Sheet("word", columns, rows, [_verdict(answer)])])


def _verdict(answer: Odd) -> str:
    return f"The odd one out: {visible(answer.odd)}"
