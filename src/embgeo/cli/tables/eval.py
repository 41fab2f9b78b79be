"""Benchmark results as tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import facts, model_title, transform_title
from embgeo.cli.text import visible
from embgeo.numerics.objectives import EVAL_METHODS
from embgeo.results.eval import (
    AnalogyScores,
    ModelAnalogies,
    ModelOdd,
    ModelSimilarity,
    OddScores,
    SectionScore,
    SimilarityScores,
)

MAX_COLUMNS = 3  # models compared section by section; of more, only totals are shown
MAX_NAME_LENGTH = 40  # characters of a model's name that has a column of its own
RAW = "none"  # `--transform none`, the model's own rows
LEGEND = "kept: inputs not excluded; folded: spellings counted as one word"


def table(answer: AnalogyScores | SimilarityScores | OddScores) -> RenderableType:
    """A line for each section, or for each model."""
    rules = f"{answer.reference}'s rules"
    match answer:
        case AnalogyScores():
            extra = [Text(f"\n{LEGEND}", "dim")] if answer.models[0].total.kept else []
            return Group(_title(answer.file, EVAL_METHODS[answer.method], rules), _analogies(answer.models), *extra)
        case SimilarityScores():
            return Group(_title(answer.file, rules), _similarity(answer))
        case OddScores():
            return Group(_title(answer.file, rules), _odd_scores(answer))


def _title(file: str, *more: str) -> RenderableType:
    return Text.assemble((visible(file), "bold"), ("   " + " · ".join(more) + "\n", "dim"))


def _sections(model: ModelAnalogies) -> RenderableType:
    extra = model.total.kept is not None
    names = ("right", "asked", "outside", "accuracy", *(("kept", "folded") if extra else ()))
    table = columns(("section", "left"), *((name, "right") for name in names))
    for score in (*model.sections, model.total):
        cells = [f"{score.right:,}", f"{score.asked:,}", f"{score.outside:,}", _percent(score.accuracy)]
        cells += [_percent(one.accuracy) for one in (score.kept, score.folded) if one]
        table.add_row(Text(visible(score.section), "bold" if score is model.total else ""), *cells)
    return Group(table, Text("\n" + model_title(model), "dim"))


def _analogies(models: tuple[ModelAnalogies, ...]) -> RenderableType:
    if len(models) == 1:
        return _sections(models[0])
    return _side_by_side(models) if len(models) <= MAX_COLUMNS else _totals(models)


def _totals(models: tuple[ModelAnalogies, ...]) -> RenderableType:
    """The totals of many models, one per line; their names stand below, numbered, where they differ."""
    one = len({(model.model, model.revision) for model in models}) == 1
    extra = models[0].total.kept is not None
    names = ("right", "asked", "accuracy", *(("kept", "folded") if extra else ()))
    table = columns(("space" if one else "", "left"), *((name, "right") for name in names))
    for number, model in enumerate(models, 1):
        total = model.total
        cells = [f"{total.right:,}", f"{total.asked:,}", _percent(total.accuracy)]
        cells += [_percent(count.accuracy) for count in (total.kept, total.folded) if count]
        table.add_row((transform_title(model.transform) or RAW) if one else str(number), *cells)
    if one:
        name = model_title(models[0]).removesuffix(f" · {transform_title(models[0].transform)}")
        return Group(table, Text("\n" + name, "dim"))
    return Group(table, Text(), facts((str(number), model_title(model)) for number, model in enumerate(models, 1)))


def _side_by_side(models: tuple[ModelAnalogies, ...]) -> RenderableType:
    """Accuracy by section, a column for each model; the totals also with inputs kept and folded."""
    table = columns(("section", "left"), *((str(number), "right") for number in range(1, len(models) + 1)))
    for scores in zip(*(model.sections for model in models), strict=True):
        table.add_row(visible(scores[0].section), *map(_cell, scores))
    totals = [model.total for model in models]
    table.add_row(Text("total", "bold"), *map(_cell, totals))
    table.add_row("outside", *(f"{total.outside:,}" for total in totals))
    if totals[0].kept:
        table.add_row("kept", *(_percent(total.kept.accuracy if total.kept else None) for total in totals))
        table.add_row("folded", *(_percent(total.folded.accuracy if total.folded else None) for total in totals))
    return Group(table, Text(), facts((str(number), model_title(model)) for number, model in enumerate(models, 1)))


def _cell(score: SectionScore) -> str:
    return f"{_percent(score.accuracy)} ({score.right:,}/{score.asked:,})"


def _percent(share: float | None) -> str:
    return "none asked" if share is None else f"{100 * share:z.2f}%"


def _similarity(answer: SimilarityScores) -> RenderableType:
    rows = []
    for model in answer.models:
        numbers = ("undefined" if one is None else f"{one:z.4f}" for one in (model.pearson, model.spearman))
        rows.append([*numbers, f"{model.asked:,}", f"{model.outside:,} ({_percent(model.outside_share)})"])
    return _by_model(answer.models, ("pearson", "spearman", "pairs", "outside"), rows)


def _odd_scores(answer: OddScores) -> RenderableType:
    rows = [
        [*(f"{one:,}" for one in (model.right, model.asked, model.outside)), _percent(model.accuracy)]
        for model in answer.models
    ]
    return _by_model(answer.models, ("right", "asked", "outside", "accuracy"), rows)


def _by_model(
    models: Sequence[ModelSimilarity | ModelOdd], names: Sequence[str], rows: Sequence[Sequence[str]]
) -> RenderableType:
    """A line for each model; long names stand below, numbered."""
    named = [model_title(model) for model in models]
    numbered = len(models) > 1 and max(map(len, named)) > MAX_NAME_LENGTH
    table = columns(("" if numbered else "model", "left"), *((name, "right") for name in names))
    for number, (name, cells) in enumerate(zip(named, rows, strict=True), 1):
        table.add_row(str(number) if numbered else name, *cells)
    return Group(table, Text(), facts((str(at), name) for at, name in enumerate(named, 1))) if numbered else table
