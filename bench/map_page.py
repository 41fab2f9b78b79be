"""Measure how soon a map's page is ready and whole in a headless Chromium, its frame rate while zooming, and its size.

    python bench/map_page.py [PAGE.html ...] [--tokens N] [--runs N]

Without pages, one with N tokens at random places (default: 262,144) is made. Each page is opened at 1280 x 800 three
ways: with GL in software (SwiftShader), which the page avoids by setting pixels itself; with the same GL under the name
of a graphics card, so that it draws by WebGL2; and without GL. A page is ready when its points are drawn and it takes
queries, and whole when its lists and its matrix have been read. Frames are counted during three seconds of zooming in
and out. A busy machine draws fewer.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

import common
from embgeo.pictures.map.page import page
from embgeo.results.map import MapContent, Reading

sys.path.insert(0, str(common.HERE.parent / "tests"))
from browser import FAKE_GPU, Browser

WATCH: Final = """{
  const times = (globalThis.times = {});
  const look = () => {
    for (const name of ['ready', 'whole']) {
      if (document.documentElement?.dataset[name]) times[name] ??= performance.now();
    }
    if (!times.whole) requestAnimationFrame(look);
  };
  look();
}"""
IDLE: Final = "new Promise((done) => setTimeout(done, 1000))"  # lets background work finish
SETTINGS: Final = ("in software", "as a card", "none")
FRAMES: Final = """new Promise((done) => {
  const canvas = document.getElementById('overlay');
  const start = performance.now();
  let frames = 0;
  const step = (now) => {
    if (now - start > 3000) return done(1000 * frames / (now - start));
    const deltaY = (frames++ % 40) < 20 ? -30 : 30;
    canvas.dispatchEvent(new WheelEvent('wheel', { deltaY, clientX: 800, clientY: 400, cancelable: true }));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


def main() -> None:
    """Measure each page in each setting."""
    parser = common.options(__doc__ or "", runs=3)
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--tokens", type=int, default=262_144)
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        pages = args.pages or [random_page(Path(folder) / "random.html", args.tokens)]
        for path in pages:
            for setting in SETTINGS:
                found = [measure(path, setting) for _ in range(args.runs)]
                times = zip(*(one[:3] for one in found), strict=True)
                ready, whole, frames = (f"{statistics.median(each):.0f}" for each in times)
                rows.append((path.name, setting, found[0][3], f"{path.stat().st_size:,}", ready, whole, frames))
    names = ("", "GL", "drawn by", "bytes", "ready, ms", "whole, ms", "frames per second")
    common.show(f"headless Chromium, {args.runs} runs", names, rows)


def measure(path: Path, setting: str) -> tuple[float, float, float, str]:
    """Milliseconds until a page is ready and until it is whole, frames per second, and how its points are drawn."""
    with Browser(gl=setting != "none") as browser:
        if setting == "as a card":
            browser.call("Page.addScriptToEvaluateOnNewDocument", source=FAKE_GPU)
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        browser.call("Page.navigate", url=path.resolve().as_uri())
        ready, whole = browser.wait("times.whole && [times.ready, times.whole]")
        browser.run(IDLE)
        return ready, whole, float(browser.run(FRAMES)), str(browser.run("document.documentElement.dataset.ready"))


def random_page(path: Path, tokens: int) -> Path:
    """Write a page of random places and neighbors, as large as a real one but without hours of layout."""
    random = np.random.default_rng(0)
    content = MapContent(
        about={"model": "random", "revision": "", "transform": "", "notes": ()}, request="embgeo map", naming="",
        layout="tsne", reading=Reading("leading space", lowercase=False, strips_accents=False, folds=False),
        texts=tuple(f" w{number:x}" for number in random.permutation(tokens).tolist()), ids=np.arange(tokens),
        fold=np.arange(tokens), kinds=random.integers(0, 6, tokens), norms=random.uniform(1, 2, tokens),
        places=random.integers(0, 65536, (tokens, 2)), listed=random.integers(0, tokens, (tokens, 10)),
        cosines=np.sort(random.uniform(0, 1, (tokens, 10)))[:, ::-1], kept=random.integers(0, 10, tokens), near=10,
    )  # fmt: skip
    path.write_text(page([content], "bench"))
    return path


if __name__ == "__main__":
    main()
