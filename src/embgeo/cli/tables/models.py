"""The models on this machine as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import facts, short, size
from embgeo.cli.text import visible
from embgeo.results.models import Models, RemovedModels, StoredModel


def table(answer: Models | RemovedModels) -> RenderableType:
    """The models; or those that were freed, and the bytes freed."""
    if isinstance(answer, Models):
        return _models(answer.models)
    return Group(_models(answer.removed), Text(f"{size(answer.bytes)} freed"))


def _models(models: tuple[StoredModel, ...]) -> RenderableType:
    table = columns(
        ("model", "left"), ("revision", "left"), ("shape", "right"), ("dtype", "left"), ("on disk", "right")
    )
    for model in models:
        shape = f"{model.rows:,} × {model.dimensions:,}"
        name = _named(model)
        table.add_row(visible(name), visible(short(model.revision)), shape, model.dtype, size(model.bytes))
    return Group(table, Text(), facts((_named(model), model.path) for model in models))


def _named(model: StoredModel) -> str:
    return f"{model.model} · {model.transform}" if model.transform else model.model
