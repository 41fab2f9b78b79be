"""The models on this machine as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import facts, size
from embgeo.cli.text import visible
from embgeo.results.models import Models, RemovedModels, StoredModel
from embgeo.results.tabular import at_revision, short_revision


def table(answer: Models | RemovedModels) -> RenderableType:
    """The models; or those that were freed, and the bytes freed."""
    if isinstance(answer, Models):
        return _models(answer.models)
    freed = Text(f"{size(answer.bytes)} freed")
    return Group(_models(answer.removed), freed) if answer.removed else freed  # of the bundled model no more


def _models(models: tuple[StoredModel, ...]) -> RenderableType:
    more = any(model.layer_bytes or model.word_bytes or model.text_bytes for model in models)
    table = columns(
        ("model", "left"), ("revision", "left"), ("matrix", "left"), ("shape", "right"), ("dtype", "left"),
        ("on disk", "right"), *([("besides", "left")] if more else []),
    )  # fmt: skip
    for model in models:
        shape = f"{model.rows:,} × {model.dimensions:,}"
        name = _named(model)
        table.add_row(
            visible(name),
            visible(short_revision(model.revision)),
            visible(_matrix(model, models)),
            shape,
            model.dtype,
            size(model.bytes),
            *([_besides(model)] if more else []),
        )
    return Group(table, Text(), facts((_distinct_name(model, models), model.path) for model in models))


def _besides(model: StoredModel) -> str:
    """What the layers take, and what they have computed."""
    parts = {"layers": model.layer_bytes, "words": model.word_bytes, "texts": model.text_bytes}
    return ", ".join(f"{name} {size(count)}" for name, count in parts.items() if count)


def _matrix(model: StoredModel, models: tuple[StoredModel, ...]) -> str:
    """The side that a matrix is of its model; its own name where another one is of the same side."""
    same = [other for other in models if (_named(other), other.revision) == (_named(model), model.revision)]
    return model.side if [other.side for other in same].count(model.side) == 1 else model.tensor


def _distinct_name(model: StoredModel, models: tuple[StoredModel, ...]) -> str:
    """A model's name; if several have the same name, with the revision and matrix that distinguish them."""
    same = [other for other in models if _named(other) == _named(model)]
    name = _named(model)
    if len({other.revision for other in same}) > 1:
        name = at_revision(name, model.revision)
    return f"{name} · {_matrix(model, models)}" if len({other.tensor for other in same}) > 1 else name


def _named(model: StoredModel) -> str:
    return f"{model.model} · {model.transform}" if model.transform else model.model
