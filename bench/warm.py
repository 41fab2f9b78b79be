"""Time a warm `embgeo neighbors` as a whole process, compared with a NumPy floor and with Gensim.

    python bench/warm.py [--runs N] [--model MODEL]

Measured for a GPT-2-shaped float32 model (or the one named) and for the bundled float16 model. The GPT-2-shaped one is
measured twice: aligned, as `embgeo pull` stores it, and at an odd offset, as in GPT-2's published file. Every run is a
process of its own, with all files in the page cache.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

import common
import embgeo
from embgeo.models.model import Model
from embgeo.numerics.dtypes import to_float32

WORD = "cat"
FLOOR, EMBGEO, GENSIM, NUMPY = "NumPy floor", "embgeo", "Gensim", "import numpy"
SHAPED = {"random, GPT-2-shaped": True, "random, GPT-2-shaped, unaligned": False}
Commands = dict[str, list[str]]


def main() -> None:
    """Measure the models."""
    parser = common.options(__doc__ or "", runs=15)
    common.add_model(parser)
    args = parser.parse_args()
    for name, aligned in SHAPED.items() if not args.model else ((args.model, True),):
        with common.chosen_model(args.model, aligned=aligned) as model:
            measure(name, model, args.runs)
    measure("minilm, bundled", "minilm", args.runs)


def measure(name: str, model: str, runs: int) -> None:
    """Time the programs on one model, measure their memory, and print both."""
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        commands, shape = prepare(model, Path(folder))
        times = common.time_commands(commands, runs)
        title = f"{name}: {shape}, neighbors of '{WORD}', whole process, {runs} runs in turns"
        common.show(title, ("", "ms", "by the floor", "by embgeo"), [_row(times, label) for label in commands])
        show_memory(commands)


def prepare(model: str, folder: Path) -> tuple[Commands, str]:
    """Write the files that the floor and Gensim read; returns the commands, and a description of the matrix."""
    space = embgeo.load(model)
    manifest, weights = space.manifest, space.weights
    token = space.vocabulary.token(space.vocabulary.resolve(WORD).ids[0])
    rows, dims = weights.shape
    norms, vectors = folder / "norms.npy", folder / "vectors.kv"
    np.save(norms, weights.norms.astype(np.float32))
    save_gensim(space, vectors)
    source = space.place / manifest.matrix
    floor = common.script("floor.py", source, manifest.start, manifest.dtype, rows, dims, norms, token.id)
    commands = {
        FLOOR: floor,
        EMBGEO: [*program(), "neighbors", WORD, "--json", "-m", model],
        GENSIM: common.script("gensim_neighbors.py", vectors, token.piece),
        NUMPY: [sys.executable, "-c", "import numpy"],
    }
    return commands, f"{rows:,} x {dims} {manifest.dtype}"


def save_gensim(space: Model, path: Path) -> None:
    """Save the matrix and its norms in the form that Gensim can map, with pieces as keys."""
    rows = to_float32(np.asarray(space.weights.rows), space.manifest.dtype)
    vectors = KeyedVectors(rows.shape[1], len(rows))
    vectors.add_vectors([space.vocabulary.token(row).piece or f"row {row}" for row in range(len(rows))], rows)
    vectors.fill_norms()
    vectors.save(str(path), sep_limit=0)


def program() -> list[str]:
    """Give the installed command, or the module where there is none."""
    script = Path(sys.executable).with_name("embgeo.exe" if sys.platform == "win32" else "embgeo")
    return [str(script)] if script.exists() else [sys.executable, "-m", "embgeo"]


def show_memory(commands: Commands) -> None:
    """Print the peak memory of each program, and how much of it comes on top of importing NumPy."""
    peaks = {label: common.peak_memory(command) for label, command in commands.items()}
    base = peaks[NUMPY]
    if base is None:
        common.say("\nmemory: not measured, this system has no /proc")
        return
    rows = [
        (label, f"{peak.resident:.1f}", f"{peak.anonymous:.1f}", f"{peak.anonymous - base.anonymous:.1f}")
        for label, peak in peaks.items()
        if peak
    ]
    common.show("highest memory, MB", ("", "resident", "anonymous", f"above '{NUMPY}'"), rows)


def _row(times: common.Times, label: str) -> common.Row:
    ratios = (common.ratio(times, label, base) for base in (FLOOR, EMBGEO))
    return label, common.milliseconds(times, label), *ratios


if __name__ == "__main__":
    main()
