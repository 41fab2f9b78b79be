"""Sentence vectors of many text files on a cluster: `space.encode` over Ray Data, written as Parquet.

python embed_with_ray.py OUT FILE... [--workers N] [--model MODEL]

needs `pip install embgeo 'ray[data]'` on every machine. $RAY_ADDRESS names the cluster; without it, a local one starts.
Each worker opens the model once; fetch the layers of a model from the Hub before, or share $EMBGEO_HOME
(embgeo pull MODEL --layers all). Every line that isn't blank becomes a row with its file, its text and the vector that
one process would compute. Order is not kept.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import ray

from embgeo import load


class Encoder:
    """A worker: it opens the model once, and is called with a batch of rows at a time."""

    def __init__(self, model: str) -> None:
        self.space = load(model)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Add the vectors [rows, dims] of a batch's texts; the end of a text past the model's limit is cut."""
        return {**batch, "vector": self.space.encode([str(text) for text in batch["text"]], cut=True)}


def embed(out: str, files: list[str], model: str, workers: int) -> None:
    """Read lines, encode them on this many workers with one processor each, and write Parquet files to a folder."""
    if "RAY_ADDRESS" not in os.environ:
        ray.init(num_cpus=workers + 1)  # Ray Data's own reading and writing needs a processor too
    lines = ray.data.read_text([str(Path(file).absolute()) for file in files], include_paths=True)
    lines = lines.filter(lambda row: bool(row["text"].strip())).repartition(4 * workers)
    encoded = lines.map_batches(
        Encoder, fn_constructor_args=(model,), batch_size=512, num_cpus=1, concurrency=workers,
        runtime_env={"env_vars": {"OPENBLAS_NUM_THREADS": "1"}},  # more threads would compete for the processors
    )  # fmt: skip
    encoded.write_parquet(str(Path(out).absolute()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--model", default="minilm")
    args = parser.parse_args()
    embed(args.out, args.files, args.model, args.workers)
