"""`embgeo export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import MODELS
from embgeo.cli.command import command
from embgeo.cli.opening import CHOICE
from embgeo.errors import UsageError, any_of
from embgeo.formats.writers import DTYPES, FORMATS, SUFFIXES

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.models.choice import Choice

To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="FORMAT",
        help=f"{any_of(FORMATS)}. [default: by the suffix of OUT, {any_of(SUFFIXES)}]",
    ),
]  # fmt: skip
WordsFrom = Annotated[str | None, typer.Option("--words-from", metavar="FILE", help="Words to write, one per line.")]
Dtype = Annotated[
    str | None, typer.Option("--dtype", metavar="DTYPE", help=f"{', '.join(DTYPES)}. [default: the matrix's]")
]


@command(
    "embgeo export words.bin --words -m minilm; embgeo export notes.parquet docs/ --passages", panel=MODELS,
    goes_with={"by": ("passages",)}, excludes={"passages": ("words_from", "dtype", "words", "unit", "multi", *CHOICE)},
)  # fmt: skip
def export(
    report: "Report",
    choice: "Choice",
    transform: str | None,
    out: Annotated[str, typer.Argument(metavar="OUT", help="the file to write; for projector a folder")],
    terms: Annotated[
        list[str] | None, typer.Argument(metavar="[TERM]...", help="default: all rows; with --passages, text files")
    ] = None,
    passages: Annotated[
        bool, typer.Option("--passages", help="Passages of text files with their vectors: .parquet, .npy or .lance.")
    ] = False,
    by: o.PassageUnit = "line",
    words_from: WordsFrom = None,
    to: To = None,
    dtype: Dtype = None,
    words: o.Words = False,
    unit: Annotated[bool, typer.Option("--unit", help="Scale every row to length 1.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite existing files.")] = False,
    multi: o.Multi = "mean",
    model: o.Model = None,
    revision: o.Revision = None,
) -> Any:
    """Write the matrix, some words' rows, or passages of texts with their vectors, to a file."""
    from embgeo.questions.export import read_words
    from embgeo.space import load

    if passages:
        if transform:
            raise UsageError(f"--{transform} is not supported here", o.NO_LAYERS)
        space = load(o.sentence_model(model), revision=revision, report=report)
        return space.export_passages(out, *(terms or ()), by=by, to=to, force=force, report=report)
    chosen = [*(terms or ()), *(read_words(Path(words_from)) if words_from else ())]
    space = load(
        model, revision=revision, side=choice.side, tensor=choice.tensor, file_format=choice.file_format,
        limit=choice.limit, encoding=choice.encoding, encoding_errors=choice.encoding_errors, transform=transform,
        report=report,
    )  # fmt: skip
    return space.export(
        out, *chosen, to=to, dtype=dtype, words=words, unit=unit, force=force, multi=multi, report=report
    )
