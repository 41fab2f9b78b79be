"""Questions to one model, each logged as the command that reproduces its answer."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from embgeo.errors import ModelError, Report, silent
from embgeo.models.choice import Choice
from embgeo.models.hub_records import read_ref
from embgeo.models.layers import layers_config, layers_here
from embgeo.models.manifest import Manifest
from embgeo.models.model import Model
from embgeo.models.reference import ALIASES
from embgeo.models.sides import side_on_disk
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.names import parse_control
from embgeo.questions.analogy import analogy
from embgeo.questions.context import word_states
from embgeo.questions.direction import from_pairs
from embgeo.questions.dot import dot
from embgeo.questions.info import describe
from embgeo.questions.neighbors import neighbors
from embgeo.questions.next import next_tokens
from embgeo.questions.positions import positions
from embgeo.questions.running import runner
from embgeo.questions.unembed import unembed_with
from embgeo.questions.vector import vector
from embgeo.questions.words_alone import cosines_with
from embgeo.results.analogy import Analogy
from embgeo.results.base import Answer
from embgeo.results.direction import DirectionScores
from embgeo.results.dot import DotProducts
from embgeo.results.info import Info
from embgeo.results.neighbors import Neighbors
from embgeo.results.next import Next
from embgeo.results.positions import Positions
from embgeo.results.unembed import Unembedded
from embgeo.results.vector import Vector

A = TypeVar("A", bound=Answer)


@dataclass(slots=True)
class CommandLog:
    """Asks a model questions, and logs their commands and the notes of their answers.

    Attributes:
        model: the model to ask.
        report: progress callback for fetching the position embedding.
        commands: one for each question, in order.
        notes: of the answers, without the model's own.
    """

    model: Model
    report: Report = silent
    commands: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def word(self, text: str) -> str:
        """A name as typed, or in lower case if only that is a token."""
        vocabulary = self.model.vocabulary
        lower_only = vocabulary.single_token(text) is None and vocabulary.single_token(text.lower()) is not None
        return text.lower() if lower_only else text

    def vector(self, term: str) -> Vector:
        """`embgeo vector`."""
        self._log("vector", term)
        return self._logged(vector(self.model, term))

    def info(self) -> Info:
        """`embgeo info`."""
        self._log("info")
        return self._logged(describe(self.model))

    def neighbors(self, term: str, k: int) -> Neighbors:
        """`embgeo neighbors --words`."""
        self._log("neighbors", term, "-k", str(k), "--words")
        return self._logged(neighbors(self.model, term, k, words=True))

    def nearest(self, expression: str) -> Neighbors:
        """`embgeo neighbors -k 1 --pieces`: first among all tokens."""
        self._log("neighbors", expression, "-k", "1", "--pieces")
        return self._logged(neighbors(self.model, expression, 1, pieces=True))

    def rows(self) -> Model:
        """`embgeo export`, which writes all rows; for a control, which is only generated, `embgeo space`."""
        self._log(*(("space",) if parse_control(self.model.manifest.transform) else ("export", "rows.npy")))
        return self.model

    def analogy(self, a: str, b: str, c: str) -> Analogy:
        """`embgeo analogy -k 1 --pieces`: first among all tokens."""
        self._log("analogy", a, b, c, "-k", "1", "--pieces")
        return self._logged(analogy(self.model, a, b, c, 1, pieces=True))

    def direction(self, a: str, b: str, *words: str) -> DirectionScores:
        """`embgeo direction --score`."""
        self._log("direction", a, b, "--score", *words)
        return self._logged(from_pairs(self.model, [(a, b)]).score(words))

    def dot(self, *terms: str) -> DotProducts:
        """`embgeo dot`."""
        self._log("dot", *terms)
        return self._logged(dot(self.model, list(terms)))

    def unembed(self, term: str, temperature: float) -> Unembedded:
        """`embgeo unembed -k 1`; refused if the unembedding is a separate matrix that is not on this machine."""
        self._log("unembed", term, "-k", "1", "-T", f"{temperature:g}")
        output: Model | None = self.model
        if self.model.manifest.unembedding:
            output = side_on_disk(self.model, Choice("output"))
        if output is None:
            pull = shlex.join(["embgeo", "pull", _name(self.model.manifest), "--side", "output"])
            raise ModelError("the unembedding is a separate matrix, and is not on this machine", f"To fetch it: {pull}")
        return self._logged(unembed_with(self.model, output, term, 1, temperature=temperature))

    def positions(self) -> Positions:
        """`embgeo positions`; fetches the position embedding if necessary."""
        self._log("positions")
        return self._logged(positions(self.model, self.report))

    def occurrences(self, word: str, texts: list[str]) -> tuple[F64, F64]:
        """`embgeo context --near none`: cosines [texts, texts] of a word's states at layer 0 and at the last layer."""
        self._log("context", *texts, "--word", word, "--near", "none")
        _check_layers(self.model)
        ready = runner(self.model)
        states = word_states(ready, ready.read(texts), word).states  # [layers + 1, occurrences, dims]
        first, last = (np.vectorize(shortest)(cosines_with(one, one)) for one in (states[0], states[-1]))
        return first, last

    def next(self, text: str, temperature: float) -> Next:
        """`embgeo next -k 3`."""
        self._log("next", text, "-k", "3", "-T", f"{temperature:g}")
        _check_layers(self.model)
        return self._logged(next_tokens(self.model, text, 3, temperature=temperature))

    def _log(self, *command: str) -> None:
        manifest = self.model.manifest
        control = parse_control(manifest.transform) if command[0] != "info" else None
        options = ["--control", control[0], "--seed", str(control[1])] if control else []
        self.commands.append(shlex.join(["embgeo", *command, "-m", _name(manifest), *options]))

    def _logged(self, answer: A) -> A:
        self.notes += (note for note in answer.notes if note not in self.model.notes and note not in self.notes)
        return answer


def _check_layers(model: Model) -> None:
    """Refuse a model whose layers would have to be fetched: that is too large a download for a tour."""
    name = model.manifest.model
    if parse_control(model.manifest.transform):
        raise ModelError("a control has no layers, only rows")
    if not layers_config(model):
        raise ModelError(f"'{name}' has no layers that could run a text")
    found = layers_here(model)
    if found is None or found.absent:
        pull = shlex.join(["embgeo", "pull", _name(model.manifest), "--layers", "all"])
        raise ModelError(f"the layers of '{name}' are not on this machine", f"To fetch them: {pull}")


def _name(manifest: Manifest) -> str:
    """The argument of -m for the same matrix; it names the commit unless the branch points to it."""
    if manifest.source not in ("hub", "cache"):
        return manifest.full_name
    alias = next((short for short, name in ALIASES.items() if name == manifest.model), manifest.model)
    return alias if read_ref(manifest.model, "main") == manifest.revision else f"{alias}@{manifest.revision}"
