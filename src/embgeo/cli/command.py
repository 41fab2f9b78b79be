"""One decorator turns a function into a command: it opens models, draws progress, and prints the answer."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

import typer

from embgeo.cli import options as o
from embgeo.cli import output
from embgeo.cli.app import app
from embgeo.cli.completing import complete_terms
from embgeo.cli.forms import Drawing, JsonLines, Paused
from embgeo.cli.opening import OPENED, SEED, Given, Needs, open_needed, options_of
from embgeo.cli.parsing import Combinations, Command, check_combined
from embgeo.cli.progress import progress
from embgeo.errors import EmbgeoError, Report, UsageError

LINES: Final = ("table", "json", "jsonl")  # a stream of answers is JSON lines, whichever of these is named
OUTPUT: Final = {"form": (o.FormatOption, "table"), "json": (o.Json, False), "quiet": (o.Quiet, False)}
CONTEXT: Final = "context"  # the parameter that Typer fills with Click's context

Ask = Callable[..., Any]


def command(
    example: str, *, on: typer.Typer = app, name: str | None = None, panel: str | None = None, cls: Any = None,
    peekable: bool = False, refused: str = "", sentences: bool = False, several: bool = False, matrix: str = "",
    controlled: bool = True, goes_with: Combinations | None = None, excludes: Combinations | None = None,
) -> Callable[[Ask], Ask]:  # fmt: skip
    """Register a function as a command under its own name.

    The function's parameters say what it needs: `space` is the model that was named, opened; `each` are several,
    opened with the same options; `spaces` are several models and their transformations; `choice` is which matrix of a
    model the options name; `transform` is the name of the transformation that they ask for; `report` draws progress.
    Each brings its own options. All other parameters are the command's own.

    Args:
        example: shown below the help.
        on: the program, or the group that the command is part of.
        panel: the heading that the program's help lists it under.
        peekable: single rows answer it, so that --peek makes sense.
        refused: why no transformed space can answer it.
        sentences: it needs a model of sentences, and asks the bundled one unless another is named.
        several: -m may be repeated; the function is then called for each model, and its answers stand side by side.
        matrix: the side of the model that it needs, where the user has no choice: `input` or `position`.
        controlled: with `several`: the answer depends on the matrix, so that --control answers something else.
        goes_with, excludes: as for `parsing.check_combined`.
    """

    def register(ask: Ask) -> Ask:
        parameters = frozenset(inspect.signature(ask).parameters)
        control = bool({"spaces", "each"} & parameters) or (several and controlled)
        needs = Needs(
            parameters & frozenset(OPENED), peekable, refused, sentences, several, matrix, control, "seed" in parameters
        )  # fmt: skip
        epilog = f"Example: {example}" if ";" not in example else f"Examples: {example}"
        needed = {**(goes_with or {}), **({SEED: ("control",)} if needs.control and not needs.has_seed else {})}
        run = _runner(ask, needs, functools.partial(check_combined, goes_with=needed, excludes=excludes or {}))
        on.command(name, cls=cls or Command, epilog=epilog, rich_help_panel=panel)(run)
        return ask

    return register


def answering(ask: Ask) -> Ask:
    """Turn a function that needs nothing opened into a group's own callback."""
    return _runner(ask, Needs(frozenset()), lambda _: None)


def _runner(ask: Ask, needs: Needs, check: Callable[[typer.Context], None]) -> Ask:
    complete_terms(parameter.annotation for parameter in inspect.signature(ask).parameters.values())

    @functools.wraps(ask)
    def run(*, context: typer.Context, form: str, json: bool, quiet: bool, **given: Any) -> None:
        check(context)
        if takes_context:
            given[CONTEXT] = context
        unsaid: list[str] = []
        with ExitStack() as stack:
            stack.push(functools.partial(_say, [] if quiet else unsaid))
            with progress(quiet=quiet) as report:
                answer, layout = _answer(ask, needs, given, report, stack, unsaid)
            unsaid.clear()  # the answer has them
            _write(answer, "json" if json else form, context, quiet=quiet, layout=layout)

    takes_context = CONTEXT in inspect.signature(ask).parameters
    shared = options_of(needs) | OUTPUT
    kind = inspect.Parameter.KEYWORD_ONLY
    own = {name: one for name, one in inspect.signature(ask).parameters.items() if name not in OPENED}
    own |= {CONTEXT: inspect.Parameter(CONTEXT, kind, annotation=typer.Context)}
    extra = [inspect.Parameter(name, kind, default=value, annotation=hint) for name, (hint, value) in shared.items()]
    signature = [parameter.replace(kind=kind) for parameter in own.values()] + extra
    run.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]  # what Typer reads
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature}
    return run


def _say(unsaid: list[str], kind: type[BaseException] | None, *_: object) -> None:
    """Before an error, say how the models were chosen: the one that is at fault may stand in for another."""
    if kind is not None and issubclass(kind, EmbgeoError):
        output.notes(unsaid)


def _answer(
    ask: Ask, needs: Needs, given: Given, report: Report, stack: ExitStack, unsaid: list[str]
) -> tuple[Any, str]:  # fmt: skip
    """What the function answers, of several models side by side; and the file in `tables/` that lays it out.

    Args:
        unsaid: gets the notes on how the models that are opened were chosen.
    """

    def question(given: Given) -> functools.partial[Any]:
        found = open_needed(needs, given, report, stack)
        for one in (found.get("space"), *found.get("each", ()), *found.get("spaces", ())):
            unsaid.extend(note for note in getattr(one, "load_notes", ()) if note not in unsaid)
        return functools.partial(ask, **found, **given)

    named = ask.__module__.rpartition(".")[2]
    if needs.several:
        models = given["model"] or [None]
        if len(models) > 1 or given.get("control"):
            from embgeo.cli.several import ask_each

            return ask_each(named, models, given, question), output.SIDE_BY_SIDE
        given["model"] = models[0]
    return question(given)(), named


def _write(answer: Any, form: str, context: typer.Context, *, quiet: bool, layout: str) -> None:
    if isinstance(answer, JsonLines):
        if form not in LINES:
            raise UsageError(f"answers to standard input are JSON lines, not {form}", "Leave out --format.")
        output.stream(answer.lines)
    elif isinstance(answer, Drawing):
        from embgeo.cli.figures import show

        show(answer, form, context, quiet=quiet)
    elif isinstance(answer, Paused):
        if form != "table" or not output.is_interactive():
            _write(answer.answer, form, context, quiet=quiet, layout=layout)
            return
        if not quiet:
            output.notes(answer.answer.notes)
        output.write_pages(answer.answer, layout)
    elif answer is not None:  # a group without a subcommand answers itself
        if not quiet:
            output.notes(getattr(answer, "notes", ()))
        output.write(answer, form, layout)
        if code := getattr(answer, "exit_code", 0):
            raise typer.Exit(code)
