"""Time a warm `embgeo plot` as a whole process, compared with a warm `embgeo neighbors`, on the bundled model.

    python bench/plot.py [--runs N]

Every run is a process of its own, in turns, with all files in the page cache.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import common
from warm import program

GENDER: Final = "man:woman king:queen boy:girl father:mother brother:sister uncle:aunt son:daughter husband:wife"
NEIGHBORS: Final = "neighbors"
PLOTS: Final = {
    "plot pairs, terminal": f"plot pairs {GENDER}",
    "plot pairs, SVG": f"plot pairs {GENDER} --force -o OUT",
    "plot direction, SVG": "plot direction cats cat --score one two three four five --force -o OUT",
    "plot similarity, SVG": "plot similarity cat dog red blue --force -o OUT",
    "plot neighbors, SVG": "plot neighbors cat --force -o OUT",
}


def main() -> None:
    """Time the commands, and print their ratios to `neighbors`."""
    args = common.options(__doc__ or "", runs=15).parse_args()
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        out = str(Path(folder) / "out.svg")
        commands = {NEIGHBORS: [*program(), "neighbors", "cat", "-m", "minilm"]}
        for name, line in PLOTS.items():
            commands[name] = [*program(), *(out if part == "OUT" else part for part in line.split()), "-m", "minilm"]
        times = common.time_commands(commands, args.runs)
    title = f"minilm, bundled, whole process, {args.runs} runs in turns"
    rows = [(name, common.milliseconds(times, name), common.ratio(times, name, NEIGHBORS)) for name in commands]
    common.show(title, ("", "ms", f"by {NEIGHBORS}"), rows)


if __name__ == "__main__":
    main()
