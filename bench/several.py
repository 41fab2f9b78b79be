"""What several models and a control cost: whole processes, compared with that of one model.

    python bench/several.py [--runs N] [--model MODEL]

One question to the same model once, twice and three times, and to the model and its controls. Three models may cost
three times one at most; they share the start of Python, so that they should cost less. A control of up to 256 MB is
made in memory, a larger one a piece at a time for each pass: the last table times that alone, by the pass over the
mapped matrix.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import common
import embgeo
from embgeo.numerics.controls import RandomRows, ShuffledRows
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.objectives import COSINE
from embgeo.numerics.search import scan
from warm import program

ONE = "one model"


def main() -> None:
    """Measure processes, then passes."""
    parser = common.options(__doc__ or "", runs=9)
    common.add_model(parser)
    given = parser.parse_args()
    with common.chosen_model(given.model) as model:
        for command in ("neighbors cat", "tour"):
            times = common.time_commands(commands(model, command.split()), given.runs)
            rows = [(name, common.milliseconds(times, name), common.ratio(times, name, ONE)) for name in times]
            common.show(f"embgeo {command} --json, {given.runs} runs in turns", ("", "ms", "by one model"), rows)
        passes(model, given.runs)


def commands(model: str, question: list[str]) -> dict[str, list[str]]:
    """Give the command line of each case."""
    once = ["-m", model]
    base = [*program(), *question, "--json", *once]
    return {
        ONE: base, "two models": base + once, "three models": base + once + once,
        "random control": [*base, "--control", "random"], "shuffled control": [*base, "--control", "shuffled"],
    }  # fmt: skip


def passes(model: str, runs: int) -> None:
    """Measure a search over the mapped matrix, and over rows that are made for it."""
    matrix = embgeo.load(model).weights
    query = np.ones((1, matrix.shape[1]))
    order = np.random.default_rng(0).permutation(matrix.shape[0])
    made: tuple[Any, Any] = RandomRows(matrix.shape, 0), ShuffledRows(matrix.rows, order)
    random = Matrix(made[0], "F32", matrix.norms)
    shuffled = Matrix(made[1], matrix.dtype, matrix.norms[order])
    calls = {
        name: lambda one=one: scan(one, query, COSINE).best(10)
        for name, one in {"mapped": matrix, "random rows": random, "shuffled rows": shuffled}.items()
    }
    times = common.time_calls(calls, runs)
    rows = [(name, common.milliseconds(times, name), common.ratio(times, name, "mapped")) for name in times]
    common.show("a search, rows made for it", ("", "ms", "by the mapped matrix"), rows)


if __name__ == "__main__":
    main()
