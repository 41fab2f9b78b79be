"""Time a transformed space: the first use against NumPy with everything in memory, warm queries against the raw space.

    python bench/transform.py [--runs N] [--model MODEL]

NumPy loads a float32 matrix as float64, computes mean, covariance and eigenvectors, transforms the rows and saves them
in float32. embgeo does the same in passes over blocks, also computes norms and digest of the new rows, and answers a
query.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import common
import embgeo

WORD = "cat"
OPTIONS = {"center": ["--center"], "remove-top=7": ["--remove-top", "7"], "whiten": ["--whiten"]}
NUMPY = """
import sys, numpy as np
source, start, rows, dims, how, out = *sys.argv[1:2], *map(int, sys.argv[2:5]), *sys.argv[5:]
x = np.memmap(source, "<f4", "r", start, (rows, dims)).astype(np.float64)
x -= x.mean(axis=0)
if how != "center":
    values, axes = np.linalg.eigh(x.T @ x / rows)
    x = x - x @ axes[:, -7:] @ axes[:, -7:].T if how != "whiten" else x @ (axes / np.sqrt(values)) @ axes.T
np.save(out, x.astype(np.float32))
"""
REMOVE_STORED = "import shutil, sys; shutil.rmtree(sys.argv[1], ignore_errors=True); sys.argv = sys.argv[1:]"


def main() -> None:
    """Time first uses, then warm queries."""
    parser = common.options(__doc__ or "", runs=3)
    common.add_model(parser)
    args = parser.parse_args()
    with common.chosen_model(args.model) as model, tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        raw = embgeo.load(model)
        rows, dims = raw.matrix.shape
        source = [str(raw.place / raw.manifest.matrix), *map(str, (raw.manifest.start, rows, dims))]
        title = f"{rows:,} x {dims} {raw.manifest.dtype}, {args.runs} runs in turns"
        first(model, source, f"{folder}/out.npy", args.runs, title)
        warm(model, args.runs, title)


def first(model: str, source: list[str], out: str, runs: int, title: str) -> None:
    """Time the computation of each space, and measure its memory."""
    lines, idle = [], common.peak_memory([sys.executable, "-c", "import numpy"])
    for name, option in OPTIONS.items():
        stored = Path(embgeo.load(model, transform=name).info().path).parent
        query = ["from embgeo.__main__ import main; main()", "neighbors", WORD, "--json", "-q", "-m", model, *option]
        commands = {
            "numpy": [sys.executable, "-c", NUMPY, *source, name, out],
            "embgeo": [sys.executable, "-c", f"{REMOVE_STORED}; {query[0]}", str(stored), *query[1:]],
        }
        times = common.time_commands(commands, runs)
        peaks = [common.peak_memory(command, 1) for command in commands.values()]
        above = [f"{peak.anonymous - idle.anonymous:.0f}" if peak and idle else "" for peak in peaks]
        lines.append(
            (name, common.milliseconds(times, "embgeo"), common.ratio(times, "embgeo", "numpy"), *reversed(above))
        )
        shutil.rmtree(stored)
    head = ("first time", "ms", "by NumPy", "MB", "NumPy's MB")
    common.show(f"{title}; MB of memory above import numpy", head, lines)


def warm(model: str, runs: int, title: str) -> None:
    """Time a query on each stored space."""
    query = [sys.executable, "-m", "embgeo", "neighbors", WORD, "--json", "-q", "-m", model]
    commands = {"raw": query} | {name: [*query, *option] for name, option in OPTIONS.items()}
    times = common.time_commands(commands, runs)
    lines = [(name, common.milliseconds(times, name), common.ratio(times, name, "raw")) for name in commands]
    common.show(title, ("warm", "ms", "by raw"), lines)


if __name__ == "__main__":
    main()
