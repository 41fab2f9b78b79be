"""The likeliest tokens for a vector as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import title
from embgeo.cli.lists import likely
from embgeo.cli.outline import Outline, Sheet
from embgeo.cli.text import token_text
from embgeo.results.unembed import Unembedded


def table(answer: Unembedded) -> RenderableType:
    """Logits and shares, then the entropy of all."""
    head = title(answer, answer.query.text, answer.unembedding, f"T = {answer.temperature:g}")
    return Group(head, likely(answer.results), Text(f"\n{_entropy(answer)}", "dim"))


def outline(answer: Unembedded) -> Outline:
    """The same, to show next to other models'."""
    rows = [
        (str(one.rank), (token_text(one.text), f"{one.logit:z.4f}", f"{one.probability:.4%}")) for one in answer.results
    ]
    columns = (("token", "left"), ("logit", "right"), ("share", "right"))
    listed = Sheet("#", columns, rows, [_entropy(answer)], "results")
    return Outline(answer.query.text, [f"T = {answer.temperature:g}"], [listed])


def _entropy(answer: Unembedded) -> str:
    return f"entropy {answer.entropy:z.4f} nats of all tokens"
