"""How long a direction from many pairs takes with its evidence, by the matrix products of its sign flips alone.

    python bench/pairs.py [--model MODEL] [--pairs N] [--method mean|pca|sum] [--runs N]

The pairs are words drawn at random. 1,000 sign flips take two products of flips, pairs and dimensions, in blocks.
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
BLOCK: Final = 20  # flips in a product
WORDS: Final = 3_000


def words(space: EmbeddingSpace) -> list[str]:
    """Give words that are a token each: made-up ones, or the model's own."""
    found = list(
        itertools.islice((w for w in common.spelt_words() if space.vocabulary.single_token(w) is not None), WORDS)
    )
    if len(found) == WORDS:
        return found
    texts = (space.vocabulary.token(row).text.strip() for row in range(space.shape[0]))
    return list(itertools.islice((text for text in texts if text.isalpha() and text.isascii()), WORDS))


def write_pairs(space: EmbeddingSpace, path: Path, count: int) -> None:
    """Write so many pairs, each of two different words."""
    chance, own = np.random.default_rng(common.SEED), np.array(words(space))
    first = chance.integers(0, len(own), count)
    second = (first + chance.integers(1, len(own), count)) % len(own)
    path.write_text("".join(f"{a}:{b}\n" for a, b in zip(own[first], own[second], strict=True)))


def products(pairs: int, dims: int) -> None:
    """Multiply as often as the sign flips need."""
    own = np.ones((pairs, dims))
    for _ in range(0, FLIPS, BLOCK):
        sums = (own.T @ np.ones((pairs, BLOCK))).T  # [dims, pairs] @ [pairs, block] -> [block, dims]
        sums @ own.T  # [block, dims] @ [dims, pairs]


def main() -> None:
    """Time the command and the products in turns, and find the command's memory."""
    parser = common.options(__doc__ or "", runs=1)
    common.add_model(parser)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--method", choices=["mean", "pca", "sum"], default="mean")
    given = parser.parse_args()
    with common.chosen_model(given.model) as name, tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        space, path = load(name), Path(folder) / "pairs.txt"
        write_pairs(space, path, given.pairs)
        dims = space.shape[1]
        line = [*program(), "direction", "--pairs", str(path), "--method", given.method, "-k", "3", "-m", name]
        calls = {"products": lambda: products(given.pairs, dims), "embgeo": common.runner(line)}
        times = common.time_calls(calls, given.runs, warm_up=0)
        memory = common.peak_memory(line, runs=1)
    title = f"{given.pairs:,} pairs, {dims} dimensions, {FLIPS:,} sign flips, {given.method}, whole process"
    rows = [(name, common.milliseconds(times, name), common.ratio(times, name, "products")) for name in calls]
    common.show(title, ("", "ms", "by its products"), rows)
    if memory:
        common.say(f"\nmemory: {memory.resident:,.0f} MB")


if __name__ == "__main__":
    main()
