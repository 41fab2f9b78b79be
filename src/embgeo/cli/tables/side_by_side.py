"""One question's answers by several models as one table: a row for each word, and columns for each model.

If the columns of all models don't fit, those of the last go below. Answers without common rows are shown as they are,
next to each other or one below the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from embgeo.cli.columns import Columns, columns
from embgeo.cli.drawing import facts, in_columns, model_title
from embgeo.cli.outline import LEFT, Outline, Sheet
from embgeo.cli.text import visible
from embgeo.questions.side_by_side import by_term
from embgeo.results.base import Answer
from embgeo.results.side_by_side import SharedWord, SideBySide, Unanswered

EVERYWHERE, SOMEWHERE = "●", "○"  # marks of a word that all models list, or some others
Numbered = Sequence[tuple[int, Sheet]]  # the models that answered, by their numbers from 1


def table(answer: SideBySide) -> RenderableType:
    """The models side by side; for each term, of several."""
    return Group(*pages(answer))


def pages(answer: SideBySide) -> list[RenderableType]:
    """As `table`, in pages: those of a tour are its stops."""
    module = import_module(f"embgeo.cli.tables.{answer.command}")
    outline: Callable[[Any], Outline | None] = getattr(module, "outline", lambda _: None)
    found: list[RenderableType] = []
    for answers in by_term(answer.models):
        outlines = [None if isinstance(one, Unanswered) else outline(one) for one in answers]
        space = [Text()] if found else []
        if not any(outlines):
            found.append(Group(*space, in_columns([_alone(one, module.table) for one in answers])))
            continue
        shared = [word for word in answer.shared or () if word.query == _question(answers)]
        first, *others = _sheets(answers, outlines, shared)
        found += [Group(*space, first), *others]
    return found


def _question(answers: Sequence[Answer]) -> str:
    return next((one.heading for one in answers if not isinstance(one, Unanswered)), "")


def _alone(answer: Answer, table: Callable[[Any], RenderableType]) -> RenderableType:
    return Text(visible(_named(answer))) if isinstance(answer, Unanswered) else table(answer)


def _named(answer: Answer, details: Sequence[str] = ()) -> str:
    """A model with what is said of it alone, or why it has no answer."""
    if isinstance(answer, Unanswered):
        return f"{model_title(answer)}: {answer.error}. {answer.hint}".rstrip(" ")
    return " · ".join([model_title(answer), *details])


def _sheets(
    answers: Sequence[Answer], outlines: Sequence[Outline | None], shared: Sequence[SharedWord]
) -> Iterator[RenderableType]:
    """The question, the models by number and the first sheet; then each other sheet."""
    told = [one for one in outlines if one is not None]
    common = [detail for detail in told[0].how if all(detail in one.how for one in told)]
    details = visible(" · ".join(common))
    title = Text.assemble((visible(told[0].question), "bold"), (f"   {details}\n" if details else "\n", "dim"))
    names = facts(
        (str(number), _named(answer, [detail for detail in one.how if detail not in common] if one else []))
        for number, (answer, one) in enumerate(zip(answers, outlines, strict=True), 1)
    )
    for at in range(len(told[0].sheets)):
        sheets = [(number, one.sheets[at]) for number, one in enumerate(outlines, 1) if one is not None]
        head: list[RenderableType] = [Text()] if at else [title, names, Text()]
        yield Group(*head, *_sheet(sheets, shared))


def _sheet(sheets: Numbered, shared: Sequence[SharedWord]) -> list[RenderableType]:
    """The rows of all models, what their marks mean, and the sentences."""
    listed = sheets[0][1].list
    words = [word for word in shared if word.list == listed]
    first = sheets[0][1]
    parts: list[RenderableType] = [Text(visible(first.heading), "bold")] if first.heading else []
    parts += [facts(first.about), Text()] if first.about else []
    parts += [_Joined(sheets, words)] if any(sheet.rows for _, sheet in sheets) else []
    if listed and len(sheets) > 1:
        most = max(len(sheet.rows) for _, sheet in sheets)
        parts.append(Text("\n" + _legend(words, most, len(sheets)), "dim"))
    return [*parts, *_sentences(sheets)]


def _sentences(sheets: Numbered) -> list[RenderableType]:
    """The sentences of each model under its number, then those that all have."""
    said = [(number, line) for number, sheet in sheets for line in sheet.said]
    common = [line for line in dict.fromkeys(line for _, line in said) if all(line in one.said for _, one in sheets)]
    own = [(str(number), line) for number, line in said if line not in common]
    rows = any(sheet.rows for _, sheet in sheets)
    return [
        *([Text()] if said and rows else []), *([facts(own)] if own else []), *(Text(visible(line)) for line in common)
    ]  # fmt: skip


def _is_in_all(word: SharedWord, lists: int) -> bool:
    return sum(rank is not None for rank in word.ranks) == lists


def _legend(words: Sequence[SharedWord], most: int, models: int) -> str:
    """How many words the lists share."""
    everywhere = sum(_is_in_all(word, models) for word in words)
    every = "both lists" if models == 2 else f"all {models} lists"
    found = f"{EVERYWHERE} in {every}: {everywhere} of {most} words"
    return found if models == 2 else f"{found}; {SOMEWHERE} in two or more: {len(words) - everywhere}"


class _Joined:
    """A table of the models' rows under common names, in strips of as many models as fit."""

    def __init__(self, sheets: Numbered, shared: Sequence[SharedWord]) -> None:
        self.sheets = sheets
        self.marks = {
            (number, str(rank)): EVERYWHERE if _is_in_all(word, len(sheets)) else SOMEWHERE
            for word in shared
            for number, rank in enumerate(word.ranks, 1)
            if rank is not None
        }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rest = list(self.sheets)
        while rest:
            count = len(rest)
            while count > 1 and self._table(rest[:count]).width > options.max_width:
                count -= 1
            yield from console.render(self._table(rest[:count]), options)
            rest = rest[count:]
            if rest:
                yield Text()

    def _table(self, sheets: Numbered) -> Columns:
        heads = [(f"{name} {number}".strip(), kind) for number, sheet in sheets for name, kind in sheet.columns]
        found = columns((sheets[0][1].key, "right" if sheets[0][1].list else LEFT), *heads)
        rows = {number: dict(sheet.rows) for number, sheet in sheets}
        longest = sorted(self.sheets, key=lambda one: -len(one[1].rows))
        for name in dict.fromkeys(name for _, sheet in longest for name, _ in sheet.rows):
            cells = [
                _cell(cell, column[1], self.marks.get((number, name), ""))
                for number, sheet in sheets
                for column, cell in zip(sheet.columns, rows[number].get(name) or [""] * len(sheet.columns), strict=True)
            ]
            found.add_row(name if sheets[0][1].list else Text(visible(name), "bold"), *cells)
        return found


def _cell(text: str, kind: str, mark: str) -> Text:
    if kind != LEFT:
        return Text(text)
    return Text.assemble((text, "bold" if mark else ""), f" {mark}" if mark else "")
