"""What a command's function needs opened, the options that select it, and how it is opened."""

from __future__ import annotations

import copy
from contextlib import ExitStack
from typing import Annotated, Any, Final, NamedTuple, get_args

from embgeo.cli import options as o
from embgeo.errors import Report, UsageError

ONLY_ROWS: Final = "--peek fetches single rows, and a transformation is computed from all of them: omit --peek."
OPENED: Final = ("space", "each", "spaces", "choice", "transform", "report")  # parameters that a function may have
CHOICE: Final = {
    "side": (o.Side, "input"), "tensor": (o.Tensor, None), "file_format": (o.FileFormat, None),
    "limit": (o.Limit, None), "encoding": (o.EncodingName, None), "encoding_errors": (o.EncodingErrors, None),
}  # fmt: skip
ONE_MODEL: Final = {"model": (o.Model, None), "revision": (o.Revision, None), **CHOICE, "case": (o.Case, None)}
SEVERAL_MODELS: Final = {
    "model": (o.Models, None), "revision": (o.Revision, None), "transforms": (o.Transforms, None),
    "case": (o.EvalCase, "exact"),
}  # fmt: skip
SEED: Final = "control_seed"  # the option --seed, where the function has none of its own
NAMED: Final = ("model", "revision")  # the options of a matrix that the user can't choose

Given = dict[str, Any]


class Needs(NamedTuple):
    """What a function needs opened; see `command.command`.

    Attributes:
        opened: those of `OPENED` that are among its parameters.
        control: a control can answer in addition to each model.
        has_seed: the function has an option --seed of its own, which is that of the control too.
    """

    opened: frozenset[str]
    peekable: bool = False
    refused: str = ""
    sentences: bool = False
    several: bool = False
    matrix: str = ""
    control: bool = False
    has_seed: bool = False

    @property
    def model(self) -> bool:
        """Whether it needs a model, or to know which."""
        return bool(self.opened & {"space", "each", "spaces", "transform"})


def options_of(needs: Needs) -> Given:
    """The options that go with what is opened: (annotation, default) by name; help leaves refused ones out."""
    found: Given = {"peek": (o.Peek, False)} if needs.peekable else {}
    if "space" in needs.opened:
        found |= {name: ONE_MODEL[name] for name in (NAMED if needs.matrix else ONE_MODEL)}
    if "each" in needs.opened:
        found |= ONE_MODEL | {"model": (o.EachModel, None)}
    if "spaces" in needs.opened:
        found |= SEVERAL_MODELS
    if "choice" in needs.opened:
        found |= CHOICE
    if needs.model and not needs.matrix:
        hide = _hidden if needs.refused else lambda hint: hint
        found |= {name: (hide(hint), default) for name, (hint, default) in o.TRANSFORM.items()}
    if needs.sentences:
        found["model"] = (o.SentenceModel, None)
    if needs.several:
        found["model"] = (o.EachModel, None)
    if needs.control:
        found |= {"control": (o.Control, None)} | ({} if needs.has_seed else {SEED: (o.ControlSeed, 0)})
    return found


def _hidden(hint: Any) -> Any:
    """An option that help leaves out."""
    kind, option = get_args(hint)
    option = copy.copy(option)
    option.hidden = True
    return Annotated[kind, option]


def open_needed(needs: Needs, given: Given, report: Report, stack: ExitStack) -> Given:
    """What a function asks for, by name; the options that say so are taken out of what was given."""
    found: Given = {"report": report} if "report" in needs.opened else {}
    if "choice" in needs.opened:
        from embgeo.models.choice import Choice

        found["choice"] = Choice(**{name: given.pop(name) for name in CHOICE})
    if not needs.model:
        return found
    transform = None
    if not needs.matrix:
        transform = _transform(given, ONLY_ROWS if given.get("peek") else needs.refused)
    if "transform" in needs.opened:
        return found | {"transform": transform}
    if "spaces" in needs.opened:
        return found | {"spaces": _spaces(given, transform, report)}
    if "each" in needs.opened:
        return found | {"each": _each(needs, given, transform, report, stack)}
    if needs.sentences:
        given["model"] = o.sentence_model(given["model"])
    if needs.control:  # `several` has read them
        given.pop("control")
        given.pop(SEED, None)
    return found | {"space": _space(needs, given, transform, report, stack)}


def _space(needs: Needs, given: Given, transform: str | None, report: Report, stack: ExitStack) -> Any:
    from embgeo.cli.spaces import load
    from embgeo.space import peek

    which = {name: given.pop(name) for name in ONE_MODEL if name in given}
    if needs.matrix:
        which["side"] = needs.matrix
    if given.pop("peek", False):
        return stack.enter_context(peek(**which, report=report))
    return load(**which, transform=transform, report=report)


def _each(needs: Needs, given: Given, transform: str | None, report: Report, stack: ExitStack) -> list[Any]:
    names = given["model"] or [None]
    check_one_revision(names, given["revision"])
    which = {name: given.pop(name) for name in ONE_MODEL}
    kind, seed = given.pop("control"), given.pop(SEED)
    found = []
    for name in names:
        found.append(_space(needs, {**which, "model": name}, transform, report, stack))
        if kind:
            found.append(found[-1].control(kind, seed=seed))
    return found


def _spaces(given: Given, transform: str | None, report: Report) -> list[Any]:
    from embgeo.cli.spaces import load

    names, revision, case = given.pop("model") or [None], given.pop("revision"), given.pop("case")
    hows = _transforms(given.pop("transforms"), transform)
    kind, seed = given.pop("control"), given.pop(SEED)
    check_one_revision(names, revision)
    found = []
    for name in names:
        found += [load(name, revision=revision, transform=how, case=case, report=report) for how in hows]
        if kind:
            found.append(load(name, revision=revision, case=case, report=report).control(kind, seed=seed))
    return found


def check_one_revision(names: list[str | None], revision: str | None) -> None:
    """Raise a `UsageError` for one revision of several models."""
    if revision and len(names) > 1:
        raise UsageError("one --revision for several models", "Write -m org/name@revision for each.")


def _transform(given: Given, refused: str) -> str | None:
    """Take the options of a transformation out of what was given; the name of what they ask for, or None.

    Args:
        refused: why there can be none, if that is so.
    """
    own = {name: given.pop(name) for name in o.TRANSFORM}
    if own == {name: default for name, (_, default) in o.TRANSFORM.items()}:
        return None
    from embgeo.numerics.names import selected_transform

    name = selected_transform(**own)
    if refused:
        raise UsageError(f"--{name} is not supported here", refused)
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
    from embgeo.numerics.names import parse_transform

    return [None if name == "none" else parse_transform(name).name for name in several]
