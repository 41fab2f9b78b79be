"""What a model is, as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import facts, model_title
from embgeo.results.info import Citation, Info, Survey


def table(answer: Info | Survey | Citation) -> RenderableType:
    """What is known of a model on this machine, what fetching it would cost, or how to cite it."""
    if isinstance(answer, Citation):
        return Group(Text(answer.text + "\n"), Text(answer.bibtex.rstrip("\n"), no_wrap=True, overflow="ignore"))
    return _info(answer) if isinstance(answer, Info) else _survey(answer)


def _info(answer: Info) -> RenderableType:
    empty = answer.rows - answer.tokens
    rows = (
        *([("name", answer.full_name)] if answer.full_name != answer.model else []),
        ("matrix", f"{answer.rows:,} rows × {answer.dimensions:,} dimensions"),
        ("parameters", f"{answer.parameters:,}"),
        (
            "tokens",
            f"{answer.tokens:,}" + (f" ({empty:,} {'row has' if empty == 1 else 'rows have'} none)" if empty else ""),
        ),
        ("dtype", answer.dtype),
        ("bytes", f"{answer.bytes:,}"),
        ("tied", _tied(answer)),
        ("zero rows", f"{answer.zero_rows:,}"),
        ("bad rows", f"{answer.bad_rows:,}"),
        ("layers", _layers(answer)),
        ("source", answer.source),
        ("tensor", answer.tensor),
        ("file", answer.path),
        ("sha256", answer.sha256 or ""),
    )
    return Group(Text(model_title(answer) + "\n", "bold"), facts(rows))


def _tied(answer: Info | Survey) -> str:
    if answer.unembedding is None:
        return f"neither: {'positions' if answer.side == 'position' else 'word vectors'} have no unembedding"
    if answer.tied is None:
        return "neither: an encoder without an output head; its embedding stands in"
    return "yes: the unembedding is the same matrix" if answer.tied else f"no: the unembedding is {answer.unembedding}"


def _layers(answer: Info) -> str:
    """Where the layers are, or what fetching them costs."""
    total, here = answer.layer_bytes, answer.layer_bytes_here
    if total is None:
        return f"{here:,} bytes" if here else "none that embgeo runs"
    if here >= total:
        return f"{total:,} bytes"
    missing = f"{total - here:,} bytes to fetch, once a question about a text needs them"
    return f"{here:,} bytes, and {missing}" if here else missing


def _more(layer_bytes: int | None) -> str:
    return "none that embgeo runs" if layer_bytes is None else f"{layer_bytes:,} bytes more, once a text needs them"


def _survey(answer: Survey) -> RenderableType:
    share = answer.travels / answer.repository_bytes if answer.repository_bytes else 1
    rows = (
        ("matrix", f"{answer.rows:,} rows × {answer.dimensions:,} dimensions"),
        ("parameters", f"{answer.parameters:,}"),
        ("dtype", answer.dtype),
        ("tied", _tied(answer)),
        ("tensor", f"{answer.tensor} in {answer.file}"),
        ("on the Hub", f"{answer.repository_bytes:,} bytes"),
        ("download", f"{answer.travels:,} bytes ({share:.1%})"),
        ("for its layers", _more(answer.layer_bytes)),
    )
    return Group(Text(model_title(answer) + "\n", "bold"), facts(rows), Text("\nNot fetched yet: embgeo pull", "dim"))
