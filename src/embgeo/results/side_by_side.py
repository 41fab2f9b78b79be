"""One question's answers by several models."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.records import Record
from embgeo.results.several import Several
from embgeo.results.tabular import Tabular, at_revision


@dataclass(frozen=True, slots=True)
class Unanswered(Answer):
    """A model that can't answer a question which others can.

    Attributes:
        error: what it lacks: a word, its positions, an unembedding.
        hint: what to do about it; empty if there is nothing useful to say.
    """

    error: str
    hint: str

    def records(self) -> list[Record]:
        """One row, which says why there are no others."""
        return [{"error": self.error}]


@dataclass(frozen=True, slots=True)
class SharedWord:
    """A word in the ranked lists of more than one model, whatever its capitals and space marks.

    Attributes:
        query: the term that the lists are for.
        list: their key in each answer: `results`, or `top` or `bottom` of a direction.
        word: in small letters.
        ranks: [models] its best rank in each list, from 1; None where it is not listed.
    """

    query: str
    list: str
    word: str
    ranks: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class SideBySide(Tabular):
    """One question's answers by several models, in the order given.

    Attributes:
        command: the command of each of them.
        models: the answer of each model as it is alone, with its own notes; or why it has none.
        shared: the words that several models list, best ranks first; None for answers without ranked lists.
    """

    command: str
    models: tuple[Answer | Several, ...]
    shared: tuple[SharedWord, ...] | None

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return next((one.heading for one in self.answers if not isinstance(one, Unanswered)), "")

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answers one by one, those for several terms taken apart."""
        return tuple(part for answer in self.models for part in parts_of(answer))

    @property
    def labels(self) -> tuple[str, ...]:
        """A short name for each model: its name alone where that tells them apart."""
        firsts = [parts_of(answer)[0] for answer in self.models]
        names = [answer.model for answer in firsts]
        return tuple(one.model if names.count(one.model) == 1 else " ".join(_identity(one)) for one in firsts)

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of all models; one that not all of them have begins with the model's name."""
        every = [answer.notes for answer in self.models]
        said = [
            note if all(note in notes for notes in every) else f"{label}: {note}"
            for label, notes in zip(self.labels, every, strict=True)
            for note in notes
        ]
        return tuple(dict.fromkeys(said))

    def records(self) -> list[Record]:
        """The rows of all answers, each with its model; and with its term, of several."""
        return [
            {**_model(part), **({"of": part.heading} if isinstance(answer, Several) else {}), **row}
            for answer in self.models
            for part in parts_of(answer)
            for row in part.records()
        ]


def parts_of(answer: Answer | Several) -> tuple[Answer, ...]:
    """The answers for several terms, or the only one."""
    return answer.answers if isinstance(answer, Several) else (answer,)


def _model(answer: Answer) -> Record:
    """The cells that tell a row's model from the others."""
    transform = {"transform": answer.transform} if answer.transform else {}
    return {"model": answer.model, "revision": answer.revision, **transform}


def _identity(answer: Answer) -> list[str]:
    named = at_revision(answer.model, answer.revision)
    return [named, answer.transform] if answer.transform else [named]
