"""Time the layers of the bundled MiniLM: many lines, against their bare matrix products, and one sentence.

    python bench/layers.py [--lines N] [--runs N]

Both sides run in one process in turns, with one BLAS thread (set OPENBLAS_NUM_THREADS to change that).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import time

import numpy as np

from embgeo import load

DIMS, INNER, LAYERS = 384, 1536, 6
WORDS = "time year people way day man thing woman life child world school state family student group".split()  # noqa: SIM905
TOKENS_AT_ONCE = 4096


def lines(count: int) -> list[str]:
    """Lines of 14 words, which are 16 tokens with [CLS] and [SEP]."""
    rng = np.random.default_rng(0)
    return [" ".join(WORDS[n] for n in rng.integers(0, len(WORDS), 14)) for _ in range(count)]


def products_alone(tokens: int) -> None:
    """Multiply this many tokens with the weights of every layer, and do nothing else."""
    rng = np.random.default_rng(0)
    shapes = [(DIMS, DIMS)] * 4 + [(INNER, DIMS), (DIMS, INNER)]  # queries, keys, values, output; up and down
    weights = [rng.standard_normal(shape, np.float32) for shape in shapes]
    for at in range(0, tokens, TOKENS_AT_ONCE):
        count = min(TOKENS_AT_ONCE, tokens - at)
        inputs = {width: np.ones((count, width), np.float32) for width in (DIMS, INNER)}
        for _ in range(LAYERS):
            for weight in weights:
                inputs[weight.shape[1]] @ weight.T  # [tokens, in] @ [in, out] -> [tokens, out]


def seconds(work: object) -> float:
    """Processor seconds that a call takes in this process."""
    start = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - start


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    space, texts = load("minilm"), lines(options.lines)
    encoded, alone, single = [], [], []
    space.encode(texts[:100])
    for _ in range(options.runs):
        encoded.append(seconds(lambda: space.encode(texts)))
        alone.append(seconds(lambda: products_alone(16 * len(texts))))
        single.append(seconds(lambda: space.hidden_states("The bank of the river is wide and green.")))
    ratios = [a / b for a, b in zip(encoded, alone, strict=True)]
    print(f"{options.lines:,} lines of 16 tokens, CPU s: encode {statistics.median(encoded):.2f}")
    print(f"their products alone {statistics.median(alone):.2f}; ratio {statistics.median(ratios):.2f}", end=" ")
    print(f"({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"hidden states of one sentence in float64, CPU s: {statistics.median(single):.3f}")


if __name__ == "__main__":
    main()
