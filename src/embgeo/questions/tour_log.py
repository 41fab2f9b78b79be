"""Questions to one model, each remembered as the command that asks it again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TypeVar

from embgeo.errors import ModelError
from embgeo.models import store
from embgeo.models.architectures import POSITIONS, Choice
from embgeo.models.manifest import Manifest
from embgeo.models.model import Embedding
from embgeo.models.reference import ALIASES
from embgeo.models.sides import companion, companion_here
from embgeo.progress import Report, silent
from embgeo.questions.analogy import analogy
from embgeo.questions.direction import from_pairs
from embgeo.questions.dot import dots, info, vector
from embgeo.questions.neighbors import neighbours
from embgeo.questions.positions import positions
from embgeo.questions.unembed import unembed
from embgeo.results.base import Answer
from embgeo.results.direction import DirectionScores
from embgeo.results.info import Dots, Info, Vector
from embgeo.results.neighbors import Analogy, Neighbours
from embgeo.results.positions import Positions
from embgeo.results.unembed import Unembedded

A = TypeVar("A", bound=Answer)


@dataclass(slots=True)
class Walk:
    """Asks a model, and keeps the commands and the notes of the answers.

    Attributes:
        space: the model.
        report: told of what has to be fetched: positions, where the model has some.
        commands, notes: of what was asked so far.
    """

    space: Embedding
    report: Report = silent
    commands: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def word(self, text: str) -> str:
        """A name as the vocabulary spells it: with its capital, unless only the small letter has a token."""
        vocabulary = self.space.vocabulary
        small = vocabulary.whole(text) is None and vocabulary.whole(text.lower()) is not None
        return text.lower() if small else text

    def vector(self, term: str) -> Vector:
        """`embgeo vector`."""
        self._say("vector", term)
        return self._kept(vector(self.space, term))

    def info(self) -> Info:
        """`embgeo info`."""
        self._say("info")
        return self._kept(info(self.space))

    def neighbours(self, term: str, k: int) -> Neighbours:
        """`embgeo neighbors`, of whole words."""
        self._say("neighbors", term, "-k", str(k), "--words")
        return self._kept(neighbours(self.space, term, k, words=True))

    def analogy(self, a: str, b: str, c: str) -> Analogy:
        """`embgeo analogy`, the first answer."""
        self._say("analogy", a, b, c, "-k", "1")
        return self._kept(analogy(self.space, a, b, c, 1))

    def direction(self, a: str, b: str, *words: str) -> DirectionScores:
        """`embgeo direction --score`."""
        self._say("direction", a, b, "--score", *words)
        return self._kept(from_pairs(self.space, [(a, b)]).score(words))

    def dots(self, *terms: str) -> Dots:
        """`embgeo dot`."""
        self._say("dot", *terms)
        return self._kept(dots(self.space, list(terms)))

    def unembed(self, term: str, temperature: float) -> Unembedded:
        """`embgeo unembed`, the likeliest token.

        Raises:
            ModelError: the unembedding is a matrix of its own, and not on this machine.
        """
        self._say("unembed", term, "-k", "1", "-T", f"{temperature:g}")
        output: Embedding | None = self.space
        if self.space.manifest.unembedding:
            output = companion_here(self.space, Choice("output"))
        if output is None:
            pull = shlex.join(["embgeo", "pull", _name(self.space.manifest), "--side", "output"])
            raise ModelError("the unembedding is a matrix of its own, and not on this machine", f"To fetch it: {pull}")
        return self._kept(unembed(self.space, output, term, 1, temperature=temperature))

    def positions(self) -> Positions:
        """`embgeo positions`; they are fetched where that is needed."""
        self._say("positions")
        return self._kept(positions(companion(self.space, POSITIONS, self.report)))

    def _say(self, *command: str) -> None:
        self.commands.append(shlex.join(["embgeo", *command, "-m", _name(self.space.manifest)]))

    def _kept(self, answer: A) -> A:
        self.notes += (note for note in answer.notes if note not in self.space.notes and note not in self.notes)
        return answer


def _name(manifest: Manifest) -> str:
    """What -m takes to get to the same matrix again: with the commit, unless that is what the branch stands at."""
    if manifest.source not in ("hub", "cache"):
        return manifest.full_name
    alias = next((short for short, name in ALIASES.items() if name == manifest.model), manifest.model)
    return alias if store.read_ref(manifest.model, "main") == manifest.revision else f"{alias}@{manifest.revision}"
