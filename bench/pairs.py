"""Time a direction from many pairs with its evidence, against the bare matrix products of its sign flips.

    python bench/pairs.py [--model MODEL] [--pairs N] [--method mean|pca|sum] [--runs N]

The pairs are words drawn at random. 1,000 sign flips take two matrix products over pairs and dimensions, in blocks.
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

import common
from embgeo import EmbeddingSpace, load
from warm import program

FLIPS: Final = 1_000
BLOCK: Final = 20  # flips per product
WORDS: Final = 3_000


def words(space: EmbeddingSpace) -> list[str]:
    """Return words of one token each: invented ones if the model has enough of them, otherwise its differences."""
    found = list(
        itertools.islice((w for w in common.invented_words() if space.vocabulary.single_token(w) is not None), WORDS)
    )
    if len(found) == WORDS:
        return found
    texts = (space.vocabulary.token(row).text.strip() for row in range(space.shape[0]))
    return list(itertools.islice((text for text in texts if text.isalpha() and text.isascii()), WORDS))


def write_pairs(space: EmbeddingSpace, path: Path, count: int) -> None:
    """Write this many pairs, each of two different words."""
    random, pool = np.random.default_rng(common.SEED), np.array(words(space))
    first = random.integers(0, len(pool), count)
    second = (first + random.integers(1, len(pool), count)) % len(pool)
    path.write_text("".join(f"{a}:{b}\n" for a, b in zip(pool[first], pool[second], strict=True)))


def products(pairs: int, dims: int) -> None:
    """Do the products of the sign flips, and nothing else."""
    differences = np.ones((pairs, dims))
    for _ in range(0, FLIPS, BLOCK):
        sums = (differences.T @ np.ones((pairs, BLOCK))).T  # [dims, pairs] @ [pairs, block] -> [block, dims]
        sums @ differences.T  # [block, dims] @ [dims, pairs]


def main() -> None:
    """Time the command and the products in turns, and measure the command's memory."""
    parser = common.options(__doc__ or "", runs=1)
    common.add_model(parser)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--method", choices=["mean", "pca", "sum"], default="mean")
    args = parser.parse_args()
    with common.chosen_model(args.model) as name, tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        space, path = load(name), Path(folder) / "pairs.txt"
        write_pairs(space, path, args.pairs)
        dims = space.shape[1]
        line = [*program(), "direction", "--pairs", str(path), "--method", args.method, "-k", "3", "-m", name]
        calls = {"products": lambda: products(args.pairs, dims), "embgeo": common.runner(line)}
        times = common.time_calls(calls, args.runs, warm_up=0)
        memory = common.peak_memory(line, runs=1)
    title = f"{args.pairs:,} pairs, {dims} dimensions, {FLIPS:,} sign flips, {args.method}, whole process"
    rows = [(name, common.milliseconds(times, name), common.ratio(times, name, "products")) for name in calls]
    common.show(title, ("", "ms", "by its products"), rows)
    if memory:
        common.say(f"\nmemory: {memory.resident:,.0f} MB")


if __name__ == "__main__":
    main()
