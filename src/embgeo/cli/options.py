"""The options that commands share, with the same letters and the same help everywhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from embgeo.cli.completing import complete_model
from embgeo.errors import any_of
from embgeo.formats.detect import FORMATS
from embgeo.formats.encoding import ERROR_HANDLERS
from embgeo.numerics.names import CONTROLS, LEARNING_METHODS, NEAR_TARGETS, PRECISIONS, REFERENCES, SIDES, TRANSFORMS
from embgeo.numerics.objectives import ANALOGY_METHODS, EVAL_METHODS, METRICS, SIMILARITIES
from embgeo.vocabulary.reading import CASES, MULTI

if TYPE_CHECKING:
    FileFormatName = str
    MetricName = str
    SimilarityName = str
    AnalogyMethodName = str
    EvalMethodName = str
    LearningMethodName = str
    MultiName = str
    CaseName = str
    EncodingErrorsName = str
    SideName = str
    ControlName = str
    ReferenceName = str
    PrecisionName = str
    NearName = str
else:  # Typer checks what is typed against these; a type checker can't read a Literal made from a table
    FileFormatName = Literal[FORMATS]
    MetricName = Literal[tuple(METRICS)]
    SimilarityName = Literal[tuple(SIMILARITIES)]
    AnalogyMethodName = Literal[tuple(ANALOGY_METHODS)]
    EvalMethodName = Literal[tuple(EVAL_METHODS)]
    LearningMethodName = Literal[tuple(LEARNING_METHODS)]
    MultiName = Literal[MULTI]
    CaseName = Literal[CASES]
    EncodingErrorsName = Literal[ERROR_HANDLERS]
    SideName = Literal[SIDES]
    ControlName = Literal[CONTROLS]
    ReferenceName = Literal[REFERENCES]
    PrecisionName = Literal[PRECISIONS]
    NearName = Literal[NEAR_TARGETS]

TERM_HELP = "a word, 'king - man + woman', '\" cat\"' (exactly this text) or id:3797."
DIRECTION_HELP = "'woman - man', any expression, or a saved one (@FILE); repeat it for a subspace."
NO_LAYERS = "A model's layers start from its own embedding: omit the transformation."
Format = Literal["table", "json", "jsonl", "csv", "tsv"]


def sentence_model(name: str | None) -> str:
    """The model of a question about whole texts: the one that is named, or set, or the bundled one."""
    from embgeo.models.reference import BUNDLED

    return name or os.environ.get("EMBGEO_MODEL") or BUNDLED


Term = Annotated[str, typer.Argument(metavar="TERM", help=TERM_HELP)]
Several = Annotated[list[str] | None, typer.Argument(metavar="TERM...", help=TERM_HELP)]
Terms = Annotated[list[str] | None, typer.Argument(metavar="WORD...", help="two or more")]
TermsFrom = Annotated[
    str | None,
    typer.Option("--from", metavar="FILE", help="More words from a file, one per line; - is standard input."),
]
NeededModel = Annotated[
    str, typer.Argument(metavar="MODEL", help="gpt2, org/name, ...", autocompletion=complete_model)
]  # fmt: skip
ModelArgument = Annotated[
    str | None, typer.Argument(metavar="[MODEL]", help="gpt2, org/name, ...", autocompletion=complete_model)
]
PassageUnit = Annotated[
    str, typer.Option("--by", metavar="UNIT", help="What a passage is: line, paragraph or a number of lines.")
]  # fmt: skip
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the random baseline.")]
Model = Annotated[
    str | None,
    typer.Option(
        "-m", "--model", metavar="MODEL", autocompletion=complete_model,
        help="gpt2, minilm, a Hub id (org/name), a folder or a file. [default: $EMBGEO_MODEL, else gpt2]",
    ),
]  # fmt: skip
SentenceModel = Annotated[
    str | None,
    typer.Option(
        "-m", "--model", metavar="MODEL", autocompletion=complete_model,
        help="A sentence model: minilm, a Hub id or a folder. [default: $EMBGEO_MODEL, else minilm]",
    ),
]  # fmt: skip
Models = Annotated[
    list[str] | None,
    typer.Option(
        "-m", "--model", metavar="MODEL", autocompletion=complete_model,
        help="A model to compare; may be repeated. [default: $EMBGEO_MODEL, else gpt2]",
    ),
]  # fmt: skip
EachModel = Annotated[
    list[str] | None,
    typer.Option(
        "-m", "--model", metavar="MODEL", autocompletion=complete_model,
        help="gpt2, minilm, a Hub id (org/name), a folder or a file; repeat it to compare. "
        "[default: $EMBGEO_MODEL, else gpt2]",
    ),
]  # fmt: skip
Revision = Annotated[str | None, typer.Option("--revision", metavar="REV", help="Branch, tag or commit on the Hub.")]
Side = Annotated[
    SideName,
    typer.Option("--side", help="The embedding (input), the unembedding (output) or the positions."),
]
Tensor = Annotated[str | None, typer.Option("--tensor", metavar="NAME", help="A matrix of the model by its own name.")]
Peek = Annotated[bool, typer.Option("--peek", help="Fetch single rows from the Hub, not the whole matrix.")]
FileFormat = Annotated[
    FileFormatName | None,
    typer.Option(
        "--file-format", metavar="NAME", help=f"Format of a vector file: {any_of(FORMATS)}. [default: detected]"
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", help="Read the first N words of a vector file.")]
EncodingName = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="Encoding of a vector file's words. [default: utf-8]")
]
EncodingErrors = Annotated[
    EncodingErrorsName | None,
    typer.Option("--encoding-errors", help="How to treat words not in that encoding. [default: strict, an error]"),
]
Case = Annotated[
    CaseName | None,
    typer.Option("--case", help="Read Paris as paris if only that exists (fold). [default: fold for word vectors]"),
]
EvalCase = Annotated[
    CaseName, typer.Option("--case", help="Find words that differ only in case (fold), or don't (exact).")
]
Center = Annotated[bool, typer.Option("--center", help="Subtract the mean of all rows.")]
RemoveTop = Annotated[
    int | None, typer.Option("--remove-top", metavar="D", help="Center, then remove the top D principal components.")
]
Whiten = Annotated[bool, typer.Option("--whiten", help="Center, then make the covariance the identity.")]
Inner = Annotated[
    Literal["causal"] | None,
    typer.Option("--inner", help="Use the inner product of the unembedding."),
]
Transforms = Annotated[
    list[str] | None,
    typer.Option(
        "--transform", metavar="NAME",
        help=f"none, {TRANSFORMS}; may be repeated, to compare.",
    ),
]  # fmt: skip
TRANSFORM: Final = {
    "center": (Center, False), "remove_top": (RemoveTop, None), "whiten": (Whiten, False), "inner": (Inner, None),
}  # fmt: skip
Control = Annotated[
    ControlName | None,
    typer.Option("--control", help="Also ask random rows (as before training), or the model's rows under other words."),
]
ControlSeed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the control.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Show no progress and no notes.")]

Precision = Annotated[PrecisionName, typer.Option("--precision", help="Precision to compute the layers in.")]
Special = Annotated[
    bool, typer.Option("--special/--no-special", help="Add the model's special tokens, such as [CLS], or don't.")
]
WholeTexts = Annotated[
    bool, typer.Option("--texts", help="Compare whole texts by their sentence vectors, not words by their rows.")
]
Cut = Annotated[bool, typer.Option("--cut", help="Truncate a text that is too long for the model, with a note.")]
Texts = Annotated[list[str], typer.Argument(metavar="TEXT...", help="one or more texts, each in quotes")]
WordInTexts = Annotated[str, typer.Option("--word", "-w", metavar="WORD", help="The word or phrase to follow.")]
Occurrence = Annotated[
    int | None, typer.Option("--at", metavar="N", help="Only its Nth occurrence in each text. [default: all]")
]
Layers = Annotated[
    str | None,
    typer.Option("--layers", metavar="LIST", help="Only these, as in 0-2,6; later ones aren't fetched. [default: all]"),
]  # fmt: skip
Top = Annotated[int, typer.Option("-k", "--top", metavar="N", help="How many tokens to show.")]
Metric = Annotated[MetricName, typer.Option("--metric", help="How to measure nearness.")]
Similarity = Annotated[SimilarityName, typer.Option("--metric", help="What to compare by.")]
Groups = Annotated[
    int | None, typer.Option("-n", "--groups", metavar="N", help="How many groups. [default: cut at the widest gap]")
]
Pair = Annotated[list[str] | None, typer.Option("--pair", metavar="A:B", help="Another pair; may be repeated.")]
PairFile = Annotated[
    str | None, typer.Option("--pairs", metavar="FILE", help="A file of pairs, one A:B per line; - is standard input.")
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="DIRECTION", help="Remove this direction from the query first: 'woman - man' or @FILE."
    ),
]
Unit = Annotated[bool, typer.Option("--unit", help="Scale the vector of each word to length 1 first.")]
Raw = Annotated[bool, typer.Option("--raw", help="List every row separately; exclude only the input rows.")]
Pieces = Annotated[
    bool, typer.Option("--pieces", help="List parts of longer words too (##ing), where the vocabulary marks them.")
]
Words = Annotated[bool, typer.Option("--words", help="Only whole words of letters.")]
Multi = Annotated[MultiName, typer.Option("--multi", help="How to combine the rows of a word of several tokens.")]
Method = Annotated[AnalogyMethodName, typer.Option("--method", help="How A - B + C is scored.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")]
PictureFile = Annotated[
    str | None,
    typer.Option("-o", "--output", metavar="FILE", help="FILE.svg, .png or .html. [default: draw in the terminal]"),
]
Plot = Annotated[
    str | None,
    typer.Option("--plot", metavar="[FILE]", help="Draw the answer: in FILE.svg, .png or .html, or in the terminal."),
]
Scale = Annotated[float, typer.Option("--scale", metavar="X", help="Pixels of a PNG per pixel of the SVG.")]
Width = Annotated[int | None, typer.Option("--width", metavar="PIXELS", help="The width of a PNG, instead of --scale.")]
KeepInputs = Annotated[bool, typer.Option("--keep-inputs", help="List the inputs too.")]
Scores = Annotated[
    list[str] | None,
    typer.Option(
        "--score",
        metavar="WORD...",
        help="Score these words (up to the next option, or one,two,three) instead of listing the vocabulary.",
    ),
]
Sort = Annotated[bool, typer.Option("--sort", help="List the scored words from the highest score to the lowest.")]
ScoreFrom = Annotated[
    str | None,
    typer.Option("--score-from", metavar="FILE", help="Score the words in a file, one per line; - is standard input."),
]
