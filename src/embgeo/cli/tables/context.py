"""A word in its texts as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import title
from embgeo.cli.text import token_text, visible
from embgeo.results.context import Context, NearState, WordInText

MAX_PAIRS = 6  # columns of cosines
CONTEXT_LENGTH = 160  # characters of a text on each side of the word
NEAR = {
    "words": "words run alone, with cosines",
    "rows": "rows of the embedding matrix, with cosines",
    "texts": "other words of these texts at the same layer, with cosines; in brackets, where their text is above",
    "lens": "the likeliest next tokens if this layer were the last",
}


def table(answer: Context) -> RenderableType:
    """The occurrences, their cosines by layer, and what each is near to by layer."""
    parts: list[RenderableType] = [title(answer, answer.word, answer.precision)]
    for number, one in enumerate(answer.occurrences, 1):
        parts.append(_occurrence(number, one))
    if len(answer.occurrences) > 1:
        parts += [Text(), _cosines(answer)]
    if answer.near != "none":
        parts += [Text(), _nearest(answer)]
        parts.append(Text(f"near: {NEAR[answer.near]}", "dim"))
    return Group(*parts)


def _occurrence(number: int, one: WordInText) -> Text:
    before, word, after = one.text[: one.start], one.text[one.start : one.stop], one.text[one.stop :]
    before = before if len(before) <= CONTEXT_LENGTH else f"…{before[-CONTEXT_LENGTH:]}"
    after = after if len(after) <= CONTEXT_LENGTH else f"{after[:CONTEXT_LENGTH]}…"
    return Text.assemble((f"{number}  ", "dim"), visible(before), (f"«{visible(word)}»", "bold"), visible(after))


def _cosines(answer: Context) -> RenderableType:
    """A line for each layer: the cosine of every two occurrences, or of each with the first if these are too many."""
    pairs, count = answer.pairs(MAX_PAIRS), len(answer.occurrences)
    names = [(f"{a + 1} and {b + 1}", "right") for a, b in pairs]
    table = columns(("layer", "right"), *names, ("unrelated", "right"))
    for layer in answer.layers:
        cosines = [f"{layer.cosines[a][b]:z.3f}" for a, b in pairs]
        table.add_row(str(layer.layer), *cosines, "-" if layer.unrelated is None else f"{layer.unrelated:z.3f}")
    left = count * (count - 1) // 2 - len(pairs)
    return Group(table, Text(f"{left:,} more pairs: --json has all of them", "dim")) if left else table


def _nearest(answer: Context) -> RenderableType:
    """A line for each layer and occurrence."""
    table = columns(("layer", "right"), ("", "right"), ("near", "left"))
    for layer in answer.layers:
        for number, nearest in enumerate(layer.nearest, 1):
            shown = ", ".join(_near(answer, near) for near in nearest)
            table.add_row(str(layer.layer) if number == 1 else "", str(number), shown)
    return table


def _near(answer: Context, near: NearState) -> str:
    if answer.near == "lens":
        return f"{token_text(near.text)} {near.score:.1%}"
    if near.in_text is None:
        shown = token_text(near.text) if answer.near == "rows" else visible(near.text)
        return f"{shown} {near.score:z.2f}"
    texts = [one.text for one in answer.occurrences]
    first = texts.index(list(dict.fromkeys(texts))[near.in_text - 1]) + 1
    return f"{visible(near.text)} ({first}) {near.score:z.2f}"
