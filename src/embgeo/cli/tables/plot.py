"""The numbers of figures as rows."""

from __future__ import annotations

from embgeo.results.plot import DirectionPlot, NeighborsPlot, PairsPlot, PositionsPlot
from embgeo.results.records import Record, as_data, ids


def rows(answer: PairsPlot | DirectionPlot | NeighborsPlot | PositionsPlot) -> list[Record]:
    """A row for each pair, word, edge or position."""
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
        case NeighborsPlot():
            names = [node.term for node in answer.nodes]
            return [
                {"from": names[edge.start], "to": names[edge.end], "cosine": edge.score, "mutual": edge.mutual}
                for edge in answer.edges
            ]
        case PositionsPlot():
            return [
                {"position": position, **{f"component_{at}": value for at, value in enumerate(row, 1)}}
                for position, row in zip(answer.positions, answer.coordinates, strict=True)
            ]
