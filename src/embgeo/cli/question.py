"""What every question shares: a model to open, a format, and silence on request."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import typer

from embgeo.cli import output
from embgeo.cli.options import FileFormat, FormatOption, Json, Model, Models, Peek, Quiet, Revision, Side, Tensor
from embgeo.cli.progress import progress
from embgeo.errors import UsageError

LINES = ("table", "json", "jsonl")  # what a stream of answers is written as, whichever of these is asked for


class Stream(NamedTuple):
    """Lines of JSON that are written as they come, with None where what waits should be seen."""

    lines: Iterator[str | None]

    def checked(self, form: str) -> Iterator[str | None]:
        """The lines, unless another form is asked for."""
        if form not in LINES:
            raise UsageError(f"answers to standard input are JSON lines, not {form}", "Leave out --format.")
        return self.lines


CHOICE = {
    "revision": (Revision, None),
    "side": (Side, "input"),
    "tensor": (Tensor, None),
    "file_format": (FileFormat, None),
}
MODEL = {"model": (Model, None)} | CHOICE
OUTPUT = {"form": (FormatOption, "table"), "json": (Json, False), "quiet": (Quiet, False)}


def question(ask: Callable[..., Any]) -> Callable[..., None]:
    """Turn `ask(space, ...) -> answer` into a command with the shared options, which opens the space and prints."""

    def run(*, quiet: bool, **own: Any) -> Any:
        from embgeo.space import load

        with progress(quiet=quiet) as report:
            space = load(own.pop("model"), **{name: own.pop(name) for name in CHOICE}, report=report)
        return ask(space, **own)

    return _command(ask, run, MODEL | OUTPUT, own_from=1)


def comparing(ask: Callable[..., Any]) -> Callable[..., None]:
    """Turn `ask(spaces, report, ...) -> answer` into a command that takes several models, draws progress and prints."""

    def run(*, model: list[str] | None, revision: str | None, quiet: bool, **own: Any) -> Any:
        from embgeo.space import load

        if revision and len(model or ()) > 1:
            raise UsageError("one --revision for several models", "Write -m org/name@revision for each.")
        with progress(quiet=quiet) as report:
            names: list[str | None] = [*model] if model else [None]
            spaces = [load(name, revision=revision, report=report).embedding for name in names]
            return ask(spaces, report, **own)

    return _command(ask, run, {"model": (Models, None), "revision": (Revision, None)} | OUTPUT, own_from=2)


def peekable(ask: Callable[..., Any]) -> Callable[..., None]:
    """As `question`, for what a few rows answer: with --peek, only those travel from the Hub."""

    def run(*, quiet: bool, peek: bool, **own: Any) -> Any:
        from embgeo.space import load
        from embgeo.space import peek as peek_at

        model, which = own.pop("model"), {name: own.pop(name) for name in CHOICE}
        with progress(quiet=quiet) as report:
            if not peek:
                return ask(load(model, **which, report=report), **own)
            with peek_at(model, **which, report=report) as space:
                return ask(space, **own)

    return _command(ask, run, {"peek": (Peek, False)} | MODEL | OUTPUT, own_from=1)


def fetching(ask: Callable[..., Any]) -> Callable[..., None]:
    """Turn `ask(report, ...) -> answer` into a command with the output options, which draws progress and prints."""

    def run(*, quiet: bool, **own: Any) -> Any:
        with progress(quiet=quiet) as report:
            return ask(report, **own)

    return _command(ask, run, OUTPUT, own_from=1)


def answering(ask: Callable[..., Any]) -> Callable[..., None]:
    """Turn `ask(...) -> answer` into a command with the output options, which prints."""

    def run(*, quiet: bool, **own: Any) -> Any:  # noqa: ARG001  # there is nothing to be quiet about
        return ask(**own)

    return _command(ask, run, OUTPUT, own_from=0)


def _command(
    ask: Callable[..., Any], run: Callable[..., Any], shared: dict[str, Any], own_from: int
) -> Callable[..., None]:
    @functools.wraps(ask)
    def command(*, form: str, json: bool, quiet: bool, **given: Any) -> None:
        answer = run(quiet=quiet, **given)
        if isinstance(answer, Stream):
            output.stream(answer.checked("json" if json else form))
            return
        if answer is None:  # a subcommand answers instead
            return
        if not quiet:
            output.notes(getattr(answer, "notes", ()))
        output.write(answer, "json" if json else form)
        if code := getattr(answer, "exit_code", 0):
            raise typer.Exit(code)

    own = list(inspect.signature(ask).parameters.values())[own_from:]
    kind = inspect.Parameter.KEYWORD_ONLY
    extra = [inspect.Parameter(name, kind, default=value, annotation=hint) for name, (hint, value) in shared.items()]
    parameters = [parameter.replace(kind=kind) for parameter in own] + extra
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what Typer reads
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command
