"""Answers as tables for people: a title that says what was asked of which model, then aligned columns."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from embgeo.cli.drawing import bar, columns, facts, ordinal
from embgeo.cli.records import drawn_by
from embgeo.cli.text import token_text, visible
from embgeo.results.base import Answer, Token
from embgeo.results.direction import DirectionScores, End, Score
from embgeo.results.export import Exported
from embgeo.results.info import Dots, Info, Splits, Survey, Vector
from embgeo.results.models import Models, Removed
from embgeo.results.neighbors import Analogy, LeftOut, Neighbour, Neighbours
from embgeo.results.unembed import Unembedded
from embgeo.results.verify import Verified
from embgeo.vocabulary.expression import is_expression

SHOWN_VALUES = 8


def layout(answer: Any) -> RenderableType:
    """The table of an answer."""
    if files := drawn_by(answer):
        elsewhere: RenderableType = import_module(f"embgeo.cli.tables.{files[0]}").layout(answer)
        return elsewhere
    match answer:
        case Analogy():
            from embgeo.numerics.analogies import LABELS

            return Group(
                title(answer, answer.query.text, LABELS[answer.method]),
                ranked(answer.results, "score"),
                *left_out(answer.excluded),
            )
        case Neighbours():
            return Group(title(answer, answer.query.text, answer.metric), ranked(answer.results, _score_name(answer)))
        case DirectionScores():
            return _direction(answer)
        case Dots():
            return _dots(answer)
        case Splits():
            return _splits(answer)
        case Vector():
            return _vector(answer)
        case Unembedded():
            return _unembedded(answer)
        case Info() | Survey() | Models() | Removed() | Verified() | Exported():
            from embgeo.cli.tables.info import layout_model

            return layout_model(answer)
    from embgeo.cli.tables.eval import layout_evaluation

    return layout_evaluation(answer)


def title(answer: Answer, question: str, *more: str) -> RenderableType:
    """What was asked, of which model, and how."""
    told = visible(" · ".join([model_named(answer), *more]))
    return Text.assemble((visible(question), "bold"), (f"   {told}\n", "dim"))


def model_named(answer: Answer) -> str:
    """The model that answers: its name, revision and transformation."""
    name = f"{answer.model}@{short(answer.revision)}" if answer.revision else answer.model
    return visible(f"{name} · {answer.transform}" if answer.transform else name)


def ranked(tokens: Iterable[Neighbour], score: str) -> RenderableType:
    """A list of tokens with their scores."""
    table = columns(("#", "right"), ("token", "left"), (score, "right"), ("id", "right"), ("spellings", "left"))
    for token in tokens:
        also = f"+{token.variants}" if token.variants else ""
        table.add_row(str(token.rank), Text(token_text(token.text), "bold"), f"{token.score:.4f}", str(token.id), also)
    return table if table.row_count else Text("nothing to show")


def _score_name(answer: Neighbours) -> str:
    return "distance" if answer.metric == "euclidean" else answer.metric


def left_out(tokens: tuple[LeftOut, ...]) -> list[RenderableType]:
    """Where the inputs would have stood."""
    if not tokens:
        return []
    places = ", ".join(f"{token_text(t.text)} {t.score:.4f} would be {ordinal(t.rank or 0)}" for t in tokens)
    return [Text(f"\nleft out: {places}", "dim")]


def _direction(answer: DirectionScores) -> RenderableType:
    first, second = answer.pairs[0]
    head = title(answer, f"{first.term} - {second.term}", f"length {answer.norm:.4f}")
    if not answer.scores:
        return Group(head, ends(answer.top), Text(), ends(answer.bottom))
    table = columns(("word", "left"), ("dot", "right"), ("cosine", "right"), ("", "left"))
    most = max((abs(score.dot) for score in answer.scores), default=0.0)
    for score in answer.scores:
        table.add_row(Text(named(score), "bold"), f"{score.dot:.4f}", f"{score.cosine:.4f}", bar(score.dot, most))
    return Group(head, table, *verdict(answer))


def verdict(answer: DirectionScores) -> list[RenderableType]:
    """Whether several scores rise or fall."""
    said = {
        "increasing": "The scores rise in the order given.",
        "decreasing": "The scores fall in the order given.",
        "none": "The scores neither rise nor fall throughout in the order given.",
    }[answer.order]
    return [Text("\n" + said)] if len(answer.scores) > 1 else []


def ends(tokens: tuple[End, ...]) -> RenderableType:
    """One end of a direction."""
    table = columns(
        ("#", "right"), ("token", "left"), ("dot", "right"), ("cosine", "right"), ("id", "right"), ("", "left")
    )
    most = max((abs(token.dot) for token in tokens), default=0.0)
    for token in tokens:
        table.add_row(
            str(token.rank), Text(token_text(token.text), "bold"), f"{token.dot:.4f}", f"{token.cosine:.4f}",
            str(token.id), bar(token.dot, most),
        )  # fmt: skip
    return table


def named(score: Score) -> str:
    """The word, and what stands for it where that is not plainly the word."""
    shown = [token_text(token.text) for token in score.tokens]
    word = visible(score.term)
    if is_expression(score.term):
        return word
    return word if [word] in ([shown[0].lstrip("␣")], shown) and len(shown) == 1 else f"{word} ({'+'.join(shown)})"


def _dots(answer: Dots) -> RenderableType:
    head = title(answer, " · ".join(length.term for length in answer.terms))
    lengths = Text(", ".join(f"|{visible(length.term)}| = {length.norm:.4f}" for length in answer.terms))
    if len(answer.terms) > 2:
        return Group(head, _dot_matrix(answer), Text(), lengths)
    table = columns(("a", "left"), ("b", "left"), ("dot", "right"), ("cosine", "right"), ("", "left"))
    for pair in answer.pairs:
        table.add_row(visible(pair.a), visible(pair.b), f"{pair.dot:.4f}", f"{pair.cosine:.4f}", pair.relation)
    return Group(head, table, Text(), lengths)


def _dot_matrix(answer: Dots) -> RenderableType:
    """Dot products above the diagonal, cosines below it, squared lengths on it."""
    names = [visible(length.term) for length in answer.terms]
    table = columns(("", "left"), *((name, "right") for name in names))
    pairs = iter(answer.pairs)
    cells = [["" for _ in names] for _ in names]
    for row in range(len(names)):
        cells[row][row] = f"{answer.terms[row].norm ** 2:.4f}"
        for column in range(row + 1, len(names)):
            pair = next(pairs)
            cells[row][column], cells[column][row] = f"{pair.dot:.4f}", f"{pair.cosine:.4f}"
    for name, row_cells in zip(names, cells, strict=True):
        table.add_row(Text(name, "bold"), *row_cells)
    relations = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    for pair in answer.pairs:
        relations.add_row(f"{visible(pair.a)} · {visible(pair.b)}", pair.relation)
    return Group(table, Text("above the diagonal: dot products; below: cosines", "dim"), Text(), relations)


def _splits(answer: Splits) -> RenderableType:
    head = title(answer, " | ".join(split.text for split in answer.texts))
    table = columns(("#", "right"), ("token", "left"), ("id", "right"), ("piece", "left"))
    for number, token in enumerate(answer.tokens, 1):
        table.add_row(str(number), Text(token_text(token.text), "bold"), str(token.id), visible(token.piece))
    return Group(head, table)


def _vector(answer: Vector) -> RenderableType:
    shown = "  ".join(f"{value:.4f}" for value in answer.values[:SHOWN_VALUES])
    more = len(answer.values) - SHOWN_VALUES
    rest = f"  … {more:,} more (--json prints all)" if more > 0 else ""
    rows = (
        ("tokens", ", ".join(_token_named(token) for token in answer.term.tokens)),
        ("length", f"{answer.norm:.4f}"),
        ("values", shown + rest),
    )
    return Group(title(answer, answer.term.term), facts(rows))


def _unembedded(answer: Unembedded) -> RenderableType:
    table = columns(
        ("#", "right"), ("token", "left"), ("logit", "right"), ("share", "right"), ("id", "right"), ("", "left")
    )
    for token in answer.results:
        share = f"{token.probability:.4%}"
        drawn = bar(token.probability, 1.0).partition("│")[2]
        table.add_row(
            str(token.rank), Text(token_text(token.text), "bold"), f"{token.logit:.4f}", share, str(token.id), drawn
        )
    head = title(answer, answer.query.text, answer.unembedding, f"T = {answer.temperature:g}")
    return Group(head, table, Text(f"\nentropy {answer.entropy:.4f} nats of all tokens", "dim"))


def short(revision: str) -> str:
    """A commit's first digits, which is how people name it; anything else whole."""
    return revision[:12] if len(revision) == 40 else revision


def _token_named(token: Token) -> str:
    return f"{token_text(token.text)} (id {token.id})"
