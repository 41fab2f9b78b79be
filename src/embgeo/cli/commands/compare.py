"""`embgeo compare`.

Typer reads the annotations, so they are not deferred here.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from embgeo.cli import options as o
from embgeo.cli.app import SPACE
from embgeo.cli.command import command
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace

ALL: Final = "all"
First = Annotated[str, typer.Argument(metavar="A", help="gpt2, org/name, ...", autocompletion=o.complete_model)]
Second = Annotated[
    str, typer.Argument(metavar="B", help="another model, or A again", autocompletion=o.complete_model)
]  # fmt: skip
Words = Annotated[list[str] | None, typer.Argument(metavar="[WORD...]", help="show their two lists")]
Nearest = Annotated[int, typer.Option("-k", metavar="N", help="Nearest words of each word that are compared.")]
Top = Annotated[int, typer.Option("--top", metavar="N", help="How many words to show in each list.")]
Bands = Annotated[int, typer.Option("--bands", metavar="N", help="Bands of ids or counts, of equally many words.")]
Counts = Annotated[
    str | None, typer.Option("--counts", metavar="FILE", help="A word and its count a line: bands by frequency too.")
]
Queries = Annotated[str, typer.Option("--queries", metavar="N|all", help="Random words whose lists are compared.")]
HeldOut = Annotated[
    int, typer.Option("--held-out", metavar="N", help="Words the rotation is judged on, a fifth at most.")
]
Save = Annotated[str | None, typer.Option("--map", metavar="FILE", help="Save the rotation to a safetensors file.")]
Moved = Annotated[bool, typer.Option("--moved", help="Instead: which rows changed, as after fine-tuning, and how far.")]
TWICE: Final = "once for both, or for A and then for B."
Revisions = Annotated[
    list[str] | None, typer.Option("--revision", metavar="REV", help=f"Branch, tag or commit on the Hub: {TWICE}")
]
Sides = Annotated[
    list[str] | None,
    typer.Option(
        "--side", metavar="NAME", help=f"The embedding (input), the unembedding (output) or the positions: {TWICE}"
    ),
]
Tensors = Annotated[
    list[str] | None, typer.Option("--tensor", metavar="NAME", help=f"A matrix of the model by its own name: {TWICE}")
]
Transforms = Annotated[
    list[str] | None, typer.Option("--transform", metavar="NAME", help=f"none, {o.TRANSFORMS}: {TWICE}")
]
Case = Annotated[o.CaseName, typer.Option("--case", help="Match words in other capitals too, or don't.")]


@command("embgeo compare minilm minilm --transform none --transform center cat", panel=SPACE)
def compare(
    report: "Report",
    first: First,
    second: Second,
    terms: Words = None,
    nearest: Nearest = 10,
    top: Top = 5,
    words: o.Words = False,
    moved: Moved = False,
    bands: Bands = 10,
    counts: Counts = None,
    queries: Queries = ALL,
    held_out: HeldOut = 2000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the random choices.")] = 0,
    save: Save = None,
    force: o.Force = False,
    revision: Revisions = None,
    side: Sides = None,
    tensor: Tensors = None,
    transforms: Transforms = None,
    limit: o.Limit = None,
    case: Case = "fold",
) -> Any:
    """How alike two spaces are, over the words that they share."""
    if queries != ALL and not (queries.isascii() and queries.isdigit()):
        raise UsageError(f"'{queries}' is not a number of queries", f"Give a whole number from 1, or {ALL}.")
    if save:
        from embgeo.cli.output import check_output

        check_output(Path(save), force=force)
    each = [
        _both("revision", revision), _both("side", side or ["input"]), _both("tensor", tensor),
        _both("transform", transforms),
    ]  # fmt: skip
    one, other = (
        _opened(name, *chosen, limit=limit, report=report)
        for name, chosen in zip((first, second), zip(*each, strict=True), strict=True)
    )
    if moved:
        return _rows(one, other, top, terms, save, words=words, case=case, report=report)
    return one.compare(
        other, *(terms or ()), k=nearest, top=top, words=words, bands=bands, counts=counts,
        queries=None if queries == ALL else int(queries), held_out=held_out, seed=seed, case=case, map_file=save,
        force=force, report=report,
    )  # fmt: skip


def _rows(
    first: "EmbeddingSpace", second: "EmbeddingSpace", top: int, terms: list[str] | None, save: str | None,
    **options: Any,
) -> Any:  # fmt: skip
    if terms or save:
        raise UsageError("--moved compares rows as they are", "Leave out the words and --map.")
    return first.compare_rows(second, top, **options)


def _both(name: str, given: list[Any] | None) -> tuple[Any, Any]:
    """An option's values for A and for B.

    Raises:
        UsageError: there are more than two.
    """
    values = given or [None]
    if len(values) > 2:
        raise UsageError(f"--{name} {len(values)} times, for two models", f"Give --{name} {TWICE}")
    return values[0], values[-1]


def _opened(
    name: str, revision: str | None, side: str, tensor: str | None, transform: str | None, *, limit: int | None,
    report: "Report",
) -> "EmbeddingSpace":  # fmt: skip
    from embgeo.numerics.names import parse
    from embgeo.space import load

    how = None if transform in (None, "none") else parse(str(transform)).name
    return load(name, revision=revision, side=side, tensor=tensor, transform=how, limit=limit, report=report)
