"""Points between two terms as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import ordinal, title
from embgeo.cli.lists import whole_words
from embgeo.cli.text import token_text, visible
from embgeo.results.between import Between, BetweenPoint


def table(answer: Between) -> RenderableType:
    """Point after point with its nearest tokens, then the ranks of the two ends."""
    names = [visible(term.term) for term in answer.terms]
    table = columns(
        ("share", "right"), (f"to {names[0]}", "right"), (f"to {names[1]}", "right"), ("#", "right"), ("token", "left"),
        ("cosine", "right"), ("id", "right"),
    )  # fmt: skip
    for point in answer.points:
        heads = [(f"{point.share:.2f}", *(f"{cosine:z.4f}" for cosine in point.cosines))]
        heads += [("", "", "")] * (len(point.results) - 1)
        tokens = [(str(t.rank), Text(token_text(t.text), "bold"), f"{t.score:z.4f}", str(t.id)) for t in point.results]
        for head, token in zip(heads, tokens or [("", Text(), "", "")], strict=True):
            table.add_row(*head, *token)
    left_out = [Text(f"left out at {point.share:.2f}: {_ends(point)}", "dim") for point in answer.points]
    angle = f"{answer.angle:.1f} degrees apart"
    top = title(answer, answer.heading, f"{answer.path} way", angle, *whole_words(answer))
    return Group(top, table, Text(), *left_out)


def _ends(point: BetweenPoint) -> str:
    """The left-out tokens and the ranks that they would have had."""
    return ", ".join(
        f"{token_text(token.text)} {token.score:z.4f} would be "
        + (ordinal(token.rank) if token.rank else "further down")
        for token in point.excluded
    )
