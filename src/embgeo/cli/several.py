"""One question to several models, or to one and its control: all are opened, then each answers.

If a model can't be opened, the command ends before any of them answers. If a model lacks something (a word, its
positions, an unembedding), its place says so and the others still answer; if none does, the first reason is the error.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple

from embgeo.cli.forms import JsonLines, Paused
from embgeo.cli.opening import SEED, Given, check_one_revision
from embgeo.errors import EmbgeoError, ModelError, NoMatrixError, TermError, UsageError
from embgeo.formats.lines import MAX_FILE_BYTES
from embgeo.questions.rows import Identity, identity
from embgeo.questions.side_by_side import side_by_side
from embgeo.results.side_by_side import Unanswered

ONE_MODEL_OPTIONS: Final = {
    "plot": "--plot draws the answer of one model",
    "save": "--save keeps the direction of one model",
}

BoundQuestion = partial[Any]  # a command's function with all its arguments, an open model among them


class Refusal(NamedTuple):
    """A model without an answer, and why."""

    identity: Identity
    error: EmbgeoError


def ask_each(
    command: str, names: list[str | None], given: Given, opened: Callable[[Given], BoundQuestion]
) -> Any:  # fmt: skip
    """The answers of several models as one.

    Args:
        command: the command's name.
        names: of the models.
        given: the options of the command.
        opened: opens the model that options name, and returns the question to it.

    Raises:
        UsageError: options that are for one model, or one revision for several.
        EmbgeoError: no model answers, or one can't be opened.
    """
    _check(names, given)
    ready = [_open(name, partial(opened, {**given, "model": name})) for name in names]
    if kind := given.get("control"):
        seed: int = given[SEED if SEED in given else "seed"]
        ready = [one for model in ready for one in (model, *_control(model, kind, seed))]
    with _input_read_again():
        answers = [one if isinstance(one, Refusal) else _ask(one) for one in ready]
    if all(isinstance(answer, Refusal) for answer in answers):
        raise answers[0].error
    together = side_by_side(_answer(command, one) for one in answers)
    return Paused(together) if any(isinstance(answer, Paused) for answer in answers) else together


def _check(names: list[str | None], given: Given) -> None:
    check_one_revision(names, given.get("revision"))
    for option, why in ONE_MODEL_OPTIONS.items():
        if given.get(option) is not None:
            raise UsageError(why, "Name one model, and leave out --control.")


def _open(name: str | None, opened: Callable[[], BoundQuestion]) -> BoundQuestion | Refusal:
    try:
        return opened()
    except NoMatrixError as error:
        from embgeo.models.reference import parse_or_default

        model = parse_or_default(name).name
        return Refusal(Identity(model=model, revision="", dtype="", transform="", sha256=None), error)


def _control(question: BoundQuestion | Refusal, kind: str, seed: int) -> list[BoundQuestion]:
    """The same question to the control of the model that is open."""
    if isinstance(question, Refusal):
        return []
    return [partial(question, space=question.keywords["space"].control(kind, seed=seed))]


def _ask(question: BoundQuestion) -> Any:
    try:
        answer = question()
    except (UsageError, TermError, ModelError) as error:
        return Refusal(identity(question.keywords["space"]), error)
    if isinstance(answer, JsonLines):
        raise UsageError("lines of standard input are for one model", "Name one model, or type the words.")
    return answer


def _answer(command: str, answer: Any) -> Any:
    if isinstance(answer, Refusal):
        error = answer.error
        return Unanswered(**answer.identity, command=command, notes=(), error=error.message, hint=error.hint)
    return answer.answer if isinstance(answer, Paused) else answer


@contextmanager
def _input_read_again() -> Iterator[None]:
    """Let each model's question read standard input from its beginning."""
    typed = sys.stdin
    sys.stdin = _ReadAgain(typed)
    try:
        yield
    finally:
        sys.stdin = typed


class _ReadAgain:
    """Standard input, read once when it is first needed; each `buffer` is all of it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._content: bytes | None = None

    @property
    def buffer(self) -> io.BytesIO:
        if self._content is None:
            self._content = self._stream.buffer.read(MAX_FILE_BYTES + 1)
        return io.BytesIO(self._content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
