"""The rows, for CSV and TSV, of learnt directions, of projections, and of words among themselves."""

from __future__ import annotations

from embgeo.cli.records import Record, as_data, ids
from embgeo.results.learnt import LearntDirection, PlacedScore
from embgeo.results.project import Projection
from embgeo.results.similarity import Groups, Parallel, Similarity


def records(answer: object) -> list[Record] | None:
    """The rows of an answer of one of these kinds; None for others, and for both ends of a direction."""
    match answer:
        case LearntDirection() if answer.scores:
            return [_score(score) for score in answer.scores if isinstance(score, PlacedScore)]
        case Projection():
            return [as_data(component) for component in answer.components]
        case Similarity():
            return _cells(answer)
        case Groups():
            return _members(answer)
        case Parallel():
            named = dict(zip("abcd", (term.term for term in answer.terms), strict=True))
            return [named | {"cosine": answer.cosine, "angle": answer.angle} | (as_data(answer.baseline) or {})]
    return None


def _score(score: PlacedScore) -> Record:
    along = {f"along_{number}": value for number, value in enumerate(score.along[1:], 2)}
    numbers = {"dot": score.dot, "cosine": score.cosine, "percentile": score.percentile}
    return {"term": score.term, "ids": ids(score.tokens)} | numbers | along


def _cells(answer: Similarity) -> list[Record]:
    names = [term.term for term in answer.terms]
    return [
        {"a": a, "b": b, answer.metric: value}
        for a, row in zip(names, answer.matrix, strict=True)
        for b, value in zip(names, row, strict=True)
    ]


def _members(answer: Groups) -> list[Record]:
    return [
        {"group": number, "name": group.text, "term": member.term, "ids": ids(member.tokens), "cosine": member.cosine}
        for number, group in enumerate(answer.groups, 1)
        for member in group.members
    ]
