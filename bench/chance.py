"""Count how often each claim of the tour holds in a random space: the table in docs/control.md.

python bench/chance.py [--seeds N] [--model MODEL]
"""

from __future__ import annotations

import argparse
from collections import Counter

import common
from embgeo import load

VERDICTS = ("holds", "holds in part", "does not hold here", "not asked here")


def main() -> None:
    """Take the tour of many random spaces, and print the verdicts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--model", default="minilm")
    args = parser.parse_args()
    space = load(args.model)
    verdicts: dict[str, Counter[str]] = {}
    for seed in range(args.seeds):
        for stop in space.control("random", seed=seed).tour().stops:
            verdicts.setdefault(f"{stop.number} {stop.name}", Counter())[stop.verdict] += 1
    rows = [(name, *(str(found[verdict]) for verdict in VERDICTS)) for name, found in verdicts.items()]
    common.show(f"{args.seeds} random spaces with the vocabulary of {args.model}", ("", *VERDICTS), rows)


if __name__ == "__main__":
    main()
