"""The commands about directions and about words among themselves, and their own options.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from embgeo.cli import options as o
from embgeo.cli.app import app
from embgeo.cli.command import peekable, question
from embgeo.cli.variadic import GreedyCommand

if TYPE_CHECKING:
    from embgeo.space import EmbeddingSpace

TERM = typer.Argument(metavar="TERM", help=o.TERM_HELP)
DIRECTION = "'woman - man', any expression, or @FILE, one saved; repeat it for a subspace."
Pair = Annotated[list[str] | None, typer.Option("--pair", metavar="A:B", help="One more pair; may be repeated.")]
PairFile = Annotated[str | None, typer.Option("--pairs", metavar="FILE", help="A file of pairs, one A:B a line.")]
Learning = Annotated[
    Literal["mean", "pca", "sum"],
    typer.Option(
        "--method", help="Mean difference, principal components of the centred pairs, or unit difference of the sums."
    ),
]
Components = Annotated[int, typer.Option("--components", metavar="N", help="A subspace of so many axes (pca).")]
Show = Annotated[bool, typer.Option("--evidence", help="Percentiles and evidence for one pair or a saved one too.")]
Test = Annotated[str | None, typer.Option("--test", metavar="FILE", help="A file of pairs that it never saw.")]
Turnings = Annotated[int, typer.Option("--permutations", metavar="N", help="How often the baseline turns pairs round.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of the random baseline.")]
Save = Annotated[str | None, typer.Option("--save", metavar="FILE", help="Keep it in a safetensors file.")]
Onto = Annotated[list[str], typer.Option("--onto", metavar="DIRECTION", help=DIRECTION)]
From = Annotated[list[str], typer.Option("--from", metavar="DIRECTION", help=DIRECTION)]
Words = Annotated[list[str], typer.Argument(metavar="WORD...", help="two at least")]


@app.command(cls=GreedyCommand, epilog="Example: embgeo direction cats cat --score one two three")
@peekable
def direction(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="[A]", help="cats; alone also 'cats - cat' or @FILE, one saved")] = "",
    b: Annotated[str, typer.Argument(metavar="[B]", help="cat")] = "",
    pair: Pair = None,
    pairs: PairFile = None,
    method: Learning = "mean",
    components: Components = 1,
    score: o.Scores = None,
    test: Test = None,
    evidence: Show = False,
    permutations: Turnings = 1000,
    seed: Seed = 0,
    save: Save = None,
    force: o.Force = False,
    top: o.Top = 10,
    raw: o.Raw = False,
    words: o.Words = False,
    multi: o.Multi = "mean",
) -> Any:
    """How far words reach along A - B, or what many pairs share."""
    if save:
        from pathlib import Path

        from embgeo.cli.output import check_free

        check_free(Path(save), force=force)
    several: list[tuple[str, str]] = []
    if pair or pairs:
        from embgeo.formats.pairs import parse_pair, read_pairs

        several = [*map(parse_pair, pair or ()), *(read_pairs(pairs) if pairs else ())]
    found = space.direction(a, b, pairs=several, method=method, components=components, multi=multi)
    answer = found.score(score) if score else found.ends(top, raw=raw, words=words)
    if len(found.pairs) == 1 and method == "mean" and not (evidence or test or save):
        return answer
    if save:
        found.save(save)
    return _judged(space, found, answer, test, permutations, seed, save)


@app.command(epilog='Example: embgeo project queen --onto "woman - man"')
@peekable
def project(space: "EmbeddingSpace", term: Annotated[str, TERM], onto: Onto, multi: o.Multi = "mean") -> Any:
    """The part of a vector along a direction or in a subspace."""
    return space.project(term, *onto, multi=multi)


@app.command(epilog='Example: embgeo reject queen --from "woman - man" --json')
@peekable
def reject(space: "EmbeddingSpace", term: Annotated[str, TERM], without: From, multi: o.Multi = "mean") -> Any:
    """What is left of a vector without its part along a direction."""
    return space.reject(term, *without, multi=multi)


@app.command(epilog="Example: embgeo parallel king man queen woman")
@question
def parallel(
    space: "EmbeddingSpace",
    a: Annotated[str, typer.Argument(metavar="A", help="king")],
    b: Annotated[str, typer.Argument(metavar="B", help="man")],
    c: Annotated[str, typer.Argument(metavar="C", help="queen")],
    d: Annotated[str, typer.Argument(metavar="D", help="woman")],
    samples: Annotated[int, typer.Option("--samples", metavar="N", help="Random pairs of differences.")] = 2000,
    seed: Seed = 0,
    multi: o.Multi = "mean",
) -> Any:
    """Whether A - B and C - D run in parallel, beside random words."""
    return space.parallel(a, b, c, d, samples=samples, seed=seed, multi=multi)


@app.command(epilog="Example: embgeo similarity cat dog red blue")
@peekable
def similarity(
    space: "EmbeddingSpace",
    terms: Words,
    metric: Annotated[Literal["cosine", "dot"], typer.Option("--metric", help="What is compared.")] = "cosine",
    multi: o.Multi = "mean",
) -> Any:
    """Every word against every other, as a heat map."""
    return space.similarity(*terms, metric=metric, multi=multi)


@app.command(epilog="Example: embgeo cluster cat dog red blue one two -n 3")
@question
def cluster(
    space: "EmbeddingSpace",
    terms: Words,
    groups: Annotated[
        int | None, typer.Option("-n", "--groups", metavar="N", help="How many. [default: cut at the widest gap]")
    ] = None,
    multi: o.Multi = "mean",
) -> Any:
    """Words in groups, each named by the token nearest its middle."""
    return space.cluster(*terms, groups=groups, multi=multi)


def _judged(
    space: "EmbeddingSpace", found: Any, answer: Any, test: str | None, permutations: int, seed: int, save: str | None
) -> Any:
    from embgeo.formats.pairs import read_pairs

    pairs = read_pairs(test) if test else ()
    return space.judged(found, answer, test=pairs, turnings=permutations, seed=seed, saved=save or "")
