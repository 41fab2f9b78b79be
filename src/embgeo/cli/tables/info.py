"""Tables of models and files: what a model is, what the store keeps, what was checked, what was written."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import columns, facts, size
from embgeo.cli.tables.neighbors import model_named, short, title
from embgeo.cli.text import visible
from embgeo.results.export import Exported
from embgeo.results.info import Info, Survey
from embgeo.results.models import Models, Removed, Stored
from embgeo.results.verify import Verified


def layout_model(answer: Info | Survey | Models | Removed | Verified | Exported) -> RenderableType:
    """The table of such an answer."""
    match answer:
        case Info():
            return _info(answer)
        case Survey():
            return _survey(answer)
        case Models():
            return _models(answer.models)
        case Removed():
            return Group(_models(answer.removed), Text(f"{size(answer.bytes)} freed"))
        case Verified():
            return _verified(answer)
        case Exported():
            return _exported(answer)


def _info(answer: Info) -> RenderableType:
    empty = answer.rows - answer.tokens
    rows = (
        ("matrix", f"{answer.rows:,} rows × {answer.dimensions:,} dimensions"),
        ("parameters", f"{answer.parameters:,}"),
        ("tokens", f"{answer.tokens:,}" + (f" ({empty:,} rows have none)" if empty else "")),
        ("dtype", answer.dtype),
        ("bytes", f"{answer.bytes:,}"),
        ("tied", _tied(answer)),
        ("zero rows", f"{answer.zero_rows:,}"),
        ("bad rows", f"{answer.bad_rows:,}"),
        ("source", answer.source),
        ("tensor", answer.tensor),
        ("file", answer.path),
        ("sha256", answer.sha256),
    )
    return Group(Text(model_named(answer) + "\n", "bold"), facts(rows))


def _tied(answer: Info) -> str:
    if answer.tied is None:
        return f"neither: {'positions' if answer.side == 'position' else 'word vectors'} have no unembedding"
    return "yes: the unembedding is the same matrix" if answer.tied else f"no: the unembedding is {answer.unembedding}"


def _survey(answer: Survey) -> RenderableType:
    share = answer.travels / answer.repository_bytes if answer.repository_bytes else 1
    rows = (
        ("matrix", f"{answer.rows:,} rows × {answer.dimensions:,} dimensions"),
        ("parameters", f"{answer.parameters:,}"),
        ("dtype", answer.dtype),
        ("tied", "yes" if answer.tied else f"no: the unembedding is {answer.unembedding}"),
        ("tensor", f"{answer.tensor} in {answer.file}"),
        ("on the Hub", f"{answer.repository_bytes:,} bytes"),
        ("would travel", f"{answer.travels:,} bytes ({share:.1%})"),
    )
    return Group(Text(model_named(answer) + "\n", "bold"), facts(rows), Text("\nNot fetched yet: embgeo pull", "dim"))


def _models(models: tuple[Stored, ...]) -> RenderableType:
    table = columns(
        ("model", "left"), ("revision", "left"), ("shape", "right"), ("dtype", "left"), ("on disk", "right")
    )
    for model in models:
        shape = f"{model.rows:,} × {model.dimensions:,}"
        name = _named(model)
        table.add_row(visible(name), visible(short(model.revision)), shape, model.dtype, size(model.bytes))
    return Group(table, Text(), facts((_named(model), model.path) for model in models))


def _named(model: Stored) -> str:
    return f"{model.model} · {model.transform}" if model.transform else model.model


def _verified(answer: Verified) -> RenderableType:
    table = columns(("", "left"), ("what", "left"))
    table.add_column("found", overflow="fold")
    for check in answer.checks:
        found = visible(check.found if check.passed else f"{check.found}, not {check.expected} ({check.source})")
        table.add_row("passed" if check.passed else Text("FAILED", "bold"), visible(check.name), found)
    failed = sum(not check.passed for check in answer.checks)
    verdict = f"{failed} of {len(answer.checks)} failed" if failed else f"all {len(answer.checks)} passed"
    return Group(title(answer, "verify"), table, Text(f"\n{verdict}", "bold"))


def _exported(answer: Exported) -> RenderableType:
    what = f"{answer.rows:,} rows × {answer.dimensions:,} dimensions, {answer.numbers}"
    files = columns(("written", "left"), ("bytes", "right"))
    for file in answer.files:
        files.add_row(visible(file.path), f"{file.bytes:,}")
    return Group(title(answer, answer.form, what + (", unit length" if answer.unit else "")), files)
