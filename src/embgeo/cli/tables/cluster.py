"""Words in clusters as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import title
from embgeo.cli.text import token_text, visible
from embgeo.results.cluster import Clustering


def table(answer: Clustering) -> RenderableType:
    """Cluster after cluster, the word nearest to its center first."""
    table = columns(("#", "right"), ("group", "left"), ("word", "left"), ("cosine", "right"), keys=3)
    for number, group in enumerate(answer.groups, 1):
        for place, member in enumerate(group.members):
            head = ("", "") if place else (str(number), token_text(group.text))
            table.add_row(head[0], Text(head[1], "bold"), visible(member.term), f"{member.cosine:z.4f}")
    chosen = "as many as requested" if answer.asked else "cut at the widest gap between merges"
    words = sum(len(group.members) for group in answer.groups)
    asked = f"{words} words in {len(answer.groups)} group{'s' if len(answer.groups) > 1 else ''}"
    legend = Text("group: the token nearest its mean; cosine: of a word with the mean", "dim")
    return Group(title(answer, asked, "average linkage", chosen), table, Text(), legend)
