"""Time a warm `embgeo neighbors` on a large bfloat16 matrix, compared with reading it once and with NumPy.

    python bench/large.py [--runs N] [--rows N]

The matrix has 256,000 x 2,048 random bfloat16 numbers (1 GB). The floor is a program that imports NumPy and reads the
matrix once (it sums its bytes as integers); the NumPy script converts to float32 block by block.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

import common
from embgeo.formats.safetensors import file_head

DIMS = 2048
NAME = "model.embed_tokens.weight"
READ = "import sys, numpy as np; np.memmap(sys.argv[1], np.uint64, 'r', int(sys.argv[2])).sum()"
CONVERT = """
import sys, numpy as np
path, start, rows, dims, word = sys.argv[1], *map(int, sys.argv[2:])
W = np.memmap(path, np.uint16, "r", start, (rows, dims))
q = (W[word].astype(np.uint32) << 16).view(np.float32)
scores = np.concatenate([(W[at:at+8192].astype(np.uint32) << 16).view(np.float32) @ q for at in range(0, rows, 8192)])
print(np.argpartition(-scores, 10)[:10])
"""


def main() -> None:
    """Make the model, prepare it, measure."""
    parser = common.options(__doc__ or "", runs=7)
    parser.add_argument("--rows", type=int, default=256_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        os.environ["EMBGEO_HOME"] = f"{folder}/store"
        start = write_model(Path(folder) / "model", args.rows)
        weights = f"{folder}/model/model.safetensors"
        query = [sys.executable, "-m", "embgeo", "neighbors", "cat", "--json", "-m", f"{folder}/model"]
        commands = {
            "read once": [sys.executable, "-c", READ, weights, str(start)],
            "embgeo": query,
            "NumPy converts": [sys.executable, "-c", CONVERT, weights, str(start), str(args.rows), str(DIMS), "0"],
        }
        times = common.time_commands(commands, args.runs)
        rows = [(name, common.milliseconds(times, name), common.ratio(times, name, "read once")) for name in commands]
        common.show(f"{args.rows:,} x {DIMS:,} BF16, {args.runs} runs in turns", ("", "ms", "by reading once"), rows)
        idle = common.peak_memory([sys.executable, "-c", "import numpy"])
        peak = common.peak_memory(query)
        if idle and peak:
            above = peak.anonymous - idle.anonymous
            common.say(f"embgeo's anonymous memory: {above:.1f} MB above import numpy")


def write_model(folder: Path, rows: int) -> int:
    """Write the folder; returns the byte at which the matrix starts."""
    folder.mkdir()
    head = file_head({NAME: ("BF16", (rows, DIMS))}, {})
    rng = np.random.default_rng(1)
    with (folder / "model.safetensors").open("wb") as file:
        file.write(head)
        for at in range(0, rows, 8192):
            block = rng.standard_normal((min(8192, rows - at), DIMS), np.float32)
            file.write((block.view(np.uint32) >> 16).astype(np.uint16).tobytes())
    (folder / "config.json").write_text(json.dumps({"vocab_size": rows, "hidden_size": DIMS}))
    vocabulary = {"\u2581cat": 0, **{f"\u2581w{row}": row for row in range(1, rows)}}
    spec = {"model": {"type": "BPE", "vocab": vocabulary, "merges": []}, "decoder": {"type": "Metaspace"}}
    (folder / "tokenizer.json").write_text(json.dumps(spec))
    return len(head)


if __name__ == "__main__":
    main()
