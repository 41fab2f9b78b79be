"""`embgeo map`.

Typer reads the annotations, so they are not deferred here.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from embgeo.cli import options as o
from embgeo.cli.app import SPACE
from embgeo.cli.command import command
from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace

MOST: Final = 2  # maps on a page
Out = Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="The page to write.")]
Layout = Annotated[
    str,
    typer.Option("--layout", metavar="NAME", help="tsne, pca, umap, or two directions: 'woman - man,cats - cat'."),
]
TopRows = Annotated[
    int | None, typer.Option("--top", metavar="N", help="Only the first N tokens; vocabularies begin with the common.")
]
Color = Annotated[str | None, typer.Option("--color", metavar="EXPR", help="Color by the dot product: 'cats - cat'.")]
Pairs = Annotated[str | None, typer.Option("--pairs", metavar="FILE", help="Draw pairs as arrows, one a line.")]
Groups = Annotated[
    str | None, typer.Option("--groups", metavar="FILE", help="Color groups of words, one 'animals: cat dog' a line.")
]  # fmt: skip
Live = Annotated[
    Literal["float16", "int8"] | None,
    typer.Option("--live", help="Put the matrix into the page, which then computes 'king - man + woman'."),
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
    """The whole vocabulary on one page that opens anywhere."""
    from embgeo.cli.output import check_output

    check_output(out, force=force)
    if len(each) > MOST:
        raise UsageError(f"a page can't hold {len(each)} maps", "Give -m twice, or once with --control.")
    first, *others = (
        space.map(
            layout=layout, words=words, top=top, color=color, pairs=pairs or (), groups=groups, live=live,
            multi=multi, report=report,
        ) for space in each
    )  # fmt: skip
    return (first.beside(*others) if others else first).save(out, force=force)
