"""How soon a map's page is ready in a headless Chromium, how many frames it draws while it moves, and its size.

    python bench/map_page.py [PAGE.html ...] [--tokens N] [--runs N]

Without pages, one of random places with N tokens (default: 262,144) is made. Each page is opened with WebGL2 in
software (SwiftShader) and without any GL, at 1280 x 800; frames are counted for three seconds of zooming in and out.
A busy machine draws fewer.
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
from browser import Browser

READY: Final = """new Promise((done) => {
  const look = () => document.documentElement.dataset.ready ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""
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
    """Open each page some times."""
    parser = common.options(__doc__ or "", runs=3)
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--tokens", type=int, default=262_144)
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        pages = given.pages or [made(Path(folder) / "random.html", given.tokens)]
        for path in pages:
            for gl in (True, False):
                found = [measured(path, gl=gl) for _ in range(given.runs)]
                ready, frames = (
                    statistics.median(times) for times in ([one[0] for one in found], [one[1] for one in found])
                )
                rows.append((path.name, found[0][2], f"{path.stat().st_size:,}", f"{ready:.0f}", f"{frames:.0f}"))
    common.show(
        f"headless Chromium, {given.runs} runs", ("", "drawn by", "bytes", "ready, ms", "frames a second"), rows
    )


def measured(path: Path, *, gl: bool) -> tuple[float, float, str]:
    """Milliseconds until a page is ready, frames a second, and what draws its points."""
    with Browser(gl=gl) as browser:
        browser.call("Page.navigate", url=path.resolve().as_uri())
        browser.wait("document.readyState !== 'loading' && document.getElementById('facts') && 1")
        ready = float(browser.run(READY))
        frames = float(browser.run(FRAMES))
        return ready, frames, str(browser.run("document.documentElement.dataset.ready"))


def made(path: Path, tokens: int) -> Path:
    """A page of random places and neighbors: as large as a real one, without a layout's hours."""
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
