"""How well a space does on benchmark files."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Count:
    """Right answers, and their share of the questions asked; None where none was asked."""

    right: int
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class SectionScore:
    """A section of an analogy file, or all of it.

    Attributes:
        asked: questions all of whose words have a row.
        outside: questions that were not asked, since a word has none.
        right, accuracy: with the input rows left out.
        kept: with nothing left out: the honest figure.
        folded: with all spellings of the inputs left out, and any spelling of an answer right. Neither is known to
            gensim's rules: None there.
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
    """One model on an analogy file; `transform` as in `base.Answer`."""

    model: str
    revision: str
    dtype: str
    sections: tuple[SectionScore, ...]
    total: SectionScore
    transform: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class AnalogyScores:
    """Models on an analogy file.

    Attributes:
        file: its name.
        reference: `embgeo` or `gensim`: whose rules were followed.
    """

    command: str
    file: str
    method: str
    reference: str
    notes: tuple[str, ...]
    models: tuple[ModelAnalogies, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """A question that was answered wrongly.

    `answered` is a token's text, or empty where nothing could be answered; `transform` as in `base.Answer`.
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
    """One model on rated word pairs.

    Attributes:
        asked: pairs both of whose words have a row.
        outside_share: of all pairs, from 0 to 1.
        pearson, spearman: correlation of the cosines with people's scores; None where it isn't defined.
        transform: as in `base.Answer`.
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


@dataclass(frozen=True, slots=True)
class SimilarityScores:
    """Models on rated word pairs; see `AnalogyScores`."""

    command: str
    file: str
    reference: str
    notes: tuple[str, ...]
    models: tuple[ModelSimilarity, ...]


@dataclass(frozen=True, slots=True)
class ModelOdd:
    """One model on odd-one-out lines; `transform` as in `base.Answer`."""

    model: str
    revision: str
    dtype: str
    right: int
    asked: int
    outside: int
    accuracy: float | None
    transform: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class OddScores:
    """Models on odd-one-out lines; see `AnalogyScores`."""

    command: str
    file: str
    reference: str
    notes: tuple[str, ...]
    models: tuple[ModelOdd, ...]
