"""The numbers of figures as rows."""

from __future__ import annotations

from embgeo.results.records import Record, as_data, ids
from embgeo.results.plot import DirectionPlot, PairsPlot


def rows(answer: PairsPlot | DirectionPlot) -> list[Record]:
    """A row for each pair, or for each word."""
    match answer:
        case PairsPlot():
            at = {word.term: word for word in answer.words}
            return [
                as_data(pair)
                | {"x1": at[pair.first].x, "y1": at[pair.first].y, "x2": at[pair.second].x, "y2": at[pair.second].y}
                for pair in answer.pairs
            ]
        case DirectionPlot():
            return [{**as_data(score), "tokens": ids(score.tokens)} for score in answer.scores]
