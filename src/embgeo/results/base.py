"""Tokens, terms, and the fields of every answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from embgeo.results.tabular import Tabular


@dataclass(frozen=True, slots=True)
class Token:
    """A row of the vocabulary.

    Attributes:
        id: number of the row, from 0.
        piece: the vocabulary's own string.
        text: the decoded string.
    """

    id: int
    piece: str
    text: str


@dataclass(frozen=True, slots=True)
class Term:
    """One vector of a question.

    Attributes:
        term: as typed.
        weight: its factor in the question, such as -1 for B in A - B + C.
        tokens: the rows that its vector is made of.
    """

    term: str
    weight: float
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A question as typed, and its terms.

    Attributes:
        unit: whether the vectors of the terms are scaled to length 1 before they are added.
    """

    text: str
    terms: tuple[Term, ...]
    unit: bool = False


@dataclass(frozen=True, slots=True)
class Answer(Tabular):
    """The fields of every answer.

    Attributes:
        command: the command that prints this answer.
        model: its name; for a local file, the path.
        revision: the Hub's commit; empty for a local file.
        dtype: of the matrix, as safetensors names it.
        notes: on what was chosen, approximated or left out.
        transform: the space's transformation, such as `center` or `remove-top=2`, or its control, such as
            `control=random seed=0`; empty, and not in JSON, for the model's own rows.
        sha256: hex digest of the matrix's bytes; None (null in JSON) where not all of them were read.
    """

    command: str
    model: str
    revision: str
    dtype: str
    notes: tuple[str, ...]
    transform: str = field(default="", kw_only=True)
    sha256: str | None = field(default=None, kw_only=True)
