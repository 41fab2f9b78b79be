"""`embgeo map`."""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from embgeo.cli import options as o
from embgeo.cli.app import SPACE
from embgeo.cli.command import command
from embgeo.cli.output import check_output
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace

MAX_MAPS: Final = 2  # maps on a page
Out = Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="The page to write.")]
Layout = Annotated[
    str,
    typer.Option("--layout", metavar="NAME", help="tsne, pca, umap, or two directions: 'woman - man,cats - cat'."),
]
TopRows = Annotated[
    int | None, typer.Option("--top", metavar="N", help="Only the first N tokens, which tend to be the most common.")
]
Color = Annotated[str | None, typer.Option("--color", metavar="EXPR", help="Color by the dot product: 'cats - cat'.")]
Pairs = Annotated[str | None, typer.Option("--pairs", metavar="FILE", help="A file of pairs to draw as arrows.")]
Groups = Annotated[
    str | None, typer.Option("--groups", metavar="FILE", help="A file of groups to color: 'animals: cat dog' per line.")
]  # fmt: skip
Live = Annotated[
    Literal["float16", "int8"] | None,
    typer.Option("--live", help="Put the matrix into the page, which can then compute 'king - man + woman'."),
]


@command("embgeo map -o map.html -m minilm; embgeo map -m gpt2 -m minilm", name="map", panel=SPACE)
def map_page(
    each: "list[EmbeddingSpace]",
    report: "Report",
    out: Out = "map.html",
    layout: Layout = "tsne",
    words: o.Words = False,
    top: TopRows = None,
    color: Color = None,
    pairs: Pairs = None,
    groups: Groups = None,
    live: Live = None,
    force: o.Force = False,
    multi: o.Multi = "mean",
) -> Any:
    """A map of the whole vocabulary, as one page that opens anywhere."""
    check_output(out, force=force)
    if len(each) > MAX_MAPS:
        raise UsageError(f"a page can't hold {len(each)} maps", "Name two models, or one with --control.")
    first, *others = (
        space.map(
            layout=layout, words=words, top=top, color=color, pairs=pairs or (), groups=groups, live=live,
            multi=multi, report=report,
        ) for space in each
    )  # fmt: skip
    return (first.beside(*others) if others else first).save(out, force=force)
