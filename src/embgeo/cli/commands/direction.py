"""`embgeo direction`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import DIRECTIONS
from embgeo.cli.command import command
from embgeo.cli.forms import Drawing, plot_target
from embgeo.cli.output import check_output
from embgeo.cli.parsing import GreedyCommand
from embgeo.cli.terms import all_pairs, scored_words
from embgeo.errors import Report

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace

Method = Annotated[
    o.LearningMethodName,
    typer.Option(
        "--method", help="Mean difference, principal components of the centered pairs, or unit difference of the sums."
    ),
]
Components = Annotated[int, typer.Option("--components", metavar="N", help="Learn a subspace of N axes (pca).")]
Evidence = Annotated[
    bool, typer.Option("--evidence", help="Percentiles and evidence, even for one pair or a saved direction.")
]
Test = Annotated[
    str | None, typer.Option("--test", metavar="FILE", help="A file of held-out pairs to test the direction on.")
]
Permutations = Annotated[int, typer.Option("--permutations", metavar="N", help="Random sign flips in the baseline.")]
Save = Annotated[str | None, typer.Option("--save", metavar="FILE", help="Save it to a safetensors file.")]
LISTED = ("top", "raw", "words", "pieces")


@command(
    "embgeo direction cats cat --score one two three", panel=DIRECTIONS, cls=GreedyCommand, peekable=True, several=True,
    goes_with={"sort": ("score", "score_from")},
    excludes={
        "score": LISTED, "score_from": LISTED, "plot": ("save", "test", "evidence", "permutations", "sort")
    },
)  # fmt: skip
def direction(
    space: "EmbeddingSpace",
    report: Report,
    a: Annotated[str, typer.Argument(metavar="[A]", help="cats; alone also 'cats - cat' or a saved one, @FILE")] = "",
    b: Annotated[str, typer.Argument(metavar="[B]", help="cat")] = "",
    pair: o.Pair = None,
    pairs: o.PairFile = None,
    method: Method = "mean",
    components: Components = 1,
    unit: o.Unit = False,
    score: o.Scores = None,
    score_from: o.ScoreFrom = None,
    sort: o.Sort = False,
    test: Test = None,
    evidence: Evidence = False,
    permutations: Permutations = 1000,
    seed: o.Seed = 0,
    save: Save = None,
    force: o.Force = False,
    top: o.Top = 10,
    raw: o.Raw = False,
    words: o.Words = False,
    pieces: o.Pieces = False,
    multi: o.Multi = "mean",
    plot: o.Plot = None,
) -> Any:
    """The direction A - B, or of many pairs, and how words score on it."""
    check_output(save, force=force)
    place = plot_target(plot, force=force)
    found = space.direction(
        a, b, pairs=all_pairs(pair, pairs), method=method, components=components, unit=unit, multi=multi, report=report
    )
    scored = scored_words(space, score, score_from)
    if place:
        return Drawing(space.plot_direction(found, *scored, seed=seed), place)
    answer = found.score(scored) if scored else found.ends(top, raw=raw, words=words, pieces=pieces)
    if sort:
        answer = answer.by_score()
    if len(found.pairs) == 1 and method == "mean" and not (evidence or test or save):
        return answer
    if save:
        found.save(save)
    return found.with_evidence(
        answer, test=all_pairs(None, test), permutations=permutations, seed=seed, saved=save or "", report=report
    )
