"""The options shared by commands that compare two models, and how the two are opened.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from embgeo.cli import options as o
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace

First = Annotated[str, typer.Argument(metavar="A", help="gpt2, org/name, ...", autocompletion=o.complete_model)]
Second = Annotated[
    str, typer.Argument(metavar="B", help="another model, or A again", autocompletion=o.complete_model)
]  # fmt: skip
Words = Annotated[list[str] | None, typer.Argument(metavar="[WORD...]", help="words to show both lists of")]
Nearest = Annotated[int, typer.Option("-k", metavar="N", help="How many nearest words of each word to compare.")]
BANDS: Final = "Number of bands of ids or counts, with equally many words in each."
Bands = Annotated[int, typer.Option("--bands", metavar="N", help=BANDS)]
Queries = Annotated[
    str, typer.Option("--queries", metavar="N|all", help="How many random words to compare the lists of.")
]
HeldOut = Annotated[
    int, typer.Option("--held-out", metavar="N", help="Words to test the rotation on, at most a fifth.")
]
ONCE_OR_TWICE: Final = "once for both, or for A and then for B."
Revisions = Annotated[
    list[str] | None,
    typer.Option("--revision", metavar="REV", help=f"Branch, tag or commit on the Hub: {ONCE_OR_TWICE}"),
]
Sides = Annotated[
    list[str] | None,
    typer.Option(
        "--side",
        metavar="NAME",
        help=f"The embedding (input), the unembedding (output) or the positions: {ONCE_OR_TWICE}",
    ),
]
Tensors = Annotated[
    list[str] | None,
    typer.Option("--tensor", metavar="NAME", help=f"A matrix of the model by its own name: {ONCE_OR_TWICE}"),
]
Layers = Annotated[
    list[int] | None,
    typer.Option("--layer", metavar="N", help=f"Whole words, each run alone, at this layer, from 0: {ONCE_OR_TWICE}"),
]
Transforms = Annotated[
    list[str] | None, typer.Option("--transform", metavar="NAME", help=f"none, {o.TRANSFORMS}: {ONCE_OR_TWICE}")
]
Case = Annotated[
    o.CaseName, typer.Option("--case", help="Match words that differ only in case (fold), or don't (exact).")
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the random choices.")]


def both(
    first: str, second: str, revision: list[str] | None, side: list[str] | None, tensor: list[str] | None,
    transforms: list[str] | None, layer: list[int] | None, *, limit: int | None, report: "Report",
) -> "tuple[EmbeddingSpace, EmbeddingSpace]":  # fmt: skip
    """Open the two models, with what each option gives to A and to B."""
    each = [
        _both("revision", revision), _both("side", side or ["input"]), _both("tensor", tensor),
        _both("transform", transforms), _both("layer", layer),
    ]  # fmt: skip
    one, other = (
        _opened(name, *chosen, limit=limit, report=report)
        for name, chosen in zip((first, second), zip(*each, strict=True), strict=True)
    )
    return one, other


def _both(name: str, given: list[Any] | None) -> tuple[Any, Any]:
    """An option's values for A and for B.

    Raises:
        UsageError: there are more than two.
    """
    values = given or [None]
    if len(values) > 2:
        raise UsageError(f"--{name} {len(values)} times, for two models", f"Give --{name} {ONCE_OR_TWICE}")
    return values[0], values[-1]


def _opened(
    name: str, revision: str | None, side: str, tensor: str | None, transform: str | None, layer: int | None, *,
    limit: int | None,
    report: "Report",
) -> "EmbeddingSpace":  # fmt: skip
    from embgeo.cli.spaces import load
    from embgeo.numerics.names import parse_transform

    how = None if transform in (None, "none") else parse_transform(str(transform)).name
    space = load(name, revision=revision, side=side, tensor=tensor, transform=how, limit=limit, report=report)
    return space if layer is None else space.words_at_layer(layer, report=report)
