"""The pictures stored in tests/data/pictures, and readers for the shapes in one.

python tests/pictures.py [CASE...]    draws the pictures of all or of these cases; look at them before committing
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from embgeo import EmbeddingSpace, load

FOLDER = Path(__file__).parent / "data" / "pictures"
SVG = "{http://www.w3.org/2000/svg}"
Box = tuple[float, float, float, float]
XY = tuple[float, float]
CAPITALS = "france:paris germany:berlin italy:rome spain:madrid greece:athens poland:warsaw japan:tokyo china:beijing"
WORDS = ["cat", "dog", "horse", "red", "blue", "green", "one", "two", "three", "paris", "london", "tokyo"]
BANKS = ["the bank of the river", "money in the bank", "she sat on the bank and fished", "the bank raised its rates"]
GENDER = "man:woman king:queen boy:girl father:mother brother:sister uncle:aunt son:daughter husband:wife"


def pairs(text: str) -> list[tuple[str, str]]:
    """Pairs as typed on a command line."""
    return [(pair.partition(":")[0], pair.partition(":")[2]) for pair in text.split()]


CASES: dict[str, Callable[[EmbeddingSpace], Any]] = {
    "pairs": lambda space: space.plot_pairs(*pairs(GENDER)),
    "pairs-pca": lambda space: space.plot_pairs(*pairs(GENDER), axes="pca"),
    "pairs-capitals": lambda space: space.plot_pairs(*pairs(CAPITALS)),
    "similarity": lambda space: space.plot_similarity(*WORDS),
    "cluster": lambda space: space.plot_cluster(*WORDS),
    "neighbors": lambda space: space.plot_neighbors("cat"),
    "space": lambda space: space.plot_space(),
    "positions": lambda space: space.plot_positions(),
    "context": lambda space: space.plot_context(BANKS, "bank"),
    "compare": lambda space: space.plot_compare(load("minilm", side="position"), k=5, bands=6),
    "direction": lambda space: space.plot_direction(
        space.direction("cats", "cat"), *["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    ),
}


def svg_of(name: str, space: EmbeddingSpace) -> str:
    """The SVG text of a case."""
    text: str = CASES[name](space).svg()
    return text


def boxes(text: str) -> list[tuple[str, Box]]:
    """The labels of a picture with their boxes: letters reach from 10 pixels above the baseline to 3 below it."""
    root = ElementTree.fromstring(text)
    return [
        (element.text or "", (x, y - 10, x + float(element.get("textLength", 0)), y + 3))
        for element in root.iter(f"{SVG}text")
        if element.get("class") == "label"
        for x, y in [(float(element.get("x", 0)), float(element.get("y", 0)))]
    ]


def shapes(text: str) -> list[XY]:
    """The centers of a picture's dots."""
    return [
        (float(element.get("cx", 0)), float(element.get("cy", 0)))
        for element in ElementTree.fromstring(text).iter(f"{SVG}circle")
    ]


def arrows(text: str) -> list[tuple[XY, XY]]:
    """The ends of the shafts of a picture's arrows."""
    return [
        (
            (float(element.get("x1", 0)), float(element.get("y1", 0))),
            (float(element.get("x2", 0)), float(element.get("y2", 0))),
        )
        for element in ElementTree.fromstring(text).iter(f"{SVG}line")
        if (element.get("class") or "").startswith("line")
    ]


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for case in sys.argv[1:] or CASES:
        (FOLDER / f"{case}.svg").write_text(svg_of(case, load("minilm")))
