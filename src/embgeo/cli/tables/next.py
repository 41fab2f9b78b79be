"""The next tokens as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import title
from embgeo.cli.lists import likely
from embgeo.cli.text import token_text, visible
from embgeo.results.next import FilledMask, Next
from embgeo.results.unembed import LikelyToken

SHOWN_TOKENS = 3  # tokens of a layer or a step


def table(answer: Next) -> RenderableType:
    """Logits and shares; then the lens and the continuation, if they were asked for."""
    parts: list[RenderableType] = [title(answer, answer.text, answer.precision, f"T = {answer.temperature:g}")]
    lists: tuple[Next | FilledMask, ...] = answer.masks or (answer,)
    for number, mask in enumerate(lists, 1):
        parts += [*([Text()] if number > 1 else []), Text(f"mask {number}", "bold")] if len(lists) > 1 else []
        parts += [likely(mask.results), Text(f"\nentropy of all tokens: {mask.entropy:z.4f} nats", "dim")]
    if answer.lens:
        parts += [Text(), *([Text("lens of mask 1", "bold")] if len(lists) > 1 else []), _lens(answer)]
        parts.append(Text("\nentropy and divergence from the last layer (Kullback-Leibler) in nats", "dim"))
    if answer.steps:
        parts += [Text(), _steps(answer), Text(), Text(visible(answer.continued), "bold")]
        parts += [Text("the last token ends the text", "dim")] if answer.ended else []
    if answer.masks:
        parts += [Text(), Text(visible(answer.continued), "bold")]
    return Group(*parts)


def _lens(answer: Next) -> RenderableType:
    table = columns(("layer", "right"), ("entropy", "right"), ("divergence", "right"), ("likeliest", "left"))
    for layer in answer.lens:
        table.add_row(str(layer.layer), f"{layer.entropy:z.3f}", f"{layer.divergence:z.3f}", _few(layer.results))
    return table


def _steps(answer: Next) -> RenderableType:
    table = columns(("step", "right"), ("token", "left"), ("share", "right"), ("likeliest", "left"))
    for number, step in enumerate(answer.steps, 1):
        taken = Text(token_text(step.token.text), "bold")
        table.add_row(str(number), taken, f"{step.probability:.2%}", _few(step.results))
    return table


def _few(results: tuple[LikelyToken, ...]) -> str:
    return ", ".join(f"{token_text(token.text)} {token.probability:.1%}" for token in results[:SHOWN_TOKENS])
