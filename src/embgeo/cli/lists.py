"""Ranked tokens as a table; every list is laid out here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import bar, ordinal
from embgeo.cli.outline import Sheet
from embgeo.cli.text import token_text

if TYPE_CHECKING:
    from embgeo.results.between import Between
    from embgeo.results.direction import DirectionScores
    from embgeo.results.neighbors import ExcludedToken, Neighbor, Neighbors
    from embgeo.results.unembed import LikelyToken


def ranked(tokens: Iterable[Neighbor], score: str) -> RenderableType:
    """Tokens in order, with scores, ids and the number of other spellings."""
    table = columns(("#", "right"), ("token", "left"), (score, "right"), ("id", "right"), ("spellings", "left"), keys=2)
    for token in tokens:
        also = f"+{token.variants}" if token.variants else ""
        table.add_row(str(token.rank), Text(token_text(token.text), "bold"), f"{token.score:z.4f}", str(token.id), also)
    return table if table.rows else Text("nothing to show")


def likely(tokens: Iterable[LikelyToken]) -> RenderableType:
    """Tokens from the likeliest on, with logits and shares."""
    table = columns(
        ("#", "right"), ("token", "left"), ("logit", "right"), ("share", "right"), ("id", "right"), ("", "bar"), keys=2
    )
    for token in tokens:
        drawn = bar(token.probability, 1.0).partition("│")[2]
        shown = Text(token_text(token.text), "bold")
        table.add_row(
            str(token.rank), shown, f"{token.logit:z.4f}", f"{token.probability:.4%}", str(token.id), drawn
        )  # fmt: skip
    return table


def whole_words(answer: Neighbors | DirectionScores | Between) -> list[str]:
    """For a title: that a list leaves out parts of longer words."""
    return ["no pieces"] if answer.pieces is False else []


def sheet(tokens: Iterable[Neighbor], score: str, said: Sequence[str]) -> Sheet:
    """Tokens in order with their scores, to show next to those of other models."""
    rows = [(str(token.rank), (token_text(token.text), f"{token.score:z.4f}")) for token in tokens]
    return Sheet("#", (("token", "left"), (score, "right")), rows, said, "results")


def excluded(tokens: tuple[ExcludedToken, ...]) -> list[RenderableType]:
    """The excluded inputs with the ranks that they would have had."""
    return [Text(f"\n{line}", "dim") for line in left_out(tokens)]


def left_out(tokens: tuple[ExcludedToken, ...]) -> list[str]:
    """A sentence on the excluded inputs, if there are any."""
    if not tokens:
        return []
    places = ", ".join(f"{token_text(t.text)} {t.score:z.4f} would be {ordinal(t.rank or 0)}" for t in tokens)
    return [f"left out: {places}"]
