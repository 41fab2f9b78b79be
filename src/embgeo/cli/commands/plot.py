"""`embgeo plot`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from embgeo.cli import options as o
from embgeo.cli.app import PICTURES, CommandGroup, app, help_alone
from embgeo.cli.command import command
from embgeo.cli.drawn import Drawing, target
from embgeo.cli.parsing import GreedyCommand
from embgeo.cli.terms import all_terms

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace

SHARP: Final = 2.0  # pixels of a PNG for each of the SVG
group = typer.Typer(
    cls=CommandGroup, rich_markup_mode=None, help="Draw answers as figures: SVG, PNG, HTML, or in the terminal."
)
app.add_typer(group, name="plot", epilog="Example: embgeo plot pairs man:woman king:queen", rich_help_panel=PICTURES)
group.callback(invoke_without_command=True)(help_alone)

Pairs = Annotated[list[str] | None, typer.Argument(metavar="[A:B...]", help="man:woman king:queen; arrows from A to B")]
PairFile = Annotated[
    str | None, typer.Option("--pairs", metavar="FILE", help="A file of pairs, one A:B a line; - is standard input.")
]
Axes = Annotated[
    str, typer.Option("--axes", metavar="AXES", help="pairs (their mean across), pca, or EXPR,EXPR.")
]  # fmt: skip
Pair = Annotated[list[str] | None, typer.Option("--pair", metavar="A:B", help="One more pair; may be repeated.")]


@command("embgeo plot pairs man:woman king:queen uncle:aunt -o pairs.svg", on=group, name="pairs", peekable=True)
def plot_pairs(
    space: "EmbeddingSpace",
    words: Pairs = None,
    pairs: PairFile = None,
    axes: Axes = "pairs",
    seed: o.Seed = 0,
    multi: o.Multi = "mean",
    output: o.PictureFile = None,
    force: o.Force = False,
    scale: o.Scale = SHARP,
    width: o.Width = None,
) -> Any:
    """Pairs of words as arrows in a plane."""
    place = target(output, force=force, scale=scale, width=width)
    return Drawing(space.plot_pairs(*_pairs(words, pairs), axes=axes, seed=seed, multi=multi), place)


@command(
    "embgeo plot direction cats cat --score one two three -o numbers.svg", on=group, name="direction", cls=GreedyCommand
)
def plot_direction(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="[A]", help="cats; alone also 'cats - cat' or @FILE, a saved one")] = "",
    b: Annotated[str, typer.Argument(metavar="[B]", help="cat")] = "",
    pair: Pair = None,
    pairs: PairFile = None,
    unit: o.Unit = False,
    score: o.Scores = None,
    score_from: o.ScoreFrom = None,
    seed: o.Seed = 0,
    multi: o.Multi = "mean",
    output: o.PictureFile = None,
    force: o.Force = False,
    scale: o.Scale = SHARP,
    width: o.Width = None,
) -> Any:
    """Words along a direction, in front of the whole vocabulary."""
    from embgeo.cli.commands.direction import scored_words

    place = target(output, force=force, scale=scale, width=width)
    found = space.direction(a, b, pairs=_pairs(pair, pairs), unit=unit, multi=multi)
    return Drawing(space.plot_direction(found, *scored_words(space, score, score_from), seed=seed), place)


@command("embgeo plot similarity cat dog red blue -o similarity.svg", on=group, name="similarity", peekable=True)
def plot_similarity(
    space: "EmbeddingSpace",
    terms: o.Terms = None,
    terms_from: o.TermsFrom = None,
    metric: Annotated[o.SimilarityName, typer.Option("--metric", help="What is compared.")] = "cosine",
    multi: o.Multi = "mean",
    output: o.PictureFile = None,
    force: o.Force = False,
    scale: o.Scale = SHARP,
    width: o.Width = None,
) -> Any:
    """The similarity of every word with every other, as a heat map."""
    place = target(output, force=force, scale=scale, width=width)
    chosen = all_terms(terms, terms_from, "embgeo plot similarity cat dog red blue")
    return Drawing(space.plot_similarity(*chosen, metric=metric, multi=multi), place)


@command("embgeo plot cluster cat dog red blue one two -o groups.svg", on=group, name="cluster")
def plot_cluster(
    space: "EmbeddingSpace",
    terms: o.Terms = None,
    terms_from: o.TermsFrom = None,
    groups: Annotated[
        int | None, typer.Option("-n", "--groups", metavar="N", help="How many. [default: cut at the widest gap]")
    ] = None,
    multi: o.Multi = "mean",
    output: o.PictureFile = None,
    force: o.Force = False,
    scale: o.Scale = SHARP,
    width: o.Width = None,
) -> Any:
    """Words in groups: the tree of merges beside the heat map."""
    place = target(output, force=force, scale=scale, width=width)
    chosen = all_terms(terms, terms_from, "embgeo plot cluster cat dog red blue")
    return Drawing(space.plot_cluster(*chosen, groups=groups, multi=multi), place)


@command("embgeo plot neighbors cat -k 8 --words -o cat.svg", on=group, name="neighbors")
def plot_neighbors(
    space: "EmbeddingSpace",
    term: o.Term,
    top: o.Top = 8,
    raw: o.Raw = False,
    words: o.Words = False,
    pieces: o.Pieces = False,
    multi: o.Multi = "mean",
    output: o.PictureFile = None,
    force: o.Force = False,
    scale: o.Scale = SHARP,
    width: o.Width = None,
) -> Any:
    """A graph of a word's neighbors and their neighbors."""
    place = target(output, force=force, scale=scale, width=width)
    return Drawing(space.plot_neighbors(term, top, raw=raw, words=words, pieces=pieces, multi=multi), place)


@command("embgeo plot space -o space.svg", on=group, name="space")
def plot_space(
    space: "EmbeddingSpace",
    report: "Report",
    samples: Annotated[int, typer.Option("--samples", metavar="N", help="Random pairs, for the cosines.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the random samples.")] = 0,
    output: o.PictureFile = None,
    force: o.Force = False,
    scale: o.Scale = SHARP,
    width: o.Width = None,
) -> Any:
    """Lengths, spectrum, and cosines against random directions."""
    place = target(output, force=force, scale=scale, width=width)
    return Drawing(space.plot_space(samples=samples, seed=seed, report=report), place)


@command("embgeo plot positions -o helix.svg", on=group, name="positions")
def plot_positions(
    report: "Report",
    model: o.Model = None,
    revision: o.Revision = None,
    output: o.PictureFile = None,
    force: o.Force = False,
    scale: o.Scale = SHARP,
    width: o.Width = None,
) -> Any:
    """The position embedding: its curve, and cosines by distance."""
    from embgeo.space import load

    place = target(output, force=force, scale=scale, width=width)
    return Drawing(load(model, revision=revision, side="position", report=report).plot_positions(report), place)


def _pairs(typed: list[str] | None, file: str | None) -> list[tuple[str, str]]:
    from embgeo.formats.pairs import parse_pair, read_pairs

    return [*map(parse_pair, typed or ()), *(read_pairs(file) if file else ())]
