"""The page of a map in a real browser: search, keyboard, pointer, links, themes, answers and hostile words."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

import browser
from browser import Browser
from conftest import write_model
from embgeo import EmbeddingSpace, load
from embgeo.cli.drawing import ordinal
from embgeo.formats.safetensors import file_head

pytestmark = [
    pytest.mark.skipif(browser.find_chromium() is None, reason="Chromium is not installed: apt-get install chromium"),
    pytest.mark.slow,
]
KEYS = {"Enter": (13, "\r"), "ArrowDown": (40, ""), "Escape": (27, ""), "+": (187, "+"), "0": (48, "0")}
ROWS = "[...document.querySelectorAll('#chosen > table tr')].map((row) => row.innerText.split('\\t').join(' '))"
LEFT_OUT = """[...document.querySelectorAll('#chosen p')].map((one) => one.innerText)
  .filter((text) => text.startsWith('left out'))"""
PAINTED = """((c) => {
  const pixels = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer);
  return pixels.filter((pixel) => pixel !== pixels[0]).length;
})"""
LABELS = """(() => {
  const boxes = [...document.querySelectorAll('button, input, select, h1, footer')].filter((one) => one.offsetParent)
    .map((one) => one.getBoundingClientRect());
  return boxes.every((box) => box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight + 1);
})()"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of the model's first 4,500 tokens: live in two dtypes, without the matrix, and with two maps."""
    folder = tmp_path_factory.mktemp("pages")
    space = load("minilm")
    pairs = [("men", "man"), ("women", "woman")]
    space.map(layout="pca", top=4500, live="float16", color="cats - cat", pairs=pairs).save(folder / "live.html")
    space.map(layout="pca", top=4500).save(folder / "plain.html")
    space.map(layout="pca", top=4500, live="int8").save(folder / "int8.html")
    other = load("minilm", transform="center").map(layout="pca", top=4500, words=True, live="float16")
    space.map(layout="pca", top=4500, live="float16").beside(other).save(folder / "two.html")
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for all tests of this file."""
    with Browser() as browser_process:
        yield browser_process


@pytest.fixture(autouse=True)
def settled(chromium: Browser) -> Iterator[None]:
    """Every test starts in a light window of 1280 pixels; no error or network request is allowed."""
    chromium.resize(1280, 800)
    chromium.prefer(prefers_color_scheme="light")
    yield
    assert chromium.errors == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in chromium.requests)


def key(chromium: Browser, name: str) -> None:
    """Press a key by its name."""
    code, text = KEYS[name]
    chromium.press(name, code, text)


def test_search_completes_and_chooses(chromium: Browser, pages: Path) -> None:
    """Typing lists tokens, the arrow keys mark one, Enter chooses it and shows its neighbors as the command does."""
    chromium.open(pages / "plain.html")
    chromium.type("query", "quee")
    assert chromium.text("completions").split() == ["queen"]
    key(chromium, "ArrowDown")
    assert chromium.run("document.querySelector('[aria-selected=true]').innerText") == "queen"
    key(chromium, "Enter")
    rows = chromium.run(
        "[...document.querySelectorAll('#chosen tr')].map((row) => row.innerText.split('\\t').join(' '))"
    )
    assert len(rows) == 10
    assert all("near here" in row or "torn away" in row for row in rows)
    answer = load("minilm").map(layout="pca", top=4500).content
    at = answer.texts.index("queen")
    assert [row.split()[0] for row in rows] == [answer.texts[i] for i in answer.listed[at].tolist()]
    assert [row.split()[-1] for row in rows] == [f"{cosine:.4f}" for cosine in answer.cosines[at].tolist()]


def test_keys_move_and_zoom(chromium: Browser, pages: Path) -> None:
    """Plus zooms, 0 shows all again, Escape clears, / goes to the search."""
    chromium.open(pages / "plain.html")
    chromium.run("document.getElementById('overlay').focus()")
    key(chromium, "+")
    assert "view=" in chromium.wait("location.hash")
    key(chromium, "Enter")
    assert chromium.text("chosen") != ""
    key(chromium, "Escape")
    assert chromium.text("chosen") == ""
    key(chromium, "0")
    chromium.wait("!location.hash.includes('view=')")
    chromium.press("/", 191, "/")
    assert chromium.run("document.activeElement.id") == "query"


def test_click_and_lasso(chromium: Browser, pages: Path) -> None:
    """A click chooses the token under it; a lasso lists the tokens inside."""
    chromium.open(pages / "plain.html", "#token=3035")
    chromium.mouse("mouseMoved", 802, 400)
    x, y = 324 + (1280 - 324 - 6) / 2, 400
    chromium.run("document.getElementById('all').click()")
    chromium.frame()
    chromium.mouse("mousePressed", x, y)
    chromium.mouse("mouseReleased", x, y)
    assert "Its nearest tokens" in chromium.text("chosen")
    draw_lasso(chromium)
    found = chromium.wait("document.querySelector('#chosen h2')?.innerText")
    assert found.endswith("tokens")
    assert int(found.split()[0].replace(",", "")) > 1000
    assert "Copy words" in chromium.text("chosen")


def draw_lasso(chromium: Browser) -> None:
    """Draw a lasso around part of the map, after pressing its button."""
    chromium.run("document.getElementById('lasso').click()")
    for kind, (x, y) in zip(
        ["mousePressed", *["mouseMoved"] * 5, "mouseReleased"],
        [(500, 200), (700, 180), (1000, 200), (1000, 500), (700, 600), (500, 500), (500, 210)], strict=True,
    ):  # fmt: skip
        chromium.mouse(kind, x, y)


def test_a_link_restores_the_view(chromium: Browser, pages: Path) -> None:
    """The token, the color and the theme are restored from the URL."""
    chromium.open(pages / "live.html")
    chromium.type("query", "queen")
    key(chromium, "Enter")
    chromium.run("document.getElementById('dark').click()")
    link = chromium.wait("location.hash.includes('token') && location.hash.includes('theme=dark') && location.hash")
    before = chromium.text("chosen")
    chromium.open(pages / "live.html", link)
    assert chromium.text("chosen") == before
    assert chromium.run("document.documentElement.dataset.theme") == "dark"
    assert chromium.run("document.getElementById('mode').value") == "direction"


def test_a_damaged_link_shows_the_map(chromium: Browser, pages: Path) -> None:
    """Invalid values after the # are ignored."""
    chromium.open(pages / "live.html", "#token=99999999&color=nonsense&view=x,,&ask=%E0%A4%A&theme=<b>")
    assert chromium.text("chosen") == ""


def brightness(chromium: Browser) -> float:
    """Mean RGB value of the page's background."""
    color = chromium.run("getComputedStyle(document.body).backgroundColor")
    return float(np.mean([int(part) for part in color[4:-1].split(",")[:3]]))


def test_dark_follows_the_system(chromium: Browser, pages: Path) -> None:
    """The background is light by default, and dark if the system prefers dark."""
    chromium.open(pages / "plain.html")
    assert brightness(chromium) > 200
    chromium.prefer(prefers_color_scheme="dark")
    assert brightness(chromium) < 50


def expressions(space: EmbeddingSpace, count: int) -> list[str]:
    """The classic analogy, then other analogies and expressions of random words."""
    random = np.random.default_rng(0)
    tokens = (space.vocabulary.token(row).text.strip() for row in range(1000, min(4500, len(space))))
    words = [text for text in tokens if text.isalpha() and text.isascii() and len(text) > 3]
    templates = ("{} - {} + {}", "{} + {} - 0.5 * {}", "({} + {}) / 2 - {}", "{} - {} + {}")
    chosen = (random.choice(words, 3, replace=False).tolist() for _ in range(count - 1))
    return ["king - man + woman", *(templates[at % 4].format(*three) for at, three in enumerate(chosen))]


def answer(space: EmbeddingSpace, text: str) -> list[str]:
    """A command's answer in the page's words: tokens with cosines, and the inputs that are left out."""
    parts = text.split()
    if parts[1::2] == ["-", "+"] and "(" not in text:
        found = space.analogy(*parts[::2], pieces=True)
        left = [f"{one.text.strip()} {one.score:z.4f} would be {ordinal(one.rank or 0)}" for one in found.excluded]
        return [*(f"{one.text.strip()} {one.score:z.4f}" for one in found), "left out: " + ", ".join(left)]
    return [f"{one.text.strip()} {one.score:z.4f}" for one in space.neighbors(text, pieces=True)]


def of_first_words(folder: Path) -> EmbeddingSpace:
    """A model of the words among MiniLM's first 4,500 rows."""
    space = load("minilm")
    texts = [space.vocabulary.token(row).text for row in range(4500)]
    rows = [row for row, text in enumerate(texts) if text.isalpha()]
    return load(write_model(folder, np.asarray(space.matrix[rows]), [texts[row] for row in rows]))


@pytest.mark.parametrize("count", [30, pytest.param(200, marks=pytest.mark.slow)])
def test_answers_equal_the_commands(chromium: Browser, tmp_path: Path, count: int) -> None:
    """The same tokens in the same order, the same digits, the same ranks of the inputs."""
    space = load("minilm") if count > 100 else of_first_words(tmp_path / "words")
    space.map(layout="pca", live="float16").save(tmp_path / "all.html")
    chromium.open(tmp_path / "all.html")
    shown = f"{ROWS}.concat({LEFT_OUT})"
    for text in expressions(space, count):
        chromium.type("query", text)
        key(chromium, "Enter")
        expected = answer(space, text)
        assert chromium.run(shown)[: len(expected)] == expected, text


PROBABILITIES = """[...document.querySelectorAll('.softmax tbody tr')].map((row) =>
  [...row.querySelectorAll('button, .number')].map((one) => one.innerText.trim()).join(' '))"""


def slide(chromium: Browser, step: int) -> None:
    """Open the softmax and move its slider."""
    chromium.run(f"""(() => {{
      document.querySelector('.softmax').open = true;
      const slider = document.querySelector('.softmax input');
      slider.value = {step};
      slider.dispatchEvent(new Event('input'));
    }})()""")


def most_probable(space: EmbeddingSpace, text: str, temperature: float) -> list[str]:
    """The command's answer in the page's words."""
    found = space.unembed(text, temperature=temperature)
    rows = [f"{one.text.strip()} {one.logit:z.4f} {one.probability:.4%}" for one in found]
    return [*rows, f"entropy {found.entropy:z.4f} nats of all tokens"]


@pytest.mark.parametrize("kind", ["tied", "untied", "zeros", pytest.param("minilm", marks=pytest.mark.slow)])
def test_probabilities_equal_the_commands(chromium: Browser, tmp_path: Path, kind: str) -> None:
    """At several temperatures, for a token and for expressions, with the model's own head where it has one."""
    words = [f"w{letter}{other}" for letter in "abcdefghij" for other in "abcdefghij"]
    random = np.random.default_rng(5)
    rows = (random.normal(size=(100, 6)) * 2).astype("<f2").astype("<f4")
    if kind == "zeros":
        rows[40:60] = 0
    space = load("minilm") if kind == "minilm" else load(write_model(tmp_path / "model", rows, words))
    if kind == "untied":
        (tmp_path / "model" / "model.safetensors").unlink()
        head = (random.normal(size=(100, 6)) * 2).astype("<f2").astype("<f4")
        parts = {"lm_head.weight": ("F32", head.shape), "wte.weight": ("F32", rows.shape)}
        content = file_head(parts, {}) + head.tobytes() + rows.tobytes()
        (tmp_path / "model" / "model.safetensors").write_bytes(content)
        space = load(tmp_path / "model")
        assert space.unembed("waa").tied is False
    space.map(layout="pca", live="float16").save(tmp_path / "page.html")
    chromium.open(tmp_path / "page.html")
    for text in ("queen", "king - man + woman") if kind == "minilm" else ("wab", "waa - wbb + wcc", "2 * wdd"):
        chromium.type("query", text)
        key(chromium, "Enter")
        for step, temperature in ((0, 1), (-13, 0.22), (20, 10), (-40, 0.01)):
            slide(chromium, step)
            found = chromium.run(f"{PROBABILITIES}.concat([document.querySelector('.softmax > p').innerText])")
            assert found == most_probable(space, text, temperature), (text, temperature)
    line = shlex.split(chromium.run("document.querySelector('.softmax code').innerText"))
    assert line[:5] == ["embgeo", "unembed", text, "-T", "0.01"]


def test_probabilities_among_the_tokens_of_a_partial_map(chromium: Browser, pages: Path) -> None:
    """A map of 4,500 tokens says how many more the command counts; a transformed space has no softmax."""
    chromium.open(pages / "live.html", "#token=3035")
    slide(chromium, 0)
    assert "Among the tokens on this map; the command counts 26,022 more." in chromium.text("chosen")
    assert load("minilm", transform="center").map(layout="pca", top=50, live="int8").content.softmax is None


def test_int8_answers_are_marked_as_approximate(chromium: Browser, pages: Path) -> None:
    """The page says so, and the answer is still `queen`."""
    chromium.open(pages / "int8.html", "#ask=king%20-%20man%20%2B%20woman")
    assert "Approximate" in chromium.text("chosen")
    assert chromium.run("document.querySelector('#chosen tr').innerText.includes('queen')")


def test_errors_of_the_search(chromium: Browser, pages: Path) -> None:
    """A word of several tokens, a malformed expression, vectors that cancel out, a page without a matrix."""
    chromium.open(pages / "live.html")
    for text, answer in {
        "king - embeddings": "'embeddings' is not one token on this map",
        "king - ( man": "a parenthesis is never closed",
        "king - king": "these vectors cancel out",
    }.items():
        chromium.type("query", text)
        key(chromium, "Enter")
        assert answer in chromium.text("chosen")
    chromium.open(pages / "plain.html")
    chromium.type("query", "king - man")
    key(chromium, "Enter")
    assert "embgeo map --live float16" in chromium.text("chosen")


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_everything_fits(chromium: Browser, pages: Path, width: int) -> None:
    """Nothing is cut off at an edge, on a phone or on a wide screen."""
    chromium.resize(width, 740 if width < 700 else 1200)
    chromium.open(pages / "live.html", "#token=3035")
    assert chromium.run(LABELS)
    assert chromium.run("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_words_are_shown_as_text(chromium: Browser, tmp_path: Path) -> None:
    """Tags, ends of scripts, quotes and right-to-left marks are shown, and have no effect."""
    words = [
        "</script><script>document.title='hit'</script>", "<img src=x onerror=document.title='hit'>", "<!--",
        "{{SCRIPT}}", "\u202eevil", "\u0000nul", "'\"><b>", "\u2028line", "\ud83d\ude00", "cat",
    ]  # fmt: skip
    rows = np.random.default_rng(3).normal(size=(len(words), 8)).astype("<f4")
    space = load(write_model(tmp_path / "hostile", rows, words))
    space.map(layout="pca", live="float16").save(tmp_path / "hostile.html")
    chromium.open(tmp_path / "hostile.html", "#token=9")
    assert len(chromium.run("[...document.querySelectorAll('#chosen > table tr')].map((row) => row.innerText)")) == 9
    assert str(chromium.run("document.title")).endswith("hostile")
    assert "\\u202eevil" in chromium.text("chosen")
    assert chromium.run("document.querySelectorAll('#chosen img, #chosen b').length") == 0


def test_two_maps_are_linked(chromium: Browser, pages: Path) -> None:
    """A word chosen on one map or by search is chosen on both, and each map lists its own neighbors."""
    chromium.open(pages / "two.html")
    assert chromium.run("[...document.querySelectorAll('.name')].map((one) => one.innerText)")[1].endswith(" · center")
    chromium.type("query", "queen")
    key(chromium, "Enter")
    rows = chromium.run(ROWS)
    for at, transform in enumerate((None, "center")):
        found = load("minilm", transform=transform).map(layout="pca", top=4500, words=bool(at)).content
        listed = found.listed[found.texts.index("queen")].tolist()
        assert [row.split()[0] for row in rows[10 * at : 10 * at + 10]] == [found.texts[i] for i in listed]
    link = chromium.wait("location.hash.includes('token=3035') && location.hash")
    before = chromium.text("chosen")
    chromium.open(pages / "two.html", link)
    assert chromium.text("chosen") == before
    chromium.type("query", "[CLS]")
    key(chromium, "Enter")
    assert "is not one token on this map" in chromium.text("chosen")
    chromium.run("document.getElementById('overlay2').focus()")
    key(chromium, "Enter")
    assert chromium.run("document.querySelectorAll('h2.model').length") == 2


def test_two_maps_answer_and_select_together(chromium: Browser, pages: Path) -> None:
    """Both maps answer an expression from their own rows; a lasso on one marks its words on the other."""
    chromium.open(pages / "two.html", f"#ask={quote('king - man + woman')}")
    left_out = chromium.run(LEFT_OUT)
    assert len(left_out) == 2
    assert left_out[0] != left_out[1]
    assert chromium.run(
        "[...document.querySelectorAll('#chosen code')].some((one) => one.innerText.includes('--center'))"
    )
    chromium.open(pages / "two.html")
    before = chromium.run(f"{PAINTED}(document.getElementById('overlay2'))")
    draw_lasso(chromium)
    chromium.frame()
    assert "of them are on the map of minilm@53aa51172d14 · center, marked there." in chromium.text("chosen")
    assert chromium.run(f"{PAINTED}(document.getElementById('overlay2'))") > before + 1000


@pytest.mark.parametrize(("width", "height"), [(360, 640), (768, 1024), (1280, 740)])
@pytest.mark.parametrize("link", ["", "#token=3035"])
def test_two_maps_fit(chromium: Browser, pages: Path, width: int, height: int, link: str) -> None:
    """Side by side, or one below the other on a high screen: each is large enough, and they don't overlap."""
    chromium.resize(width, height)
    chromium.open(pages / "two.html", link)
    boxes = chromium.run(
        "['overlay', 'overlay2'].map((id) => document.getElementById(id).getBoundingClientRect().toJSON())"
    )
    first, second = boxes
    panel, footer = (
        chromium.run(f"document.getElementById({name!r}).getBoundingClientRect().toJSON()")
        for name in ("panel", "facts")
    )
    if width < height:
        assert second["top"] == pytest.approx(first["bottom"])
        seen = [first["bottom"] - (panel["bottom"] if width < 700 else 0), footer["top"] - second["top"]]
    else:
        assert second["left"] == pytest.approx(first["right"])
        seen = [first["right"] - panel["right"], second["width"]]
    assert min(seen) > 150
    assert link or chromium.run(LABELS)  # a long answer is scrolled


def test_tools_on_a_phone(chromium: Browser, pages: Path) -> None:
    """An answer replaces the tools; one button shows them again, another how the map was made."""
    chromium.resize(360, 640)
    chromium.open(pages / "live.html")
    seen = "!!document.getElementById('mode').offsetParent"
    assert chromium.run(seen)
    chromium.type("query", "queen")
    key(chromium, "Enter")
    assert not chromium.run(seen)
    chromium.run("document.getElementById('more').click()")
    assert chromium.run(seen)
    assert chromium.run("document.getElementById('more').getAttribute('aria-expanded')") == "true"
    assert "embgeo map -m minilm" not in chromium.text("facts")
    chromium.run("document.getElementById('how').click()")
    assert "embgeo map -m minilm" in chromium.text("facts")
    assert chromium.run("document.getElementById('facts').getBoundingClientRect().bottom <= innerHeight")


def test_a_large_map_draws_half_its_points_while_moving(chromium: Browser, tmp_path: Path) -> None:
    """Every second one of 100,000 points is drawn while the map moves, and all of them afterwards."""
    count, random = 100_000, np.random.default_rng(0)
    small = load("minilm").map(layout="pca", top=50)
    content = dataclasses.replace(
        small.content, texts=tuple(f"w{number}" for number in range(count)), ids=np.arange(count),
        fold=np.arange(count), kinds=np.zeros(count, int), norms=random.uniform(1, 2, count),
        places=random.integers(0, 65536, (count, 2)), listed=random.integers(0, count, (count, 10)),
        cosines=np.sort(random.uniform(0, 1, (count, 10)))[:, ::-1], kept=np.zeros(count, int),
    )  # fmt: skip
    dataclasses.replace(small, content=content).save(tmp_path / "large.html")
    chromium.open(tmp_path / "large.html")
    painted = f"{PAINTED}(document.getElementById('points'))"
    whole = chromium.run(painted)
    moving = chromium.run(f"""new Promise((done) => {{
      const event = new WheelEvent('wheel', {{ deltaY: 1e-9, clientX: 800, clientY: 400, cancelable: true }});
      document.getElementById('overlay').dispatchEvent(event);
      requestAnimationFrame(() => done({painted}));
    }})""")
    assert 0.4 * whole < moving < 0.8 * whole
    chromium.wait(f"{painted} === {whole}")
    chromium.type("query", "w7777")
    key(chromium, "Enter")
    expected = [f"w{token}" for token in content.listed[7777].tolist()]
    assert [row.split()[0] for row in chromium.run(ROWS)] == expected


def test_touch(chromium: Browser, pages: Path) -> None:
    """Two fingers zoom and one moves the map; an unsteady tap chooses a token, a tap with two fingers doesn't."""
    chromium.call("Emulation.setDeviceMetricsOverride", width=360, height=640, deviceScaleFactor=2, mobile=True)
    chromium.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=2)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        chromium.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    def view() -> list[float]:
        return [
            float(part) for part in chromium.wait("new URLSearchParams(location.hash.slice(1)).get('view')").split(",")
        ]

    chromium.open(pages / "plain.html")
    touch("touchStart", (150, 400))
    touch("touchStart", (150, 400), (210, 400))
    for step in range(1, 11):
        touch("touchMove", (150 - 6 * step, 400), (210 + 6 * step, 400))
    touch("touchEnd")
    x, y, zoom = view()
    assert zoom == pytest.approx(3, abs=0.01)
    touch("touchStart", (180, 400))
    for step in range(1, 11):
        touch("touchMove", (180 - 6 * step, 400))
    touch("touchEnd")
    chromium.wait(f"!location.hash.includes('{x:.1f}')")
    moved = view()
    assert moved[0] > x + 1000
    assert moved[1:] == [y, zoom]
    touch("touchStart", (150, 400), (210, 400))
    touch("touchEnd")
    assert chromium.text("chosen") == ""
    chromium.run("document.getElementById('all').click()")
    chromium.wait("!location.hash.includes('view')")
    spot = chromium.run("""((c) => {
      const { width, data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
      const below = Math.ceil(2 * document.getElementById('panel').getBoundingClientRect().bottom) + 20;
      for (let at = below * width; ; at++) if (data[4 * at] !== data[0]) return [at % width / 2, at / width / 2];
    })(document.getElementById('points'))""")
    touch("touchStart", tuple(spot))
    touch("touchMove", (spot[0] + 4, spot[1] + 6))
    touch("touchEnd")
    assert "Its nearest tokens" in chromium.text("chosen")
    chromium.call("Emulation.setTouchEmulationEnabled", enabled=False)


def test_groups_have_colors(chromium: Browser, tmp_path: Path) -> None:
    """A page with groups opens in their colors, with a legend, and labels their words."""
    page = load("minilm").map(layout="pca", top=4500, groups={"animals": ["dog"], "cities": ["paris"]})
    page.save(tmp_path / "groups.html")
    chromium.open(tmp_path / "groups.html")
    assert chromium.run("document.getElementById('mode').value") == "groups"
    assert chromium.text("legend").split() == ["animals", "cities"]
    chromium.run("""(() => {
      const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
      const own = CanvasRenderingContext2D.prototype;
      own.clearRect = function (...at) { globalThis.drawn = []; clearRect.apply(this, at); }
      own.fillText = function (...at) { if (this.font.startsWith('600')) drawn.push(at[0]); fillText.apply(this, at); };
      document.getElementById('all').click();
    })()""")
    chromium.frame()
    assert set(chromium.run("drawn")) == {"dog", "paris"}
    chromium.open(tmp_path / "groups.html", "#color=kind")
    assert "piece of a word" in chromium.text("legend")


def test_no_request_is_possible(chromium: Browser, pages: Path) -> None:
    """The content security policy blocks a fetch that is injected into the page."""
    chromium.open(pages / "plain.html")
    outcome = chromium.run("fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => String(error))")
    assert "Failed to fetch" in outcome
    assert any("Content Security Policy" in line for line in chromium.errors)
    chromium.errors.clear()
    chromium.requests.clear()


def test_a_page_that_is_still_loading(chromium: Browser, pages: Path, tmp_path: Path) -> None:
    """Search works once the script has loaded; neighbors and answers appear when their data has loaded."""
    text = (pages / "live.html").read_text("utf-8")
    blocks = {
        found[1]: found[2] for found in re.finditer(r'<script type="[^"]*" id="(lists|rows)">(.*?)</script>', text)
    }
    (tmp_path / "part.html").write_text(
        re.sub(r'<script type="[^"]*" id="(lists|rows)">.*?</script>', "", text), "utf-8"
    )
    chromium.call("Page.navigate", url=(tmp_path / "part.html").as_uri())
    chromium.wait("document.documentElement?.dataset.ready")

    def arrive(name: str) -> None:
        chromium.run(f"""(() => {{
          const block = document.createElement('script');
          Object.assign(block, {{ type: 'application/octet-stream', id: '{name}', textContent: '{blocks[name]}' }});
          document.body.append(block, document.createElement('i'));
        }})()""")

    chromium.type("query", "queen")
    key(chromium, "Enter")
    assert "still being read" in chromium.text("chosen")
    arrive("lists")
    chromium.wait("document.getElementById('chosen').innerText.includes('Its nearest tokens by cosine')")
    chromium.type("query", "king - man + woman")
    key(chromium, "Enter")
    assert "the matrix is still being read" in chromium.text("chosen")
    arrive("rows")
    chromium.wait("document.getElementById('chosen').innerText.includes('left out: ')")
    assert chromium.run("document.documentElement.dataset.whole")


def test_drawing_without_gl(pages: Path) -> None:
    """The points are drawn on a 2D canvas, and search works."""
    with Browser(gl=False) as plain:
        plain.open(pages / "plain.html")
        assert plain.run("document.documentElement.dataset.ready") == "Canvas2D"
        plain.frame()
        assert plain.run(f"{PAINTED}(document.getElementById('points'))") > 5000
        plain.type("query", "queen")
        plain.press("Enter", 13, "\r")
        assert "emperor" in plain.text("chosen")


@pytest.mark.parametrize(
    "link",
    ["#color=toString", "#color=direction", "#color=direction&direction=xyzzy", "#view=x,y,2", "#view=1,2,1e999"],
)
def test_no_link_breaks_the_page(chromium: Browser, pages: Path, link: str) -> None:
    """Points are drawn for any link, and the theme can be changed."""
    for name in ("plain.html", "live.html"):
        chromium.open(pages / name, link)
        assert "can't be shown" not in chromium.text("facts")
        chromium.run("document.getElementById('dark').click()")
        chromium.frame()
        assert chromium.run("document.getElementById('mode').value")
        assert chromium.run(f"{PAINTED}(document.getElementById('overlay'))") > 5000, "no labels in view"


def test_a_token_has_one_label(chromium: Browser, pages: Path) -> None:
    """The words of a search aren't labeled again as names of their region."""
    chromium.open(pages / "live.html")
    chromium.run("""(() => {
      const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
      const own = CanvasRenderingContext2D.prototype;
      own.clearRect = function (...at) { globalThis.drawn = []; clearRect.apply(this, at); }
      own.fillText = function (...at) { drawn.push(at[0]); fillText.apply(this, at); };
    })()""")
    chromium.type("query", "king - man + woman")
    key(chromium, "Enter")
    chromium.frame()
    drawn = chromium.run("drawn")
    assert drawn.count("king") == 1
    assert len(drawn) == len(set(drawn))


def test_the_command_below_an_answer_can_be_pasted(chromium: Browser, tmp_path: Path) -> None:
    """It names the model, and quotes the expression for a shell."""
    words = ["king", "man", "woman", "$(date)", "it's"]
    folder = write_model(tmp_path / "secret" / "crown", np.eye(5, dtype="<f4"), words)
    load(folder).map(layout="pca", live="float16").save(tmp_path / "crown.html")
    expression = "king + $(date) - it's + man"
    chromium.open(tmp_path / "crown.html", f"#ask={quote(expression)}")
    line = str(chromium.run("document.querySelector('#chosen code').innerText"))
    assert shlex.split(line) == ["embgeo", "neighbors", expression, "--pieces", "-m", "crown"]
    assert line == f"embgeo neighbors {shlex.quote(expression)} --pieces -m crown"


def test_completions_are_not_cut(chromium: Browser, pages: Path) -> None:
    """The list below the search is visible without scrolling if the panel shows nothing else."""
    chromium.open(pages / "plain.html")
    chromium.type("query", "re")
    assert chromium.run("document.querySelectorAll('#completions li').length") == 8
    assert chromium.run(
        "(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight)(document.getElementById('panel'))"
    )


def test_focus_stays_in_the_answer(chromium: Browser, pages: Path) -> None:
    """After choosing a neighbor by keyboard, the focus is in the new list, not at the top of the page."""
    chromium.open(pages / "plain.html", "#token=3035")
    chromium.run("document.querySelector('#chosen button').focus()")
    before = chromium.text("chosen")
    key(chromium, "Enter")
    assert chromium.text("chosen") != before
    assert chromium.run("document.activeElement.id") == "chosen"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Browser, pages: Path, scheme: str) -> None:
    """No accessibility violation on the empty page, nor with a token, an answer with its softmax, or a lasso."""
    axe = Path(os.environ.get("EMBGEO_TEST_AXE") or "nowhere")
    if not axe.is_file():
        pytest.skip("no axe-core here: EMBGEO_TEST_AXE names its axe.min.js")
    chromium.prefer(prefers_color_scheme=scheme)
    for name, link in (
        ("plain.html", ""), ("plain.html", "lasso"), ("live.html", "#token=3035"),
        ("live.html", f"#ask={quote('king - man + woman')}"),
        ("int8.html", f"#ask={quote('king - man + woman')}"), ("two.html", "#token=3035"),
    ):  # fmt: skip
        chromium.open(pages / name, link.removesuffix("lasso"))
        if link == "lasso":
            draw_lasso(chromium)
        chromium.run("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        chromium.frame()
        chromium.run(axe.read_text("utf-8") + "; 0")
        found = chromium.run("axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) =>"
                             " `${id}: ${nodes.map((node) => node.html)}`))")  # fmt: skip
        assert found == [], (name, link)


def test_a_lost_webgl_context_is_replaced(chromium: Browser, pages: Path, tmp_path: Path) -> None:
    """The map looks as before after a loss; from the third loss on it is drawn on a 2D canvas."""
    with chromium.with_gpu():
        chromium.open(pages / "plain.html")
    assert chromium.run("document.documentElement.dataset.ready") == "WebGL2"
    before = chromium.picture(tmp_path / "before.png").read_bytes()
    for time in range(3):
        chromium.run(
            "document.getElementById('points').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
        )
        chromium.wait("document.getElementById('points').getContext('webgl2')?.isContextLost() !== true")
        if time == 0:
            assert chromium.picture(tmp_path / "after.png").read_bytes() == before
    chromium.frame()
    assert chromium.run(f"{PAINTED}(document.getElementById('points'))") > 5000, "the third time it is a plain canvas"


def test_reduced_motion(chromium: Browser, pages: Path) -> None:
    """Nothing is animated if the system asks for reduced motion; otherwise buttons fade between colors."""
    chromium.open(pages / "plain.html")
    moving = """[...document.querySelectorAll('*')].some((one) =>
      getComputedStyle(one).transitionDuration !== '0s' || getComputedStyle(one).animationName !== 'none')"""
    chromium.prefer(prefers_reduced_motion="no-preference")
    assert chromium.run(moving)
    chromium.prefer(prefers_reduced_motion="reduce")
    assert not chromium.run(moving)
    before = chromium.run("document.getAnimations().length")
    chromium.type("query", "queen")
    key(chromium, "Enter")
    assert chromium.run("document.getAnimations().length") == before == 0
