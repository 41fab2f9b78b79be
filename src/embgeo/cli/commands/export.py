"""The command that writes rows to files."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import app
from embgeo.cli.command import transforming

if TYPE_CHECKING:
    from embgeo.progress import Report

To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="FORMAT",
        help="safetensors, npy, word2vec, word2vec-binary or projector. [default: as OUT ends, "
        ".safetensors, .npy, .txt, .vec or .bin]",
    ),
]  # fmt: skip
From = Annotated[str | None, typer.Option("--words-from", metavar="FILE", help="Words to write, one a line.")]
Dtype = Annotated[str | None, typer.Option("--dtype", metavar="DTYPE", help="F32, F16, BF16. [default: the matrix's]")]


@app.command(epilog="Example: embgeo export words.bin --words -m minilm")
@transforming
def export(
    report: "Report",
    transform: str | None,
    out: Annotated[str, typer.Argument(metavar="OUT", help="the file to write; for projector a folder")],
    terms: Annotated[list[str] | None, typer.Argument(metavar="[TERM]...", help="all rows, unless given")] = None,
    words_from: From = None,
    to: To = None,
    dtype: Dtype = None,
    words: o.Words = False,
    unit: Annotated[bool, typer.Option("--unit", help="Make every row's length 1.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over files that exist.")] = False,
    multi: o.Multi = "mean",
    model: o.Model = None,
    revision: o.Revision = None,
    side: o.Side = "input",
    tensor: o.Tensor = None,
    file_format: o.FileFormat = None,
) -> Any:
    """Write the matrix, or some words' rows, to a file."""
    from pathlib import Path

    from embgeo.questions.export import read_terms
    from embgeo.space import load

    chosen = [*(terms or ()), *(read_terms(Path(words_from)) if words_from else ())]
    space = load(
        model, revision=revision, side=side, tensor=tensor, file_format=file_format, transform=transform, report=report
    )
    return space.export(
        out, *chosen, to=to, dtype=dtype, words=words, unit=unit, force=force, multi=multi, report=report
    )
