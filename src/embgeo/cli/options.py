"""The options that commands share: the same letters and the same help everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from embgeo.formats.detect import FORMATS

if TYPE_CHECKING:
    FileFormatName = str
else:
    FileFormatName = Literal[FORMATS]

TERM_HELP = "a word, 'king - man + woman', '\" cat\"' (exactly this text) or id:3797."
DIRECTION_HELP = "'woman - man', any expression, or @FILE, a saved one; repeat it for a subspace."
Format = Literal["table", "json", "jsonl", "csv", "tsv"]


def complete_model(incomplete: str) -> list[str]:
    """Model names for the shell: the aliases, and what is on this machine."""
    from embgeo.models import store
    from embgeo.models.reference import ALIASES, BUNDLED

    names = [BUNDLED, *ALIASES, *(kept.manifest.model for kept in store.entries())]
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


Term = Annotated[str, typer.Argument(metavar="TERM", help=TERM_HELP)]
Terms = Annotated[list[str], typer.Argument(metavar="WORD...", help="two at least")]
NeededModel = Annotated[
    str, typer.Argument(metavar="MODEL", help="gpt2, org/name, ...", autocompletion=complete_model)
]  # fmt: skip
ModelArgument = Annotated[
    str | None, typer.Argument(metavar="[MODEL]", help="gpt2, org/name, ...", autocompletion=complete_model)
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of the random baseline.")]
Model = Annotated[
    str | None,
    typer.Option(
        "-m", "--model", metavar="MODEL", autocompletion=complete_model,
        help="gpt2, minilm, a Hub id (org/name), a folder or a file. [default: $EMBGEO_MODEL, else gpt2]",
    ),
]  # fmt: skip
Models = Annotated[
    list[str] | None,
    typer.Option(
        "-m", "--model", metavar="MODEL", autocompletion=complete_model,
        help="A model, as everywhere; again for each to compare. [default: $EMBGEO_MODEL, else gpt2]",
    ),
]  # fmt: skip
Revision = Annotated[str | None, typer.Option("--revision", metavar="REV", help="Branch, tag or commit on the Hub.")]
Side = Annotated[
    Literal["input", "output", "position"],
    typer.Option("--side", help="The embedding (input), the unembedding (output) or the positions."),
]
Tensor = Annotated[str | None, typer.Option("--tensor", metavar="NAME", help="A matrix of the model by its own name.")]
Peek = Annotated[bool, typer.Option("--peek", help="Fetch only the rows asked for of a model on the Hub.")]
FileFormat = Annotated[
    FileFormatName | None,
    typer.Option("--file-format", help="Vector-file format. [default: detected]"),
]
Center = Annotated[bool, typer.Option("--center", help="Take the mean of all rows off each.")]
RemoveTop = Annotated[
    int | None, typer.Option("--remove-top", metavar="D", help="Center; remove D principal components.")
]
Whiten = Annotated[bool, typer.Option("--whiten", help="Center; make the covariance the identity.")]
Inner = Annotated[
    Literal["causal"] | None,
    typer.Option("--inner", help="The inner product of the unembedding."),
]
Transforms = Annotated[
    list[str] | None,
    typer.Option(
        "--transform", metavar="NAME",
        help="none, center, remove-top=D, whiten or inner=causal; again for each to compare, of every model.",
    ),
]  # fmt: skip
TRANSFORM: Final = {
    "center": (Center, False), "remove_top": (RemoveTop, None), "whiten": (Whiten, False), "inner": (Inner, None),
}  # fmt: skip
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No progress and no notes.")]

Top = Annotated[int, typer.Option("-k", "--top", metavar="N", help="How many tokens to show.")]
Metric = Annotated[Literal["cosine", "dot", "euclidean"], typer.Option("--metric", help="What near means.")]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="DIRECTION", help="Take 'woman - man' or @FILE (one saved) out of the query first."
    ),
]
Raw = Annotated[bool, typer.Option("--raw", help="List every spelling for itself; leave out the input rows only.")]
Words = Annotated[bool, typer.Option("--words", help="Only whole words of letters.")]
Multi = Annotated[
    Literal["mean", "first", "last", "sum", "error"],
    typer.Option("--multi", help="What stands for a word of several tokens."),
]
Method = Annotated[
    Literal["3cosadd", "3cosmul", "offset", "pairdirection"], typer.Option("--method", help="How A - B + C is scored.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that exists.")]
KeepInputs = Annotated[bool, typer.Option("--keep-inputs", help="Rank the three inputs too.")]
Scores = Annotated[
    list[str] | None,
    typer.Option(
        "--score", metavar="WORD...", help="Score these words (all up to the next option), not the vocabulary."
    ),
]
