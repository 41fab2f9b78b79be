"""`embgeo plot`."""

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from embgeo.cli import compared as c
from embgeo.cli import options as o
from embgeo.cli.app import PICTURES, CommandGroup, app, help_alone
from embgeo.cli.command import Ask, command
from embgeo.cli.forms import Drawing, picture_target
from embgeo.cli.parsing import Combinations, GreedyCommand
from embgeo.cli.terms import ALL, all_pairs, all_terms, query_count, scored_words

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace

# How a picture is written: every subcommand has these, after its own options.
PICTURE: Final = {
    "output": (o.PictureFile, None), "force": (o.Force, False), "scale": (o.Scale, 2.0), "width": (o.Width, None),
}  # fmt: skip
group = typer.Typer(
    cls=CommandGroup, rich_markup_mode=None, help="Draw answers as figures: SVG, PNG, HTML, or in the terminal."
)
app.add_typer(group, name="plot", epilog="Example: embgeo plot pairs man:woman king:queen", rich_help_panel=PICTURES)
group.callback(invoke_without_command=True)(help_alone)


def drawing(example: str, goes_with: Combinations | None = None, **options: Any) -> Callable[[Ask], Ask]:
    """Register a function as a subcommand whose answer is drawn; options as in `command`."""
    needed = {**(goes_with or {}), "scale": ("output",), "width": ("output",)}

    def register(ask: Ask) -> Ask:
        @functools.wraps(ask)
        def run(*, output: str | None, force: bool, scale: float, width: int | None, **given: Any) -> Drawing:
            place = picture_target(output, force=force, scale=scale, width=width)
            return Drawing(ask(**given), place)

        kind = inspect.Parameter.KEYWORD_ONLY
        more = [
            inspect.Parameter(name, kind, default=value, annotation=hint) for name, (hint, value) in PICTURE.items()
        ]
        own = [parameter.replace(kind=kind) for parameter in inspect.signature(ask).parameters.values()]
        run.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]  # what `command` reads
        command(example, on=group, goes_with=needed, **options)(run)
        return ask

    return register


Pairs = Annotated[list[str] | None, typer.Argument(metavar="[A:B...]", help="man:woman king:queen; arrows from A to B")]
Axes = Annotated[
    str, typer.Option("--axes", metavar="AXES", help="pairs (their mean as the x axis), pca, or EXPR,EXPR.")
]  # fmt: skip


@drawing("embgeo plot pairs man:woman king:queen uncle:aunt -o pairs.svg", name="pairs", peekable=True)
def plot_pairs(
    space: "EmbeddingSpace",
    words: Pairs = None,
    pairs: o.PairFile = None,
    axes: Axes = "pairs",
    seed: o.Seed = 0,
    multi: o.Multi = "mean",
) -> Any:
    """Pairs of words as arrows in a plane."""
    return space.plot_pairs(*all_pairs(words, pairs), axes=axes, seed=seed, multi=multi)


@drawing("embgeo plot direction cats cat --score one two three -o numbers.svg", name="direction", cls=GreedyCommand)
def plot_direction(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="[A]", help="cats; alone also 'cats - cat' or a saved one, @FILE")] = "",
    b: Annotated[str, typer.Argument(metavar="[B]", help="cat")] = "",
    pair: o.Pair = None,
    pairs: o.PairFile = None,
    unit: o.Unit = False,
    score: o.Scores = None,
    score_from: o.ScoreFrom = None,
    seed: o.Seed = 0,
    multi: o.Multi = "mean",
) -> Any:
    """Words along a direction, in front of the whole vocabulary."""
    found = space.direction(a, b, pairs=all_pairs(pair, pairs), unit=unit, multi=multi)
    return space.plot_direction(found, *scored_words(space, score, score_from), seed=seed)


@drawing(
    "embgeo plot similarity cat dog red blue -o similarity.svg", name="similarity", peekable=True,
    goes_with={"cut": ("texts",)}, excludes={"texts": ("multi",)},
)  # fmt: skip
def plot_similarity(
    space: "EmbeddingSpace",
    report: "Report",
    terms: o.Terms = None,
    terms_from: o.TermsFrom = None,
    metric: o.Similarity = "cosine",
    multi: o.Multi = "mean",
    texts: o.WholeTexts = False,
    cut: o.Cut = False,
) -> Any:
    """The similarity of every word with every other, as a heat map."""
    chosen = all_terms(terms, terms_from, "embgeo plot similarity cat dog red blue")
    return space.plot_similarity(*chosen, metric=metric, multi=multi, texts=texts, cut=cut, report=report)


@drawing("embgeo plot cluster cat dog red blue one two -o groups.svg", name="cluster")
def plot_cluster(
    space: "EmbeddingSpace",
    terms: o.Terms = None,
    terms_from: o.TermsFrom = None,
    groups: o.Groups = None,
    multi: o.Multi = "mean",
) -> Any:
    """Words in groups: the tree of merges next to the heat map."""
    chosen = all_terms(terms, terms_from, "embgeo plot cluster cat dog red blue")
    return space.plot_cluster(*chosen, groups=groups, multi=multi)


@drawing("embgeo plot neighbors cat -k 8 --words -o cat.svg", name="neighbors")
def plot_neighbors(
    space: "EmbeddingSpace",
    term: o.Term,
    top: o.Top = 8,
    raw: o.Raw = False,
    words: o.Words = False,
    pieces: o.Pieces = False,
    multi: o.Multi = "mean",
) -> Any:
    """A graph of a word's neighbors and their neighbors."""
    return space.plot_neighbors(term, top, raw=raw, words=words, pieces=pieces, multi=multi)


@drawing("embgeo plot space -o space.svg", name="space")
def plot_space(
    space: "EmbeddingSpace",
    report: "Report",
    samples: Annotated[int, typer.Option("--samples", metavar="N", help="Random pairs, for the cosines.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the random samples.")] = 0,
) -> Any:
    """Lengths, spectrum, and cosines against random directions."""
    return space.plot_space(samples=samples, seed=seed, report=report)


@drawing("embgeo plot positions -o helix.svg", name="positions")
def plot_positions(
    report: "Report",
    model: o.Model = None,
    revision: o.Revision = None,
) -> Any:
    """The position embedding: its curve, and cosines by distance."""
    from embgeo.cli.spaces import load

    return load(model, revision=revision, side="position", report=report).plot_positions(report)


@drawing(
    'embgeo plot context "the bank of the river" "money in the bank" --word bank -o bank.svg', name="context",
    refused=o.NO_LAYERS,
)  # fmt: skip
def plot_context(
    space: "EmbeddingSpace",
    report: "Report",
    texts: o.Texts,
    word: o.WordInTexts,
    at: o.Occurrence = None,
    layers: o.Layers = None,
    precision: o.Precision = "float64",
    special: o.Special = True,
    cut: o.Cut = False,
) -> Any:
    """A word's path through the layers: how alike its occurrences are."""
    return space.plot_context(
        texts, word, at=at, layers=layers, precision=precision, special=special, cut=cut, report=report
    )


@drawing("embgeo plot compare minilm minilm --transform none --transform center -o compare.svg", name="compare")
def plot_compare(
    report: "Report",
    first: c.First,
    second: c.Second,
    terms: c.Words = None,
    nearest: c.Nearest = 10,
    words: o.Words = False,
    bands: c.Bands = 20,
    queries: c.Queries = ALL,
    held_out: c.HeldOut = 2000,
    seed: c.Seed = 0,
    revision: c.Revisions = None,
    side: c.Sides = None,
    tensor: c.Tensors = None,
    layer: c.Layers = None,
    transforms: c.Transforms = None,
    limit: o.Limit = None,
    case: c.Case = "fold",
) -> Any:
    """Two spaces compared: overlap by band, words in common, and what moved."""
    number = query_count(queries)
    one, other = c.both(first, second, revision, side, tensor, transforms, layer, limit=limit, report=report)
    return one.plot_compare(
        other, *(terms or ()), k=nearest, words=words, bands=bands, queries=number, held_out=held_out, seed=seed,
        case=case, report=report,
    )  # fmt: skip
