"""A position embedding along its first principal components: the helix of GPT-2, where there is one."""

from __future__ import annotations

import numpy as np

from embgeo.errors import Report, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import shortest
from embgeo.numerics.plane import principal
from embgeo.questions.positions import position_rows, positions
from embgeo.questions.rows import about
from embgeo.results.plots.positions import PositionsPlot


def plot_positions(model: Model, report: Report = silent) -> PositionsPlot:
    """Positions along their vectors' first three principal components; see `EmbeddingSpace.plot_positions`."""
    answer = positions(model, report)
    places, rows = position_rows(model, report)
    vectors = places.weights.take(rows)  # [positions, dims]
    finite = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    centered = vectors[finite] - vectors[finite].mean(axis=0)  # [positions, dims]
    coordinates = centered @ principal(centered, 3).T  # [positions, dims] @ [dims, 3] -> [positions, 3]
    total = float((centered**2).sum()) or 1.0
    return PositionsPlot(
        **about(places, "plot positions"), tensor=answer.tensor, dimensions=answer.dimensions,
        positions=tuple(finite.tolist()), coordinates=tuple(tuple(map(shortest, row)) for row in coordinates.tolist()),
        variance=tuple(shortest(share) for share in (coordinates**2).sum(axis=0) / total), apart=answer.apart,
    )  # fmt: skip
