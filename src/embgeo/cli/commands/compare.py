"""`embgeo compare`."""

import functools
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from embgeo.cli import compared as c
from embgeo.cli import options as o
from embgeo.cli.app import SPACE
from embgeo.cli.command import command
from embgeo.cli.forms import Drawing, plot_target
from embgeo.cli.output import check_output
from embgeo.cli.terms import ALL, one_or_several, query_count
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace

TABLE_BANDS: Final = 10  # bands
PLOT_BANDS: Final = 20  # as in `plot compare`
Top = Annotated[int, typer.Option("--top", metavar="N", help="How many words to show in each list.")]
Counts = Annotated[
    str | None, typer.Option("--counts", metavar="FILE", help="A file of words and counts, for bands by frequency.")
]
Save = Annotated[str | None, typer.Option("--map", metavar="FILE", help="Save the rotation to a safetensors file.")]
Control = Annotated[
    o.ControlName | None,
    typer.Option("--control", help="Also compare A with random rows, or with B's rows under other words."),
]
Bands = Annotated[
    int | None,
    typer.Option("--bands", metavar="N", help=f"{c.BANDS} [default: {TABLE_BANDS}; {PLOT_BANDS} with --plot]"),
]
Moved = Annotated[bool, typer.Option("--moved", help="Show which rows changed, as after fine-tuning, and how far.")]


@command(
    "embgeo compare minilm minilm --transform none --transform center cat", panel=SPACE,
    excludes={"moved": ("nearest", "bands", "counts", "queries", "held_out", "seed")},
)  # fmt: skip
def compare(
    report: "Report",
    first: c.First,
    second: c.Second,
    terms: c.Words = None,
    nearest: c.Nearest = 10,
    top: Top = 5,
    words: o.Words = False,
    moved: Moved = False,
    bands: Bands = None,
    counts: Counts = None,
    queries: c.Queries = ALL,
    held_out: c.HeldOut = 2000,
    seed: c.Seed = 0,
    control: Control = None,
    save: Save = None,
    plot: o.Plot = None,
    force: o.Force = False,
    revision: c.Revisions = None,
    side: c.Sides = None,
    tensor: c.Tensors = None,
    layer: c.Layers = None,
    transforms: c.Transforms = None,
    limit: o.Limit = None,
    case: c.Case = "fold",
) -> Any:
    """How alike two spaces are, over the words that they share."""
    number = query_count(queries)
    check_output(save, force=force)
    place = plot_target(plot, force=force)
    if bands is None:
        bands = PLOT_BANDS if place else TABLE_BANDS
    one, other = c.both(first, second, revision, side, tensor, transforms, layer, limit=limit, report=report)
    others = [*(terms or ()), *filter(None, (save, plot, control))]
    if moved:
        return _rows(one, other, top, others, words=words, case=case, report=report)
    if place and control:
        raise UsageError("--plot draws one comparison", "Leave out --control.")
    ask = functools.partial(
        one.compare, k=nearest, top=top, words=words, bands=bands, counts=counts, queries=number,
        held_out=held_out, seed=seed, case=case, report=report,
    )  # fmt: skip
    answer = ask(other, *(terms or ()), map_file=save, force=force)
    if control:
        return one_or_several([answer, ask(other.control(control, seed=seed), *(terms or ()))])
    return Drawing(answer, place) if place else answer


def _rows(first: "EmbeddingSpace", second: "EmbeddingSpace", top: int, others: list[str], **options: Any) -> Any:
    if others:
        raise UsageError("--moved compares rows as they are", "Omit the words, --map, --plot and --control.")
    return first.compare_rows(second, top, **options)
