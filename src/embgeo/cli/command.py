"""What every question shares: a model to open, a format, and silence on request."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import typer

from embgeo.cli import options, output
from embgeo.cli.options import FileFormat, FormatOption, Json, Model, Models, Peek, Quiet, Revision, Side, Tensor
from embgeo.cli.progress import progress
from embgeo.errors import UsageError

ONLY_ROWS = "A peek has only the rows that are asked for, and a transformation is computed from all: leave out --peek."
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
TRANSFORM = options.TRANSFORM
MODEL = {"model": (Model, None)} | CHOICE | TRANSFORM
OUTPUT = {"form": (FormatOption, "table"), "json": (Json, False), "quiet": (Quiet, False)}


def transform_of(own: dict[str, Any], refused: str = "") -> str | None:
    """Take the options of a transformation out of all that were given, and name what they ask for; None for nothing.

    Args:
        refused: why this question takes none, where it doesn't.
    """
    given = {name: own.pop(name) for name in TRANSFORM}
    if given == {name: default for name, (_, default) in TRANSFORM.items()}:
        return None
    from embgeo.numerics.transform import chosen

    name = chosen(**given)
    if refused:
        raise UsageError(f"no --{name} here", refused)
    return name


def question(ask: Callable[..., Any], *, refused: str = "") -> Callable[..., None]:
    """Turn `ask(space, ...) -> answer` into a command with the shared options, which opens the space and prints.

    Args:
        refused: why the question can't be put to a transformed space, if it can't.
    """

    def run(*, quiet: bool, **own: Any) -> Any:
        from embgeo.space import load

        transform = transform_of(own, refused)
        with progress(quiet=quiet) as report:
            model, which = own.pop("model"), {name: own.pop(name) for name in CHOICE}
            space = load(model, **which, transform=transform, report=report)
        return ask(space, **own)

    return _command(ask, run, MODEL | OUTPUT, own_from=1)


def lasting(ask: Callable[..., Any]) -> Callable[..., None]:
    """As `question`, for `ask(space, report, ...) -> answer`, which takes long enough that its progress is drawn."""

    def run(*, quiet: bool, **own: Any) -> Any:
        from embgeo.space import load

        transform = transform_of(own)
        with progress(quiet=quiet) as report:
            model, which = own.pop("model"), {name: own.pop(name) for name in CHOICE}
            return ask(load(model, **which, transform=transform, report=report), report, **own)

    return _command(ask, run, MODEL | OUTPUT, own_from=2)


def comparing(ask: Callable[..., Any]) -> Callable[..., None]:
    """Turn `ask(spaces, report, ...) -> answer` into a command that takes several models, draws progress and prints."""

    def run(
        *, model: list[str] | None, revision: str | None, transform: list[str] | None, quiet: bool, **own: Any
    ) -> Any:
        from embgeo.space import load

        wanted = transforms_of(transform, transform_of(own))
        if revision and len(model or ()) > 1:
            raise UsageError("one --revision for several models", "Write -m org/name@revision for each.")
        with progress(quiet=quiet) as report:
            names: list[str | None] = [*model] if model else [None]
            spaces = [
                load(name, revision=revision, transform=how, report=report).embedding
                for name in names
                for how in wanted
            ]
            return ask(spaces, report, **own)

    shared = {"model": (Models, None), "revision": (Revision, None), "transform": (options.Transforms, None)}
    return _command(ask, run, shared | TRANSFORM | OUTPUT, own_from=2)


def transforms_of(several: list[str] | None, one: str | None) -> list[str | None]:
    """The transformations to compare, None for the model's own rows.

    Raises:
        UsageError: one by its own option besides `--transform`, or no such name.
    """
    if not several:
        return [one]
    if one:
        raise UsageError(f"--{one} besides --transform", f"Write --transform {one}.")
    from embgeo.numerics.transform import parse

    return [None if name == "none" else parse(name).name for name in several]


def peekable(ask: Callable[..., Any]) -> Callable[..., None]:
    """As `question`, for what a few rows answer: with --peek, only those travel from the Hub."""

    def run(*, quiet: bool, peek: bool, **own: Any) -> Any:
        from embgeo.space import load
        from embgeo.space import peek as peek_at

        transform = transform_of(own, ONLY_ROWS if peek else "")
        model, which = own.pop("model"), {name: own.pop(name) for name in CHOICE}
        with progress(quiet=quiet) as report:
            if not peek:
                return ask(load(model, **which, transform=transform, report=report), **own)
            with peek_at(model, **which, report=report) as space:
                return ask(space, **own)

    return _command(ask, run, {"peek": (Peek, False)} | MODEL | OUTPUT, own_from=1)


def fetching(ask: Callable[..., Any]) -> Callable[..., None]:
    """Turn `ask(report, ...) -> answer` into a command with the output options, which draws progress and prints."""

    def run(*, quiet: bool, **own: Any) -> Any:
        with progress(quiet=quiet) as report:
            return ask(report, **own)

    return _command(ask, run, OUTPUT, own_from=1)


def transforming(ask: Callable[..., Any]) -> Callable[..., None]:
    """As `fetching`, for `ask(report, transform, ...) -> answer`: with the options of a transformation, by its name."""

    def run(*, quiet: bool, **own: Any) -> Any:
        transform = transform_of(own)
        with progress(quiet=quiet) as report:
            return ask(report, transform, **own)

    return _command(ask, run, TRANSFORM | OUTPUT, own_from=2)


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
