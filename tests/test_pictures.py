"""Pictures as a reader sees them: identical bytes, labels that don't overlap, and the numbers that NumPy gives."""

from __future__ import annotations

import dataclasses
import html
import itertools
import json
import re
import shlex
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.main import get_command

from conftest import Run, SpaceOf, write_model
from embgeo import EmbeddingSpace, TermError, load
from embgeo.cli.startup import program
from embgeo.pictures import colors
from embgeo.pictures.cluster import branches, leaves
from embgeo.pictures.figure import Line
from embgeo.pictures.figures import figure
from embgeo.pictures.space import random_cosines
from embgeo.pictures.terminal import draw
from limits import limited
from pictures import BANKS, CASES, FOLDER, arrows, boxes, shapes, svg_of

SLOW_CASES = ("context", "positions", "space")
QUICK_SEEDS = 8
SVG = "{http://www.w3.org/2000/svg}"
GENDER = [("man", "woman"), ("king", "queen"), ("boy", "girl"), ("father", "mother"), ("brother", "sister")]
GENDER += [("uncle", "aunt"), ("son", "daughter"), ("husband", "wife")]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW_CASES else ()) for name in CASES]
)
def test_same_bytes(name: str, minilm: EmbeddingSpace) -> None:
    """Each picture equals the committed file, byte for byte (`python tests/pictures.py` writes them)."""
    assert svg_of(name, minilm).encode() == (FOLDER / f"{name}.svg").read_bytes()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_pictures_are_accessible(name: str, minilm: EmbeddingSpace) -> None:
    """A picture has role="img", a title, a description, and its facts as JSON."""
    root = ElementTree.fromstring(svg_of(name, minilm))
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    assert root[1].tag == f"{SVG}desc"
    assert len(root[1].text or "") > 60
    facts = json.loads(root.findtext(f"{SVG}metadata") or "")
    assert facts["model"] == "minilm"
    assert {"command", "revision", "generator"} <= set(facts)


def words_of(space: EmbeddingSpace, seed: int, count: int) -> list[str]:
    """Random whole words of the vocabulary."""
    random = np.random.default_rng(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        text = space.vocabulary.token(int(random.integers(2000, 29000))).text
        if text.isalpha() and text.isascii() and len(text) > 2:
            found[text] = None
    return list(found)


@pytest.mark.parametrize(
    "seed", [*range(QUICK_SEEDS), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(QUICK_SEEDS, 50))]
)
def test_labels_never_overlap(seed: int, minilm: EmbeddingSpace) -> None:
    """Each of twenty random words has a label inside the page that overlaps no label, dot or arrow."""
    words = words_of(minilm, seed, 20)
    text = minilm.plot_pairs(*zip(words[::2], words[1::2], strict=True), axes=("pairs", "pca")[seed % 2]).svg()
    placed = boxes(text)
    assert sorted(label for label, _ in placed) == sorted(words)
    for (one, a), (other, b) in itertools.combinations(placed, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)
    for label, (x0, y0, x1, y1) in placed:
        assert 20 <= x0 <= x1 <= 840, label
        for x, y in shapes(text):
            assert not (x0 < x < x1 and y0 < y < y1), label
        for start, end in arrows(text):
            points = np.linspace(start, end, 400)  # [points, 2]
            inside = (points > (x0, y0)).all(axis=1) & (points < (x1, y1)).all(axis=1)  # [points]
            assert not inside.any(), label


@pytest.mark.slow
def test_labels_of_hundreds_of_words(minilm: EmbeddingSpace) -> None:
    """The caption counts the labels that have no room, and the others don't overlap."""
    words = words_of(minilm, 1, 400)
    text = minilm.plot_pairs(*zip(words[::2], words[1::2], strict=True), axes="pca").svg()
    placed = boxes(text)
    for (_, a), (_, b) in itertools.combinations(placed, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    assert f"No room for {400 - len(placed)} labels" in text
    assert text.count("<circle") == 400


def test_the_plane_of_pairs_matches_numpy(minilm: EmbeddingSpace) -> None:
    """The x axis is the mean difference, the y axis the first singular vector of the rest."""
    plot = minilm.plot_pairs(*GENDER)

    def unit(term: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        row = np.asarray(minilm[term], np.float64)
        return row / np.linalg.norm(row)

    words = np.array([unit(word.term) for word in plot.words])
    words -= words.mean(axis=0)
    differences = np.array([unit(b) - unit(a) for a, b in GENDER])
    across = differences.mean(axis=0) / np.linalg.norm(differences.mean(axis=0))
    rest = words - np.outer(words @ across, across)
    up = np.linalg.svd(rest)[2][0]
    up *= np.sign(up @ (words[np.abs(words @ up).argmax()]))
    np.testing.assert_allclose([(word.x, word.y) for word in plot.words], words @ np.array([across, up]).T, atol=1e-7)
    inside = np.hypot(differences @ across, differences @ up) / np.linalg.norm(differences, axis=1)
    np.testing.assert_allclose([pair.share for pair in plot.pairs], inside, atol=1e-6)
    others = [differences.sum(axis=0) - one for one in differences]
    cosines = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(differences, others, strict=True)]
    np.testing.assert_allclose([pair.cosine for pair in plot.pairs], cosines, atol=1e-6)
    shares = [plot.x.variance, plot.y.variance]
    np.testing.assert_allclose(
        shares, [((words @ axis) ** 2).sum() / (words**2).sum() for axis in (across, up)], rtol=1e-6
    )
    assert [pair.weak for pair in plot.pairs] == [share < 0.5 for share in inside]


def test_pca_hides_the_shared_direction(minilm: EmbeddingSpace) -> None:
    """PCA shows less than 12% of the arrows' length, the plane of pairs more than 55%."""
    assert minilm.plot_pairs(*GENDER, axes="pca").share < 0.12
    assert minilm.plot_pairs(*GENDER).share > 0.55


def test_two_expressions_as_axes(minilm: EmbeddingSpace) -> None:
    """The first is the x axis; the second is made perpendicular to it."""
    plot = minilm.plot_pairs(("man", "woman"), axes="woman - man, king - man")
    assert plot.words[1].x - plot.words[0].x > 1
    assert plot.words[1].y == pytest.approx(plot.words[0].y, abs=1e-2)
    with pytest.raises(TermError, match="are parallel"):
        minilm.plot_pairs(("man", "woman"), axes="woman - man,man - woman")


def test_the_histogram_of_a_direction(minilm: EmbeddingSpace) -> None:
    """Its counts are those of np.histogram over the float32 dot products, and the scores those of `direction`."""
    direction = minilm.direction("cats", "cat")
    plot = minilm.plot_direction(direction, "one", "two", "three", "four")
    dots = (np.asarray(minilm.matrix, np.float64) @ direction.vector).astype(np.float32)
    counts, _ = np.histogram(dots.astype(np.float64), bins=60, range=(plot.low, plot.high))
    assert plot.histogram == tuple(counts)
    assert sum(plot.histogram) + plot.outside == len(minilm)
    assert plot.scores == direction.score(["one", "two", "three", "four"]).scores
    assert plot.spearman == 1.0
    assert plot.chance is not None
    # Of 24 orders two are strict: with unrelated words one in twelve random directions would do as well.
    assert 0.02 < plot.chance.share < 0.5


@pytest.mark.parametrize(
    "line",
    [
        "similarity cat dog red", "cluster cat dog red blue", "neighbors cat", "space", "positions",
        "context 'a red cat' 'the cat sat' --word cat",
    ],
)  # fmt: skip
@pytest.mark.slow
def test_the_plot_option_draws_what_the_plot_command_draws(line: str, run: Run, tmp_path: Path) -> None:
    """`--plot FILE` on a question draws what `plot` draws, apart from the command in the metadata."""
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    more = ("-k", "8") if line.startswith("neighbors") else ()
    name, *words = shlex.split(line)
    assert run(name, *words, *more, "--plot", str(one), "-m", "minilm").returncode == 0
    assert run("plot", name, *words, "-o", str(other), "-m", "minilm").returncode == 0
    parts = [path.read_text().partition("<metadata>")[::2] for path in (one, other)]
    assert parts[0][0] == parts[1][0]
    assert parts[0][1].partition("</metadata>")[2] == parts[1][1].partition("</metadata>")[2]


def test_the_metadata_contains_no_folder_names(run: Run, tmp_path: Path) -> None:
    """They name the model and the file of words without their folders."""
    folder = write_model(tmp_path / "secret" / "pets", np.eye(3, dtype="<f4"), ["cat", "dog", "red"])
    words = tmp_path / "secret" / "words.txt"
    words.write_text("cat\ndog\nred\n")
    out = tmp_path / "secret" / "picture.svg"
    done = run("plot", "similarity", f"--from={words}", "-m", str(folder), "-o", str(out))
    assert done.returncode == 0, done.stderr
    facts = json.loads(ElementTree.fromstring(out.read_text()).findtext(f"{SVG}metadata") or "")
    assert facts["command"] == "embgeo plot similarity --from=words.txt -m pets -o picture.svg"
    assert facts["model"] == "pets"
    assert "secret" not in out.read_text()


# The options of `embgeo X` that `embgeo plot X` lacks, since the picture doesn't show what they change.
UNDRAWN = {
    "compare": {"--control", "--counts", "--map", "--moved", "--top"},  # a second table, bands by count, a file, lists
    "similarity": {"--control", "--seed"},  # a second table
    "cluster": {"--control", "--seed"},
    "space": {"--control", "--queries", "--top"},  # hubs and lists
    "context": {"--near", "--top"},  # lists
    "direction": {  # lists of the vocabulary, how the direction is learned and tested, a file
        "--components", "--control", "--evidence", "--method", "--peek", "--permutations", "--pieces", "--raw",
        "--save", "--sort", "--test", "--top", "--words",
    },
    "neighbors": {  # of one word by cosine, whose neighbors have neighbors
        "--control", "--from", "--keep-inputs", "--metric", "--seed", "--through", "--to", "--unit", "--without",
    },
    "positions": {  # lists of tokens near a position, the patches of an image
        "--at", "--control", "--grid", "--multi", "--pieces", "--raw", "--seed", "--top", "--words",
    },
}  # fmt: skip


def test_plot_commands_have_the_options_of_their_commands() -> None:
    """`embgeo plot X` has all options of `embgeo X` except those listed above."""
    commands = get_command(program("")).commands  # type: ignore[attr-defined]  # Typer's own copy of Click
    for name, drawn_by in commands["plot"].commands.items():
        if name in commands:
            options, plot_options = (
                {option for one in command.params for option in one.opts if option.startswith("--")}
                for command in (commands[name], drawn_by)
            )
            assert options - plot_options == UNDRAWN[name] | {"--plot"}, name


def test_a_word_after_plot_is_not_a_file(run: Run) -> None:
    """Only a name with the suffix of a picture is a file."""
    assert run("similarity", "--plot", "cat", "dog", "-m", "minilm").stdout == run(
        "similarity", "cat", "dog", "--plot", "-m", "minilm"
    ).stdout  # fmt: skip


def test_the_tree_matches_scipy(minilm: EmbeddingSpace) -> None:
    """Merges are those of SciPy's linkage, rows in the order of its dendrogram, brackets at the merges' distances."""
    hierarchy = pytest.importorskip("scipy.cluster.hierarchy", reason="SciPy is not installed")
    words = "cat dog horse red blue green one two three".split()  # noqa: SIM905
    answer = minilm.cluster(*words)
    vectors = np.array([np.asarray(minilm[word], np.float64) for word in words])
    tree = hierarchy.linkage(vectors, "average", "cosine")
    found = [(merge.first, merge.second) for merge in answer.merges]
    assert found == [(int(a), int(b)) for a, b in tree[:, :2]]
    np.testing.assert_allclose([merge.distance for merge in answer.merges], tree[:, 2], rtol=1e-6)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(answer.cosines, units @ units.T, atol=1e-6)
    order = hierarchy.dendrogram(tree, no_plot=True)["leaves"]
    assert leaves(answer) == order
    assert max(x for branch in branches(answer, order) for x, _ in branch.points) == pytest.approx(tree[-1, 2])


def test_the_graph_shows_the_lists_of_neighbors(minilm: EmbeddingSpace) -> None:
    """Nodes and edges are what `neighbors` answers for the word and for each of its neighbors."""
    plot = minilm.plot_neighbors("cat", 5)
    first = minilm.neighbors("cat", 5)
    assert [node.id for node in plot.nodes if node.step == 1] == [one.id for one in first]
    assert [node.score for node in plot.nodes if node.step == 1] == pytest.approx([one.score for one in first])
    lists = {one.id: {other.text for other in minilm.neighbors(f"id:{one.id}", 4)} for one in first}
    for at, node in enumerate(plot.nodes):
        if node.step == 1:
            listed = {plot.nodes[edge.end].text for edge in plot.edges if edge.start == at}
            assert listed == lists[node.id] - {"cat"}
    assert plot.outside == sum("cat" not in texts for texts in lists.values())


def test_positions_are_principal_components(minilm: EmbeddingSpace) -> None:
    """The curve's coordinates are those of a singular value decomposition, apart from signs."""
    plot = minilm.plot_positions()
    rows = np.asarray(load("minilm", side="position").matrix, np.float64)
    centered = rows - rows.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centered, full_matrices=False)
    np.testing.assert_allclose(np.abs(plot.coordinates), np.abs(left[:, :3] * sizes[:3]), atol=1e-5)
    np.testing.assert_allclose(plot.variance, (sizes**2)[:3] / (sizes**2).sum(), rtol=1e-5)


@pytest.mark.slow
def test_plot_context_shows_the_cosines_of_context(minilm: EmbeddingSpace) -> None:
    """Each line has the cosines of `context`, an identical text stays at 1, and every line has a label."""
    plot = minilm.plot_context([*BANKS, BANKS[0]], "bank")
    answer = minilm.context([*BANKS, BANKS[0]], "bank", near="none")
    assert plot.layers == answer.layers
    lines, *_ = figure(plot).panels
    drawn_lines = {mark.title: mark.points for mark in lines.marks if isinstance(mark, Line) and not mark.guide}
    assert set(drawn_lines) == {"unrelated", "1 and 2", "1 and 3", "1 and 4", "1 and 5"}  # ten pairs are too many
    assert [y for _, y in drawn_lines["1 and 5"]] == pytest.approx([1.0] * 7)
    assert [y for _, y in drawn_lines["1 and 3"]] == [layer.cosines[0][2] for layer in answer.layers]
    assert [y for _, y in drawn_lines["unrelated"]] == [layer.unrelated for layer in answer.layers]
    assert sorted(label for label, _ in boxes(plot.svg())) == sorted(drawn_lines)
    assert "6 more pairs" in plot.svg()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_line_labels_never_overlap(seed: int, minilm: EmbeddingSpace) -> None:
    """Six lines and that of unrelated words have a label each, whatever the cosines are."""
    random = np.random.default_rng(seed)
    answer = minilm.plot_context(BANKS, "bank")
    spread = (1.0, 0.02, 0.0)[seed % 3]
    layers = tuple(
        dataclasses.replace(
            layer, unrelated=float(random.normal(0, 0.1)),
            cosines=tuple(tuple(row) for row in (random.uniform(-1, 0.9) + spread * random.random((4, 4))).tolist()),
        ) for layer in answer.layers
    )  # fmt: skip
    placed = boxes(dataclasses.replace(answer, layers=layers).svg())
    assert len(placed) == 7
    for (one, a), (other, b) in itertools.combinations(placed, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)


def test_density_of_random_cosines() -> None:
    """The dotted curve of `plot space` has the area 1 and the variance 1 / dims."""
    for dimensions, reach in ((16, 0.999), (384, 0.3), (4096, 0.1)):
        xs, density = np.array(random_cosines(dimensions, -reach, reach)).T
        step = xs[1] - xs[0]
        assert density.sum() * step == pytest.approx(1, rel=1e-3)
        assert (density * xs**2).sum() * step == pytest.approx(1 / dimensions, rel=1e-2)


def test_hostile_words(space_of: SpaceOf) -> None:
    """Markup, control characters and a right-to-left mark are drawn as text, and the file is valid XML."""
    words = ["</svg><script>alert(1)</script>", "\x1b[31mred\x07", "\u202eabc", '"&quot;<!--']
    rows = dict(zip(words, (np.eye(4, 5) + 0.1).tolist(), strict=True))
    space = space_of(rows)
    plot = space.plot_pairs(("id:0", "id:1"), ("id:2", "id:3"))
    root = ElementTree.fromstring(plot.svg())
    assert not list(root.iter(f"{SVG}script"))
    assert plot._repr_svg_() == plot.svg()


def test_png(run: Run, tmp_path: Path) -> None:
    """A PNG has the requested width, its facts in a text chunk, and valid checksums."""
    pytest.importorskip("resvg_py", reason="resvg-py is not installed")
    out = tmp_path / "a.png"
    done = run("plot", "pairs", "man:woman", "king:queen", "-m", "minilm", "-o", str(out), "--width", "430")
    assert done.returncode == 0, done.stderr
    data, at, chunks = out.read_bytes(), 8, {}
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        body = data[at + 4 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(body)
        chunks[body[:4] + body[4:].partition(b"\0")[0] * (body[:4] == b"iTXt")] = body[4:]
        at += 12 + size
    assert struct.unpack(">I", chunks[b"IHDR"][:4])[0] == 430
    facts = json.loads(chunks[b"iTXtembgeo"].partition(b"\0\0\0\0\0")[2])
    assert facts["command"].startswith("embgeo plot pairs man:woman king:queen")


def test_existing_pictures_are_kept(run: Run, tmp_path: Path) -> None:
    """A picture is overwritten only with --force; a folder and a full disk are one-line errors."""
    out = tmp_path / "a.svg"
    line = ("plot", "pairs", "man:woman", "-m", "minilm", "-o")
    out.write_text("mine")
    assert "already exists. --force overwrites it." in run(*line, str(out)).stderr
    assert out.read_text() == "mine"
    assert run(*line, str(out), "--force").returncode == 0
    assert out.read_text().startswith("<svg ")
    folder = tmp_path / "b.html"
    folder.mkdir()
    assert "is a folder. Name a file." in run(*line, str(folder)).stderr
    full = limited(*line, str(tmp_path / "full.svg"), size=1000)
    assert full.returncode == 2
    assert full.stderr == f"embgeo: can't write '{tmp_path / 'full.svg'}': File too large\n"
    assert not (tmp_path / "full.svg").exists()


def test_html_is_self_contained(run: Run, tmp_path: Path) -> None:
    """The page contains the picture, and refers to no other file."""
    out = tmp_path / "a.html"
    assert run("plot", "pairs", "man:woman", "-m", "minilm", "-o", str(out)).returncode == 0
    text = out.read_text()
    assert text.startswith("<!doctype html>")
    assert "<svg " in text
    assert [part for part in ("src=", "href=", "url(", "@import", "<script") if part in text] == []


@pytest.mark.parametrize("columns", [10, 20, 40, 80, 132, 200])
def test_every_word_in_the_terminal(columns: int, run: Run) -> None:
    """At any width no line is longer than the terminal, and every word is in the picture or its legend."""
    words = [f"{a}:{b}" for a, b in GENDER]
    done = run("plot", "pairs", *words, "-m", "minilm", COLUMNS=str(columns), LINES="24")
    assert max(map(len, done.stdout.splitlines())) <= columns
    text = done.stdout.replace("\n", " ")
    for word in (word for pair in GENDER for word in pair):
        assert word in text.split(" ", 7)[-1] or columns < 20, word


def test_a_picture_fits_80_by_24(run: Run) -> None:
    """It leaves a line for the prompt."""
    words = [f"{a}:{b}" for a, b in GENDER]
    done = run("plot", "pairs", *words, "-m", "minilm", COLUMNS="80", LINES="24")
    assert len(done.stdout.splitlines()) <= 23


def test_ascii_terminal(run: Run) -> None:
    """If the encoding has no braille, the picture is drawn in ASCII."""
    done = run("plot", "pairs", "man:woman", "king:queen", "-m", "minilm", PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert "\\u" not in done.stdout
    assert "king" in done.stdout


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_colors_change_no_character(name: str, minilm: EmbeddingSpace) -> None:
    """Without its colors a picture is the plain one, apart from the shades that stand for a heat map's colors."""
    picture = figure(CASES[name](minilm))
    colored = draw(picture, 80, 24, colored=True)
    assert "\033[" in colored
    stripped = [re.sub(r"\033\[[\d;]*m", "", line).rstrip() for line in colored.splitlines()]
    plain = [re.sub("[░▒▓█]", " ", line).rstrip() for line in draw(picture, 80, 24, colored=False).splitlines()]
    assert stripped == plain


def test_color_contrast() -> None:
    """Text has a contrast of at least 4.5, lines and dots of 3 (WCAG 2.2), on light and dark backgrounds."""
    for ground in ("light", "dark"):
        names = colors.palette(ground)
        for name in ("ink", "muted"):
            assert colors.contrast(names[name], names["ground"]) >= 4.5, (ground, name)
        for name in [f"c{number}" for number in range(colors.GROUP_COLORS)]:
            assert colors.contrast(names[name], names["ground"]) >= 3, (ground, name)
        for step in range(-colors.SHADES, colors.SHADES + 1):
            ink = colors.on_heat(step / colors.SHADES, ground)
            assert colors.contrast(ink, names[f"h{step}"]) >= 4.5, (ground, step)


MEASURE = """<script>document.body.dataset.boxes = JSON.stringify([...document.querySelectorAll(".label")].map(
one => { const box = one.getBoundingClientRect(); return [one.textContent, box.left, box.right]; }))
</script>"""


@pytest.mark.slow
def test_label_widths_in_a_browser(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """A browser's labels are as wide as the layout computed, whatever font it has."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed")
    text = CASES["pairs-capitals"](minilm).svg()
    (tmp_path / "page.html").write_text(
        f"<!doctype html><meta charset=utf-8><body style=margin:0>{text}{MEASURE}</body>"
    )
    line = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"]
    line += [f"--user-data-dir={tmp_path / 'profile'}", f"file://{tmp_path / 'page.html'}"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    found = json.loads(html.unescape(done.stdout.partition('data-boxes="')[2].partition('"')[0]))
    assert len(found) == len(boxes(text)) == 16
    for (word, left, right), (label, box) in zip(found, boxes(text), strict=True):
        assert word == label
        assert [left, right] == pytest.approx([box[0], box[2]], abs=1.5), word
