"""Maps: their content, by hand and against other commands; the file, the store, and errors."""

from __future__ import annotations

import base64
import gzip
import importlib.util
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import Run, SpaceOf, write_model
from embgeo import EmbeddingSpace, TermError, UsageError, load
from embgeo.errors import Report
from embgeo.numerics import tsne
from embgeo.pictures.map.payload import packed
from embgeo.pictures.map.vocabulary_map import VocabularyMap
from embgeo.questions.map_tokens import KINDS
from embgeo.results.local_paths import without_folders

CROSS = {"right": (2.0, 0.0), "up": (0.0, 1.0), "left": (-1.0, 0.0), "slope": (1.0, 1.0), "nothing": (0.0, 0.0)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layout of few steps, for tests that don't depend on where tokens end up."""
    monkeypatch.setattr(tsne, "EXAGGERATED_STEPS", 3)
    monkeypatch.setattr(tsne, "STEPS", 6)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> VocabularyMap:
    """A map of all tokens, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMBGEO_HOME", str(tmp_path_factory.mktemp("maps")))
        return load("minilm").map(layout="pca")


def test_axes_by_hand(space_of: SpaceOf) -> None:
    """The x axis is the cosine with `right`, the y axis that with `up`; a row of length zero isn't on the map."""
    found = space_of(CROSS).map(layout="right,up").content
    assert found.texts == (" right", " up", " left", " slope")
    half = 2**-0.5
    expected = np.array([(1, 0), (0, 1), (-1, 0), (half, half)])
    assert found.places / 65535 * 2 == pytest.approx(expected - expected.min(axis=0) + [0, 0.5], abs=1e-4)
    assert "not on the map, since a length of zero gives no direction: 1 token" in found.about["notes"]


@pytest.mark.slow
def test_neighbors_are_those_of_the_command(minilm: EmbeddingSpace, whole: VocabularyMap) -> None:
    """On a map of all tokens the ten listed for a token are the answer of `neighbors --pieces`, to the digit."""
    found = whole.content
    place = {row: at for at, row in enumerate(found.ids.tolist())}
    for word in ("queen", "cat", "paris", "7", "the", '"##s"'):
        answer = minilm.neighbors(word, pieces=True)
        at = place[minilm.vocabulary.resolve(word).ids[0]]
        assert found.ids[found.listed[at]].tolist() == [token.id for token in answer]
        assert [float(np.float32(token.score)) for token in answer] == found.cosines[at].astype(float).tolist()


def test_kept_neighbors_are_counted_in_the_plane(space_of: SpaceOf) -> None:
    """Words on a circle, drawn by their two coordinates, keep most of their neighbors."""
    angles = np.linspace(0, 6, 30) ** 1.1
    rows = {f"w{chr(97 + i)}": (np.cos(angle), np.sin(angle)) for i, angle in enumerate(angles.tolist())}
    found = space_of(rows).map(layout="wa,wh")
    assert found.kept > 0.8
    assert found.content.near == 10


@pytest.mark.slow
def test_kinds_of_tokens(whole: VocabularyMap) -> None:
    """Some tokens whose kind is obvious."""
    found = whole.content
    kinds = {text: KINDS[kind] for text, kind in zip(found.texts, found.kinds.tolist(), strict=True)}
    expected = {
        "cat": "word", "##s": "piece of a word", "1984": "digits", "!": "punctuation", "[CLS]": "special or unused",
        "[unused5]": "special or unused", "я": "other script",
    }  # fmt: skip
    assert {text: kinds[text] for text in expected} == expected


def test_color_is_the_dot_product(minilm: EmbeddingSpace) -> None:
    """It is the score that `direction` gives a word."""
    found = minilm.map(layout="pca", top=400, color="cats - cat").content
    assert found.color is not None
    scores = minilm.direction("cats - cat").score(["id:300", "id:399"]).scores
    for score in scores:
        at = found.ids.tolist().index(score.tokens[0].id)
        assert found.color.values[at] == pytest.approx(score.dot, rel=1e-6)


def test_top_and_words(minilm: EmbeddingSpace) -> None:
    """`top` takes the first tokens, `words` only whole words."""
    found = minilm.map(layout="pca", top=50, words=True).content
    assert len(found.texts) == 50
    assert all(text.isalpha() for text in found.texts)


@pytest.mark.slow
def test_pairs(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """Pairs whose words are tokens are drawn; a note names the others."""
    file = tmp_path / "pairs.txt"
    file.write_text("men:man\nembeddings:embedding\n")
    found = minilm.map(layout="pca", top=2500, pairs=file).content
    (pair,) = found.pairs
    assert [found.texts[at] for at in pair.places] == ["men", "man"]
    assert "not drawn, since a word is several tokens or not on the map: embeddings:embedding" in found.about["notes"]
    with pytest.raises(TermError, match="no pair has two words"):
        minilm.map(layout="pca", top=500, pairs=[("embeddings", "embedding")])


@pytest.mark.usefixtures("quick")
def test_a_second_map_comes_from_the_store(minilm: EmbeddingSpace) -> None:
    """Nothing is computed again, and the page has the same bytes."""
    tasks: list[str] = []

    def report(what: str, done: int, total: int, unit: str = "bytes") -> None:  # noqa: ARG001
        tasks.append(what)

    recorded: Report = report
    first = minilm.map(top=300, report=recorded).html()
    assert set(tasks) == {"Exact neighbors", "Laying out"}
    tasks.clear()
    assert minilm.map(top=300, report=recorded).html() == first
    assert tasks == []


def test_a_damaged_stored_map_is_computed_again(minilm: EmbeddingSpace, own_store: Path) -> None:
    """A truncated file in the store gives the same map."""
    first = minilm.map(layout="pca", top=300).html()
    (stored,) = own_store.rglob("map/*.safetensors")
    stored.write_bytes(stored.read_bytes()[:100])
    assert minilm.map(layout="pca", top=300).html() == first


def test_the_page_needs_no_network(minilm: EmbeddingSpace) -> None:
    """It contains no address, its content security policy allows none, and scripts run by their hash."""
    html = minilm.map(layout="pca", top=300, live="int8").html()
    assert "default-src 'none'; script-src 'sha256-" in html
    assert set(re.findall(r"https?://[\w./-]+", html)) == {"http://www.w3.org/2000/svg"}
    assert "unsafe" not in html


@pytest.mark.slow
def test_bytes_per_token(whole: VocabularyMap) -> None:
    """Fewer than 70 on a map of all tokens."""
    assert len(whole.html().encode()) / 30522 < 70


def test_a_notebook_shows_the_page_in_a_sandbox(minilm: EmbeddingSpace) -> None:
    """The frame may run scripts, but hasn't the notebook's origin."""
    shown = minilm.map(layout="pca", top=100)._repr_html_()
    assert shown.startswith('<iframe sandbox="allow-scripts" ')


def about_of(found: VocabularyMap) -> str:
    """The `about` block of a page, decompressed."""
    return gzip.decompress(base64.b64decode(packed(found.content, "1")["about"])).decode()


def test_a_page_contains_no_folder_names(tmp_path: Path) -> None:
    """The model and the file of pairs are named without their folders."""
    folder = write_model(tmp_path / "secret" / "pets", np.eye(4, dtype="<f4"), ["cat", "dog", "red", "blue"])
    file = tmp_path / "secret" / "pairs.txt"
    file.write_text("cat:dog\n")
    found = load(folder).map(layout="pca", pairs=file)
    assert found.content.request == "embgeo map -m pets --layout pca --pairs pairs.txt"
    assert "secret" not in about_of(found)
    assert "secret" not in re.sub(r'<script type="application/octet-stream".*?</script>', "", found.html())


def test_a_page_shows_the_command_that_makes_it(tmp_path: Path) -> None:
    """With the side, tensor, transformation and --case; -m names the model alone."""
    write_model(tmp_path / "pets", np.eye(5, dtype="<f4"), ["cat", "dog", "red", "blue", "green"])
    given = load(tmp_path / "pets", tensor="wte.weight", transform="remove-top=1", case="fold")
    found = given.map(layout="pca", words=True, top=4, color="cat - dog", live="int8", multi="sum").content
    assert found.naming == "-m pets --tensor wte.weight --remove-top=1 --case fold"
    assert found.request == (
        f"embgeo map {found.naming} --layout pca --color 'cat - dog' --live int8 --top 4 --multi sum --words"
    )
    assert load("minilm", side="output").map(layout="pca", top=9).content.naming == "-m minilm --side output"
    assert found.reading.folds


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ada/my model", "my model"), ("@/home/ada/plural.npy - cat", "@plural.npy - cat"),
        ("@../ada/plural.npy", "@plural.npy"), ("king / 2 + and/or", "king / 2 + and/or"),
        ("https://example.org/a/b", "https://example.org/a/b"), ("org/name@main", "org/name@main"),
        ("'/home/ada/m' is an encoder", "'m' is an encoder"), (r"C:\Users\ada\m.txt", "m.txt"),
    ],
)  # fmt: skip
def test_without_folders(text: str, shown: str) -> None:
    """A local path is reduced to its file name; divisions, URLs and names on the Hub stay."""
    assert without_folders(text) == shown


def test_live_rows_are_the_models(minilm: EmbeddingSpace) -> None:
    """float16 represents this model exactly; int8 stays within the stated errors."""
    exact = minilm.weights.take(np.arange(100))
    half = minilm.map(layout="pca", top=100, live="float16").content.rows
    assert half is not None
    assert np.array_equal(half.rows.astype(float), exact)
    assert not half.errors.any()
    small = minilm.map(layout="pca", top=100, live="int8").content.rows
    assert small is not None
    gaps = np.linalg.norm(small.rows * small.scales[:, None] - exact, axis=1)
    assert gaps == pytest.approx(small.errors)
    assert (small.errors <= small.scales / 2 * 384**0.5).all()


def test_saving(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """The result describes the file; an existing file is overwritten only with `force`."""
    found = minilm.map(layout="pca", top=300)
    written = found.save(tmp_path / "map.html")
    assert written.bytes == (tmp_path / "map.html").stat().st_size
    assert (written.tokens, written.layout, written.neighbors, written.live) == (300, "pca", 10, "")
    with pytest.raises(UsageError, match="already exists"):
        found.save(tmp_path / "map.html")
    found.save(tmp_path / "map.html", force=True)
    with pytest.raises(UsageError, match="is a folder"):
        found.save(tmp_path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"layout": "force"}, "unknown layout 'force'; expected tsne, pca, umap or two directions"),
        ({"layout": "woman - man,"}, "unknown layout 'woman - man,'"),
        ({"live": "float8"}, "unknown dtype of a live page 'float8'; expected float16 or int8"),
        ({"top": 2}, "a map needs at least 3 tokens, and there are 2"),
    ],
)
def test_refusals(minilm: EmbeddingSpace, given: dict[str, object], message: str) -> None:
    """One line that names what is wrong."""
    with pytest.raises(UsageError, match=re.escape(message)):
        minilm.map(**given)  # type: ignore[arg-type]


def test_too_few_tokens_because_of_zero_or_nan_rows(space_of: SpaceOf) -> None:
    """The hint names such rows, and doesn't suggest dropping options that weren't given."""
    space = space_of({"a": [0, 0], "b": [np.nan, 1], "c": [0, 0], "d": [1, 1]})
    with pytest.raises(UsageError, match="there are 1") as raised:
        space.map()
    assert raised.value.hint == "3 more have no direction: their numbers are all zero, or NaN or infinite."
    with pytest.raises(UsageError, match="there are 1") as raised:
        space_of({"a": [1, 0]}).map()
    assert raised.value.hint == "Use a model with more tokens."


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("rows", [3, 5, 40])
@pytest.mark.parametrize("layout", ["tsne", "pca", "a,b"])
def test_tiny_models_have_a_map(space_of: SpaceOf, dims: int, rows: int, layout: str) -> None:
    """With few tokens and dimensions all places are on the page, and all other tokens are neighbors."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [letters[i] if i < 26 else "a" + letters[i - 26] for i in range(rows)]
    matrix = np.random.default_rng(rows).normal(size=(rows, dims))
    content = space_of(dict(zip(words, matrix.tolist(), strict=True))).map(layout=layout).content
    assert content.places.shape == (rows, 2)
    assert content.places.min() >= 0
    assert content.places.max() <= 65535
    assert (content.listed >= 0).sum(axis=1).tolist() == [min(10, rows - 1)] * rows


def test_the_command(run: Run, tmp_path: Path) -> None:
    """It writes the page, and refuses an existing file, a folder or a missing folder."""
    out = tmp_path / "page.html"
    done = run("map", "-o", str(out), "-m", "minilm", "--layout", "pca", "--top", "200", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["path"], answer["bytes"]) == (0, str(out), out.stat().st_size)
    again = run("map", "-o", str(out), "-m", "minilm")
    assert (again.returncode, again.stderr) == (2, f"embgeo: '{out}' already exists. --force overwrites it.\n")
    for name in ("new/", f"{tmp_path}/"):
        slash = run("map", "-o", name, "-m", "minilm")
        assert (slash.returncode, slash.stderr) == (2, f"embgeo: '{name}' names a folder. Name a file.\n")
    nowhere = run("map", "-o", str(tmp_path / "no" / "map.html"), "-m", "minilm")
    assert nowhere.returncode == 2
    assert "there is no folder" in nowhere.stderr


@pytest.mark.slow
def test_groups(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """A file assigns words to groups; a group may have several lines, and commas separate words with spaces."""
    file = tmp_path / "groups.txt"
    file.write_text("# mine\nanimals: cat dog\ncities: paris, new york , berlin\n\nanimals: horse\n")
    found = minilm.map(layout="pca", top=5000, groups=file).content
    assert found.groups is not None
    assert found.groups.names == ("animals", "cities")
    of = {found.texts[i]: int(number) for i, number in enumerate(found.groups.numbers) if number}
    assert of == {"cat": 1, "dog": 1, "horse": 1, "paris": 2, "berlin": 2}
    assert found.about["notes"][-1] == "in no color, since a word is several tokens or not on the map: new york"
    assert "--groups groups.txt" in found.request
    same = minilm.map(
        layout="pca", top=5000, groups={"animals": ["cat", "dog", "horse"], "cities": ["paris", "berlin"]}
    ).content
    assert same.groups is not None
    assert same.groups.numbers.tolist() == found.groups.numbers.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "contains no groups"), ("cat dog", ":1: 'cat dog' is not a group"), ("animals:", "is not a group"),
        (": cat", "is not a group"), ("none: qqqqqqqqqqq new-york", "no word of the groups is a token on the map"),
    ],
)  # fmt: skip
def test_bad_groups(minilm: EmbeddingSpace, tmp_path: Path, text: str, message: str) -> None:
    """A file without groups, a malformed line, and words that aren't on the map."""
    file = tmp_path / "groups.txt"
    file.write_text(text)
    with pytest.raises((UsageError, TermError), match=message):
        minilm.map(layout="pca", groups=file, top=2500)


def test_umap(minilm: EmbeddingSpace) -> None:
    """umap-learn's layout is reproducible, and keeps more than twice as many neighbors as two components."""
    pytest.importorskip("umap", reason="umap-learn is not installed")
    first, again = (minilm.map(layout="umap", top=600) for _ in range(2))
    assert (first.content.places == again.content.places).all()
    assert first.kept > 2 * minilm.map(layout="pca", top=600).kept


def test_missing_umap_is_reported_before_any_work(minilm: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install, before neighbors are computed."""
    monkeypatch.setitem(sys.modules, "umap", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    tasks: list[str] = []
    with pytest.raises(UsageError, match="needs umap-learn, which is not installed") as raised:
        minilm.map(layout="umap", report=lambda what, *_: tasks.append(what))
    assert raised.value.hint == "Install it: pip install 'embgeo[umap]'"
    assert tasks == []


def test_two_models_on_one_page(run: Run, tmp_path: Path) -> None:
    """Two -m options write one page with both maps, and the answer has figures for each."""
    folder = write_model(tmp_path / "pets", np.random.default_rng(0).normal(size=(5, 4)).astype("<f4"), list("abcde"))
    out = tmp_path / "two.html"
    line = ("map", "--top", "50", "--layout", "pca", "-o", str(out), "--json", "-m", "minilm", "-m", str(folder))
    answer = json.loads(run(*line).stdout)
    assert (answer["model"], answer["tokens"]) == ("minilm", 50)
    assert (answer["second"]["model"], answer["second"]["tokens"]) == (str(folder), 5)
    page = out.read_text()
    assert page.count('<script type="application/octet-stream" id="about') == 2
    assert "<title>Map of minilm and pets</title>" in page
    assert str(tmp_path) not in page


@pytest.mark.slow
def test_a_model_next_to_its_control(run: Run, tmp_path: Path) -> None:
    """--control adds the same tokens with other rows; stored maps of different controls aren't confused."""
    out = tmp_path / "two.html"
    line = ("map", "--top", "200", "--layout", "pca", "-o", str(out), "--json", "-m", "minilm", "--control")
    answer = json.loads(run(*line, "random").stdout)
    assert (answer["tokens"], answer["second"]["tokens"]) == (200, 200)
    assert answer["second"]["transform"] == "control=random seed=0"
    spaces = [load("minilm").control(kind, seed=seed) for kind, seed in (("random", 0), ("random", 1), ("shuffled", 0))]
    listed = [space.map(layout="pca", top=200, live="float16").content for space in spaces]
    assert "--control random --seed 0" in listed[0].request
    assert len({found.listed.tobytes() for found in listed}) == 3
