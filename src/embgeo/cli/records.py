"""Answers as plain data: the whole of one for JSON, its rows for CSV and TSV."""

from __future__ import annotations

import csv
import dataclasses
import functools
import json
import operator
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

Record = dict[str, Any]
ABSENT: Final = "transform"  # the field that is left out where it is empty

# Which file of cli/ lays out the answers of which file of results/, and which one their rows.
DRAWN: Final = {
    "learnt": ("meaning", "meaning_records"), "parts": ("meaning", "meaning_records"),
    "related": ("meaning", "meaning_records"), "positioned": ("placed", "placed"), "toured": ("toured", "toured"),
    "shaped": ("shapes", "shapes_records"),
}  # fmt: skip
FORMULAS = tuple("=+-@＝＋－＠")  # what a spreadsheet takes for the beginning of one, the wide ones too


def as_data(value: object) -> Any:
    """A result as what JSON knows: dataclasses become objects (a rank first), tuples lists."""
    if dataclasses.is_dataclass(value):
        return {name: as_data(item) for name, item in fields(value).items()}
    return [as_data(item) for item in value] if isinstance(value, tuple) else value


def fields(value: object) -> Record:
    """A dataclass's fields by name, a rank first."""
    return _reader(type(value))(value)  # type: ignore[arg-type]  # every type can be hashed


@functools.cache
def _reader(kind: type) -> Callable[[object], Record]:
    """The `fields` of one kind of dataclass: long lists go through it token by token."""
    names = sorted((field.name for field in dataclasses.fields(kind)), key=lambda name: name != "rank")
    values = operator.attrgetter(*names)
    if ABSENT in names:
        return lambda value: {
            name: one for name, one in zip(names, values(value), strict=True) if name != ABSENT or one
        }
    return lambda value: dict(zip(names, values(value), strict=True))


def to_json(answer: object, *, lines: bool, ascii_only: bool) -> str:
    """The whole answer; indented, or in one line. NaN and infinity can't be in it."""
    return (
        json.dumps(answer, default=fields, ensure_ascii=ascii_only, allow_nan=False, indent=None if lines else 2) + "\n"
    )


def to_csv(answer: object, delimiter: str) -> str:
    """The answer's rows under a line of names; text that a spreadsheet would run as a formula gets a quote first."""
    return rows_to_csv(records(answer), delimiter)


def rows_to_csv(rows: list[Record], delimiter: str) -> str:
    """Rows under a line of their names; nothing where there are none."""
    if not rows:
        return ""
    lines = _Lines()
    names = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(lines, list(names), "", delimiter=delimiter, lineterminator=lines.end)
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return "".join(lines)


def drawn_by(answer: object) -> tuple[str, str] | None:
    """The files that lay out an answer and its rows, if it isn't `tables` and this; told without importing others."""
    return DRAWN.get(type(answer).__module__.removeprefix("embgeo.results."))


def records(answer: object) -> list[Record]:
    """The rows of an answer."""
    if files := drawn_by(answer):
        rows: list[Record] | None = import_module(f"embgeo.cli.{files[1]}").records(answer)
        if rows is not None:
            return rows
    from embgeo.results.along import DirectionScores
    from embgeo.results.checked import Verified
    from embgeo.results.exported import Exported
    from embgeo.results.looked import Dots, Info, Splits, Survey, Vector
    from embgeo.results.ranked import Neighbours
    from embgeo.results.shelved import Models, Removed
    from embgeo.results.unembedded import Unembedded

    match answer:
        case Neighbours() | Unembedded():
            return [as_data(result) for result in answer.results]
        case DirectionScores() if answer.scores:
            return [{"term": s.term, "ids": ids(s.tokens), "dot": s.dot, "cosine": s.cosine} for s in answer.scores]
        case DirectionScores():
            ends = (("top", answer.top), ("bottom", answer.bottom))
            return [{"end": name, **as_data(token)} for name, tokens in ends for token in tokens]
        case Dots():
            return [as_data(pair) for pair in answer.pairs]
        case Splits():
            return [{"of": split.text, **as_data(token)} for split in answer.texts for token in split.tokens]
        case Vector():
            return [{"dimension": number, "value": value} for number, value in enumerate(answer.values)]
        case Models():
            return [as_data(model) for model in answer.models]
        case Removed():
            return [as_data(model) for model in answer.removed]
        case Exported():
            return [as_data(file) for file in answer.files]
        case Info() | Survey():
            return [{name: value for name, value in as_data(answer).items() if name not in ("command", "notes")}]
        case Verified():
            return [as_data(check) for check in answer.checks]
    return _evaluated(answer)


def _evaluated(answer: object) -> list[Record]:
    from embgeo.results.evaluated import AnalogyScores, Odd, OddScores, SimilarityScores

    match answer:
        case AnalogyScores():
            return [_flat(model, score) for model in answer.models for score in (*model.sections, model.total)]
        case SimilarityScores() | OddScores():
            return [as_data(model) for model in answer.models]
        case Odd():
            return [
                {"rank": w.rank, "term": w.term, "ids": ids(w.tokens), "centrality": w.centrality} for w in answer.words
            ]
    raise TypeError(f"no rows are laid down for {type(answer).__name__}")


def _flat(model: Any, score: Any) -> Record:
    """A section's line: its counts, and those with inputs kept and with spellings folded where there are any."""
    data = {name: value for name, value in as_data(score).items() if name not in ("kept", "folded")}
    counts = ((name, getattr(score, name)) for name in ("kept", "folded"))
    data |= {f"{name}_{field}": value for name, one in counts if one for field, value in as_data(one).items()}
    said = {"transform": model.transform} if model.transform else {}
    return {"model": model.model, "revision": model.revision, "dtype": model.dtype, **data, **said}


def ids(tokens: tuple[Any, ...]) -> str:
    """The rows that stand for a word, in one cell."""
    return " ".join(str(token.id) for token in tokens)


class _Lines(list[str]):
    """Lines of CSV: written with both characters that may end a line, so that a cell with either of them is quoted."""

    end = "\r\n"

    def write(self, line: str) -> None:
        self.append(line.removesuffix(self.end) + "\n")


def _harmless(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.lstrip()[:1] in FORMULAS and value.strip() else value
