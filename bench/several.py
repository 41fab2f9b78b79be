"""Time several models, and a model with its control, as whole processes, compared with one model.

    python bench/several.py [--runs N] [--model MODEL]

One query runs on the same model once, twice and three times, and on the model and its controls. Three models may take
at most three times as long as one; they share the start of Python, so they should take less. A control of up to 256 MB
is made in memory, a larger one block by block in each pass. The last table compares such a pass with one over the
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
    """Time the processes, then the passes."""
    parser = common.options(__doc__ or "", runs=9)
    common.add_model(parser)
    args = parser.parse_args()
    with common.chosen_model(args.model) as model:
        for command in ("neighbors cat", "tour"):
            times = common.time_commands(commands(model, command.split()), args.runs)
            rows = [(name, common.milliseconds(times, name), common.ratio(times, name, ONE)) for name in times]
            common.show(f"embgeo {command} --json, {args.runs} runs in turns", ("", "ms", "by one model"), rows)
        passes(model, args.runs)


def commands(model: str, question: list[str]) -> dict[str, list[str]]:
    """Return the command line of each case."""
    once = ["-m", model]
    base = [*program(), *question, "--json", *once]
    return {
        ONE: base, "two models": base + once, "three models": base + once + once,
        "random control": [*base, "--control", "random"], "shuffled control": [*base, "--control", "shuffled"],
    }  # fmt: skip


def passes(model: str, runs: int) -> None:
    """Time a search over the mapped matrix, and over rows generated during the search."""
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
