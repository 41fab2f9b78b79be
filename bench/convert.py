"""Time the first use of a word-vector file, compared with Gensim's loader on the same file.

    python bench/convert.py [--runs N] [--rows N] [--dims N]

Every run is a process of its own with the file in the page cache. embgeo runs `embgeo info` with an empty store, which
reads the file, writes the matrix and the words into the store and hashes both; then the same again, which maps the
stored matrix. Gensim runs `KeyedVectors.load_word2vec_format`, which loads the vectors into memory and stores nothing.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

import common

LOAD = "import sys; from gensim.models import KeyedVectors as K; K.load_word2vec_format(sys.argv[1], binary={binary})"
READ = "import sys; from pathlib import Path; import numpy; Path(sys.argv[1]).read_bytes()"
EMBGEO, WARM, GENSIM, BYTES = "embgeo, first time", "embgeo, later", "Gensim", "reading the bytes"


def main() -> None:
    """Measure each file format."""
    parser = common.options(__doc__ or "", runs=5)
    parser.add_argument("--rows", type=int, default=40_000, metavar="N", help="words (default: 40000)")
    parser.add_argument("--dims", type=int, default=300, metavar="N", help="numbers each (default: 300)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        for name, path in make_files(Path(folder), args.rows, args.dims).items():
            measure(name, path, Path(folder) / "store", args.runs)


def make_files(folder: Path, rows: int, dims: int) -> dict[str, Path]:
    """Write random rows in the common file formats."""
    matrix = np.random.default_rng(common.SEED).standard_normal((rows, dims), np.float32) * np.float32(0.3)
    vectors = KeyedVectors(dims)
    vectors.add_vectors([f"word{row}" for row in range(rows)], matrix)
    files = {
        "word2vec text, as Gensim writes it": folder / "nine-digits.txt",
        "fastText .vec, four decimals": folder / "four-decimals.vec",
        "the same with gzip": folder / "four-decimals.vec.gz",
        "word2vec binary": folder / "binary.bin",
    }
    nine, four, packed, binary = files.values()
    vectors.save_word2vec_format(str(nine))
    vectors.save_word2vec_format(str(binary), binary=True)
    line_format = " ".join(["%.4f"] * dims)
    lines = (f"word{row} {line_format % tuple(numbers)} \n" for row, numbers in enumerate(matrix.tolist()))
    four.write_text(f"{rows} {dims}\n" + "".join(lines))
    packed.write_bytes(gzip.compress(four.read_bytes(), 6))
    return files


def measure(name: str, path: Path, store: Path, runs: int) -> None:
    """Time the programs on one file, and print their ratios."""
    environment = {**os.environ, "EMBGEO_HOME": str(store)}
    info = [sys.executable, "-m", "embgeo", "info", "-m", str(path), "--json"]
    load = [sys.executable, "-c", LOAD.format(binary=path.suffix == ".bin"), str(path)]

    def first() -> None:
        shutil.rmtree(store, ignore_errors=True)
        _run(info, environment)

    calls: dict[str, Callable[[], object]] = {
        EMBGEO: first,
        WARM: lambda: _run(info, environment),
        GENSIM: lambda: _run(load, environment),
        BYTES: lambda: _run([sys.executable, "-c", READ, str(path)], environment),
    }
    times = common.time_calls(calls, runs)
    rows = [_row(times, label) for label in calls]
    title = f"{name}: {path.stat().st_size / 1e6:.0f} MB, whole process, {runs} runs in turns"
    common.show(title, ("", "ms", "by embgeo, first time", "Gensim by it"), rows)


def _row(times: common.Times, label: str) -> common.Row:
    ratios = (common.ratio(times, label, EMBGEO), common.ratio(times, GENSIM, label))
    return label, common.milliseconds(times, label), *ratios


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


if __name__ == "__main__":
    main()
