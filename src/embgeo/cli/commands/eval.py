"""`embgeo eval`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embgeo.cli import options as o
from embgeo.cli.app import SPACE, CommandGroup, app, help_alone
from embgeo.cli.command import command
from embgeo.cli.output import check_output, write_rows

if TYPE_CHECKING:
    from embgeo.errors import Report
    from embgeo.space import EmbeddingSpace

group = typer.Typer(
    cls=CommandGroup, rich_markup_mode=None, help="Evaluate models on analogies, word similarity and odd words out."
)
app.add_typer(
    group, name="eval", epilog="Example: embgeo eval analogies questions-words.txt -m minilm", rich_help_panel=SPACE
)
group.callback(invoke_without_command=True)(help_alone)

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="questions-words.txt, or a BATS folder; see docs/evaluation.md.")
]
Table = Annotated[Path, typer.Argument(metavar="FILE", help="a benchmark file; see docs/evaluation.md.")]
Method = Annotated[
    o.EvalMethodName,
    typer.Option("--method", help="How to answer questions; the last two learn from all pairs of a relation."),
]
Reference = Annotated[o.ReferenceName, typer.Option("--reference", help="Whose rules to follow.")]
Restrict = Annotated[
    int | None,
    typer.Option("--restrict-vocab", metavar="N", help="Only the first N rows. [default: all; gensim's: 300000]"),
]
Errors = Annotated[
    str | None,
    typer.Option("--errors", metavar="FILE", help="Write wrong answers to FILE: CSV if it ends in .csv, else TSV."),
]


@command("embgeo eval analogies questions-words.txt -m minilm -m gpt2", on=group, name="analogies")
def eval_analogies(
    spaces: "list[EmbeddingSpace]",
    report: "Report",
    file: File,
    method: Method = "3cosadd",
    reference: Reference = "embgeo",
    restrict_vocab: Restrict = None,
    errors: Errors = None,
    force: o.Force = False,
) -> Any:
    """How many analogies of a file a model completes correctly."""
    from embgeo.questions.evaluation.run import analogy_scores

    check_output(errors, force=force)
    answer, misses = analogy_scores(
        spaces, file, method=method, reference=reference, restrict=restrict_vocab, listed=bool(errors), report=report
    )
    if errors:
        write_rows(Path(errors), misses)
    return answer


@command("embgeo eval similarity wordsim353.tsv -m minilm", on=group, name="similarity")
def eval_similarity(
    spaces: "list[EmbeddingSpace]",
    file: Table,
    reference: Reference = "embgeo",
    restrict_vocab: Restrict = None,
) -> Any:
    """How well cosines agree with human ratings of word pairs."""
    from embgeo.questions.evaluation.run import similarity_scores

    return similarity_scores(spaces, file, reference=reference, restrict=restrict_vocab)


@command("embgeo eval odd-one-out odd.txt -m minilm", on=group, name="odd-one-out")
def eval_odd_one_out(
    spaces: "list[EmbeddingSpace]",
    file: Table,
    reference: Reference = "embgeo",
    restrict_vocab: Restrict = None,
    errors: Errors = None,
    force: o.Force = False,
) -> Any:
    """How often the word that doesn't belong, the last of each line, is found."""
    from embgeo.questions.evaluation.run import odd_scores

    check_output(errors, force=force)
    answer, misses = odd_scores(spaces, file, reference=reference, restrict=restrict_vocab)
    if errors:
        write_rows(Path(errors), misses)
    return answer
