"""Scores of models on benchmark files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from embgeo.results.records import Record, as_data
from embgeo.results.tabular import Tabular


@dataclass(frozen=True, slots=True)
class Count:
    """Right answers.

    Attributes:
        accuracy: right / asked, from 0 to 1; None if no question was asked.
    """

    right: int
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class SectionScore:
    """A section of an analogy file, or all of it.

    Attributes:
        section: its name, or `total`.
        right, accuracy: with the input rows excluded; accuracy is right / asked, from 0 to 1, or None.
        asked: questions whose words are all in the vocabulary.
        outside: questions with a word outside the vocabulary.
        kept: with nothing excluded, the honest figure; None by gensim's rules.
        folded: with all spellings of the inputs excluded, and any spelling of an answer right; None by gensim's rules.
    """

    section: str
    right: int
    asked: int
    outside: int
    accuracy: float | None
    kept: Count | None
    folded: Count | None


@dataclass(frozen=True, slots=True)
class ModelAnalogies:
    """One model's scores on an analogy file; `transform` and `sha256` as in `base.Answer`."""

    model: str
    revision: str
    dtype: str
    sections: tuple[SectionScore, ...]
    total: SectionScore
    transform: str = field(default="", kw_only=True)
    sha256: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class AnalogyScores(Tabular):
    """Scores of models on an analogy file.

    Attributes:
        file: its name.
        method: a key of `objectives.EVAL_METHODS`.
        reference: whose rules were followed, `embgeo` or `gensim`.
    """

    command: str
    file: str
    method: str
    reference: str
    notes: tuple[str, ...]
    models: tuple[ModelAnalogies, ...]

    def records(self) -> list[Record]:
        """A row for each section of each model."""
        return [_flat(model, score) for model in self.models for score in (*model.sections, model.total)]


@dataclass(frozen=True, slots=True)
class Miss:
    """A wrong answer.

    Attributes:
        answered: the token's text; empty if there was no answer.
        answered_id: its row; None if there was no answer.
        transform: as in `base.Answer`.
    """

    model: str
    section: str
    question: str
    expected: str
    answered: str
    answered_id: int | None
    transform: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class ModelSimilarity:
    """One model's scores on rated word pairs.

    Attributes:
        asked: pairs whose words are both in the vocabulary.
        outside: pairs with a word outside the vocabulary.
        outside_share: outside / all pairs, from 0 to 1.
        pearson, spearman: correlation of cosines with human ratings, from -1 to 1; None if undefined.
        transform, sha256: as in `base.Answer`.
    """

    model: str
    revision: str
    dtype: str
    asked: int
    outside: int
    outside_share: float
    pearson: float | None
    spearman: float | None
    transform: str = field(default="", kw_only=True)
    sha256: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class SimilarityScores(Tabular):
    """Scores of models on rated word pairs; see `AnalogyScores`."""

    command: str
    file: str
    reference: str
    notes: tuple[str, ...]
    models: tuple[ModelSimilarity, ...]

    def records(self) -> list[Record]:
        """A row for each model."""
        return [as_data(model) for model in self.models]


@dataclass(frozen=True, slots=True)
class ModelOdd:
    """One model's scores on odd-one-out lines; see `SectionScore`, `transform` and `sha256` in `base.Answer`."""

    model: str
    revision: str
    dtype: str
    right: int
    asked: int
    outside: int
    accuracy: float | None
    transform: str = field(default="", kw_only=True)
    sha256: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class OddScores(Tabular):
    """Scores of models on odd-one-out lines; see `AnalogyScores`."""

    command: str
    file: str
    reference: str
    notes: tuple[str, ...]
    models: tuple[ModelOdd, ...]

    def records(self) -> list[Record]:
        """A row for each model."""
        return [as_data(model) for model in self.models]


def _flat(model: Any, score: Any) -> Record:
    """A section's counts, and those with inputs kept and with spellings folded, where there are any."""
    data = {name: value for name, value in as_data(score).items() if name not in ("kept", "folded")}
    counts = ((name, getattr(score, name)) for name in ("kept", "folded"))
    data |= {f"{name}_{field}": value for name, one in counts if one for field, value in as_data(one).items()}
    said = {"transform": model.transform} if model.transform else {}
    return {"model": model.model, "revision": model.revision, "dtype": model.dtype, **data, **said}
