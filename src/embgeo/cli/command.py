"""One decorator turns a function into a command: it opens models, draws progress, and prints the answer."""

from __future__ import annotations

import copy
import functools
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Annotated, Any, Final, NamedTuple, get_args

import typer

from embgeo.cli import options as o
from embgeo.cli import output
from embgeo.cli.app import app
from embgeo.cli.drawn import Drawing
from embgeo.cli.parsing import Command
from embgeo.cli.progress import progress
from embgeo.errors import Report, UsageError

ONLY_ROWS: Final = "--peek fetches single rows, and a transformation is computed from all of them: leave out --peek."
LINES: Final = ("table", "json", "jsonl")  # a stream of answers is JSON lines, whichever of these is named
OPENED: Final = ("space", "spaces", "transform", "report")  # what a function may ask for by a parameter's name
ONE_MODEL: Final = {
    "model": (o.Model, None), "revision": (o.Revision, None), "side": (o.Side, "input"), "tensor": (o.Tensor, None),
    "file_format": (o.FileFormat, None), "limit": (o.Limit, None), "encoding": (o.EncodingName, None),
    "encoding_errors": (o.EncodingErrors, None), "case": (o.Case, None),
}  # fmt: skip
SEVERAL_MODELS: Final = {
    "model": (o.Models, None), "revision": (o.Revision, None), "transforms": (o.Transforms, None),
    "case": (o.EvalCase, "exact"),
}  # fmt: skip
OUTPUT: Final = {"form": (o.FormatOption, "table"), "json": (o.Json, False), "quiet": (o.Quiet, False)}

Ask = Callable[..., Any]


class JsonLines(NamedTuple):
    """Lines of JSON, written as they come; None where what waits should be flushed."""

    lines: Iterator[str | None]


class Paused(NamedTuple):
    """An answer that a terminal shows page by page, waiting for Enter; elsewhere it is printed as any other."""

    answer: Any


def command(
    example: str, *, on: typer.Typer = app, name: str | None = None, panel: str | None = None, cls: Any = None,
    peekable: bool = False, refused: str = "", sentences: bool = False,
) -> Callable[[Ask], Ask]:  # fmt: skip
    """Register a function as a command under its own name.

    What the function needs is told by its parameters: `space` is the model that was named, opened; `spaces` are
    several; `transform` is the name of the transformation that the options ask for; `report` draws progress. Each
    brings its own options. All other parameters are the command's own.

    Args:
        example: shown below the help.
        on: the program, or the group that the command is part of.
        panel: the heading that the program's help lists it under.
        peekable: single rows answer it, so that --peek makes sense.
        refused: why no transformed space can answer it.
        sentences: it needs a model of sentences, and asks the bundled one unless another is named.
    """

    def register(ask: Ask) -> Ask:
        run = _runner(ask, peekable=peekable, refused=refused, sentences=sentences)
        epilog = f"Example: {example}" if ";" not in example else f"Examples: {example}"
        on.command(name, cls=cls or Command, epilog=epilog, rich_help_panel=panel)(run)
        return ask

    return register


def answering(ask: Ask) -> Ask:
    """Turn a function that needs nothing opened into a group's own callback."""
    return _runner(ask, peekable=False, refused="")


def _runner(ask: Ask, *, peekable: bool, refused: str, sentences: bool = False) -> Ask:
    parameters = inspect.signature(ask).parameters
    opened = {name for name in OPENED if name in parameters}
    shared = _shared(opened, peekable=peekable, refused=bool(refused))
    if sentences:
        shared["model"] = (o.SentenceModel, None)

    @functools.wraps(ask)
    def run(*, form: str, json: bool, quiet: bool, **given: Any) -> None:
        if sentences:
            from embgeo.models.reference import BUNDLED

            given["model"] = given["model"] or os.environ.get("EMBGEO_MODEL") or BUNDLED
        with ExitStack() as stack:
            with progress(quiet=quiet) as report:
                needs = {"report": report} if "report" in opened else {}
                if opened & {"space", "spaces", "transform"}:
                    transform = _transform(given, ONLY_ROWS if given.get("peek") else refused)
                    needs |= _opened(opened, given, transform, report, stack)
                answer = ask(**needs, **given)
            _write(answer, "json" if json else form, quiet=quiet, ask=ask)

    own = [parameter for name, parameter in parameters.items() if name not in OPENED]
    kind = inspect.Parameter.KEYWORD_ONLY
    extra = [inspect.Parameter(name, kind, default=value, annotation=hint) for name, (hint, value) in shared.items()]
    signature = [parameter.replace(kind=kind) for parameter in own] + extra
    run.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]  # what Typer reads
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature}
    return run


def _shared(opened: set[str], *, peekable: bool, refused: bool) -> dict[str, Any]:
    """The options that go with what is opened, and how the answer is printed; help leaves refused ones out."""
    shared: dict[str, Any] = {"peek": (o.Peek, False)} if peekable else {}
    if "space" in opened:
        shared |= ONE_MODEL
    if "spaces" in opened:
        shared |= SEVERAL_MODELS
    if opened & {"space", "spaces", "transform"}:
        shared |= {name: (_hidden(hint) if refused else hint, default) for name, (hint, default) in o.TRANSFORM.items()}
    return shared | OUTPUT


def _hidden(hint: Any) -> Any:
    """An option that help leaves out."""
    kind, option = get_args(hint)
    option = copy.copy(option)
    option.hidden = True
    return Annotated[kind, option]


def _opened(
    opened: set[str], given: dict[str, Any], transform: str | None, report: Report, stack: ExitStack
) -> dict[str, Any]:
    """The models that a function asks for; their options are taken out of what was given."""
    if "transform" in opened:
        return {"transform": transform}
    from embgeo.cli.spaces import load
    from embgeo.space import peek

    if "spaces" in opened:
        names, revision, case = given.pop("model") or [None], given.pop("revision"), given.pop("case")
        hows = _transforms(given.pop("transforms"), transform)
        if revision and len(names) > 1:
            raise UsageError("one --revision for several models", "Write -m org/name@revision for each.")
        return {
            "spaces": [
                load(name, revision=revision, transform=how, case=case, report=report)
                for name in names for how in hows
            ]
        }  # fmt: skip
    which = {name: given.pop(name) for name in ONE_MODEL}
    if given.pop("peek", False):
        return {"space": stack.enter_context(peek(**which, report=report))}
    return {"space": load(**which, transform=transform, report=report)}


def _transform(given: dict[str, Any], refused: str) -> str | None:
    """Take the options of a transformation out of what was given; the name of what they ask for, or None.

    Args:
        refused: why there can be none, if that is so.
    """
    own = {name: given.pop(name) for name in o.TRANSFORM}
    if own == {name: default for name, (_, default) in o.TRANSFORM.items()}:
        return None
    from embgeo.numerics.names import chosen

    name = chosen(**own)
    if refused:
        raise UsageError(f"no --{name} here", refused)
    return name


def _transforms(several: list[str] | None, one: str | None) -> list[str | None]:
    """The transformations to compare, None for the model's own rows.

    Raises:
        UsageError: one by its own option besides `--transform`, or an unknown name.
    """
    if not several:
        return [one]
    if one:
        raise UsageError(f"--{one} besides --transform", f"Write --transform {one}.")
    from embgeo.numerics.names import parse

    return [None if name == "none" else parse(name).name for name in several]


def _write(answer: Any, form: str, *, quiet: bool, ask: Ask) -> None:
    if isinstance(answer, JsonLines):
        if form not in LINES:
            raise UsageError(f"answers to standard input are JSON lines, not {form}", "Leave out --format.")
        output.stream(answer.lines)
    elif isinstance(answer, Drawing):
        from embgeo.cli.figures import show

        show(answer, form, quiet=quiet)
    elif isinstance(answer, Paused):
        named = ask.__module__.rpartition(".")[2]
        if form != "table" or not output.is_interactive():
            _write(answer.answer, form, quiet=quiet, ask=ask)
            return
        if not quiet:
            output.notes(answer.answer.notes)
        output.write_pages(answer.answer, named)
    elif answer is not None:  # a group without a subcommand answers itself
        if not quiet:
            output.notes(getattr(answer, "notes", ()))
        output.write(answer, form, ask.__module__.rpartition(".")[2])
        if code := getattr(answer, "exit_code", 0):
            raise typer.Exit(code)
