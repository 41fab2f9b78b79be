"""examples/embed_with_ray.py on a local cluster of two workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embgeo import EmbeddingSpace

SCRIPT = Path(__file__).parent.parent / "examples" / "embed_with_ray.py"


@pytest.mark.slow
def test_two_workers_give_the_vectors_of_one_process(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """Each line that isn't blank appears once, with its file and the vector of `encode`."""
    pytest.importorskip("ray.data", reason="Ray is not installed: pip install 'ray[data]'")
    parquet = pytest.importorskip("pyarrow.parquet")
    names = ["a.txt", "b.txt"]
    for name in names:
        lines = [f"Sentence {number} of file {name} about {'cats' * (number % 3)}." for number in range(400)]
        (tmp_path / name).write_text("\n\n".join(lines) + "\n")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "out", *names, "--workers", "2"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "PYTHONWARNINGS": "ignore"}, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    files = sorted((tmp_path / "out").glob("*.parquet"))
    rows = [row for file in files for row in parquet.read_table(file).to_pylist()]
    expected = {(name, line) for name in names for line in (tmp_path / name).read_text().split("\n") if line}
    assert {(Path(row["path"]).name, row["text"]) for row in rows} == expected
    assert len(rows) == len(expected) == 800
    vectors = np.array([row["vector"] for row in rows], np.float32)
    assert np.abs(vectors - minilm.encode([row["text"] for row in rows])).max() < 1e-6
