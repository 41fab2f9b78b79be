"""Pictures of unusual input: very many words, equal vectors, fewer neighbors than requested, names of other files."""

from __future__ import annotations

import functools
import itertools
import json
import math
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from conftest import Run, SpaceOf
from embgeo import EmbeddingSpace, UsageError
from embgeo.pictures.figures import figure
from embgeo.pictures.terminal import draw
from pictures import SVG

MANY = 70  # words; a heat map has rows for sixty


def words_of(space: EmbeddingSpace, count: int) -> list[str]:
    """The first whole words of the vocabulary."""
    texts = (space.vocabulary.token(row).text for row in range(2000, 9000))
    return list(itertools.islice((text for text in texts if text.isalpha() and text.isascii()), count))


def test_a_tree_of_too_many_words_ends_with_its_rows(minilm: EmbeddingSpace) -> None:
    """Branches lead to the sixty words that have a row, and to nothing below them; the title counts all words."""
    pytest.importorskip("scipy.cluster.hierarchy", reason="SciPy is not installed")
    text = minilm.plot_cluster(*words_of(minilm, MANY), groups=3).svg()
    root = ElementTree.fromstring(text)
    cells = [one for one in root.iter(f"{SVG}rect") if (one.get("class") or "").startswith("cell")]
    low = max(float(one.get("y", 0)) + float(one.get("height", 0)) for one in cells)
    branches = [one.get("d") or "" for one in root.iter(f"{SVG}path")]
    heights = [float(y) for d in branches for y in re.findall(r"[ ,]([\d.]+)(?=[L MZ]|$)", d)]
    assert len(cells) == 60 * 60
    assert len(branches) == 59
    assert max(heights) <= low
    assert (root.findtext(f"{SVG}title") or "").startswith(f"{MANY} words in ")


@pytest.mark.parametrize("count", [12, 25, 40, 60])
def test_names_of_columns_never_overlap(count: int, minilm: EmbeddingSpace) -> None:
    """They are level, turned, upright, or left out where even that would be too narrow for their height."""
    text = minilm.plot_cluster(*words_of(minilm, count), groups=3).svg()
    found = re.findall(r'<text x="([\d.]+)"[^>]*transform="rotate\((-\d+)', text)
    turns = {float(turn) for _, turn in found}
    places = sorted(float(x) for x, _ in found)
    assert len(turns) <= 1
    for one, other in itertools.pairwise(places):
        assert (other - one) * math.sin(math.radians(-next(iter(turns)))) >= 11
    assert len(found) == (0 if count in (12, 60) else count)


def test_equal_words_are_one_group(space_of: SpaceOf) -> None:
    """Where all merges are at one distance, nothing sets groups apart."""
    space = space_of({word: [1, 2, 3] for word in ("cat", "dog", "red", "blue")})
    assert [len(one.members) for one in space.cluster("cat", "dog", "red", "blue").groups] == [4]
    assert figure(space.cluster("cat", "dog", "red")).title.endswith("in 1 group")


def test_a_graph_counts_the_neighbors_that_there_are(space_of: SpaceOf) -> None:
    """Of four tokens three are near, however many are requested; where each lists the other, nothing says otherwise."""
    space = space_of({"cat": [2, 1, 1, 1], "dog": [1, 2, 1, 1], "red": [1, 1, 2, 1], "blue": [1, 1, 1, 2]})
    picture = figure(space.plot_neighbors("cat", 8))
    assert picture.title == "cat: its 3 nearest, and theirs"
    assert picture.caption[1] == "3 of the 3 list cat among their own 4 nearest."


def test_a_graph_of_an_expression_says_what_is_listed(minilm: EmbeddingSpace) -> None:
    """No token can list an expression: those are counted that list one of its tokens."""
    answer = minilm.plot_neighbors("king - man + woman", 4)
    assert answer.inputs == 3
    assert figure(answer).caption[1].startswith("4 of the 4 list a token of king - man + woman among")


def test_distances_from_the_middle_are_angles(minilm: EmbeddingSpace) -> None:
    """In pixels too: the farther a token's vector has turned away, the farther its dot is from the word's."""
    answer = minilm.plot_neighbors("cat", 6)
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', answer.svg())
    places = np.array(dots, float)  # [nodes, 2]
    far = np.hypot(*(places - places[0]).T)  # [nodes]
    angles = [0.0, *(math.degrees(math.acos(node.score)) for node in answer.nodes[1:])]
    assert far[1:] / np.array(angles[1:]) == pytest.approx(far[1] / angles[1], rel=1e-2)
    assert "Each ring is 30° farther out." in answer.svg()
    assert "ring" not in draw(figure(answer), 80, 24, colored=False)  # where none is drawn


def test_a_terminal_counts_the_words_without_a_letter(minilm: EmbeddingSpace) -> None:
    """Hundreds of words don't scroll the picture away."""
    words = words_of(minilm, 260)
    text = draw(figure(minilm.plot_pairs(*zip(words[::2], words[1::2], strict=True))), 80, 24, colored=False)
    assert len(text.splitlines()) < 36
    assert re.search(r"\* \d+ more words", text.replace("\n", " "))


def test_names_of_other_pictures(run: Run, tmp_path: Path) -> None:
    """A file of another kind after --plot is refused, and not taken for a word; a folder that isn't there too."""
    done = run("similarity", "cat", "dog", "--plot", "cat.gif", "-m", "minilm")
    assert (done.returncode, done.stdout) == (2, "")
    assert "can't draw 'cat.gif'" in done.stderr
    words = ("similarity", "cat", "dog")
    for line in (
        ("plot", *words, "-o", f"{tmp_path}/new.svg/"), (*words, "--plot", f"{tmp_path}/new.svg/"),
        ("map", "-o", f"{tmp_path}/new/"),
    ):  # fmt: skip
        done = run(*line, "-m", "minilm")
        assert done.returncode == 2
        assert done.stderr.endswith("/' names a folder. Name a file.\n")
    assert not list(tmp_path.iterdir())


def test_a_folder_after_plot_is_no_word(run: Run, tmp_path: Path) -> None:
    """`--plot pictures/` asks for a file, and doesn't compare the word `pictures/`."""
    done = run("similarity", "cat", "dog", "--plot", f"{tmp_path}/", "-m", "minilm")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"can't draw '{tmp_path}/'" in done.stderr


def test_a_word_after_plot_where_no_word_can_stand(run: Run) -> None:
    """`space --plot shape` has a name without the ending of a picture."""
    done = run("space", "--plot", "shape", "-m", "minilm")
    assert done.returncode == 2
    assert done.stderr == "embgeo: can't draw 'shape'. The name of a picture ends in .svg, .png or .html.\n"


def quoted(picture: Path) -> str:
    """The command in a picture's metadata."""
    facts = json.loads(ElementTree.fromstring(picture.read_text()).findtext(f"{SVG}metadata") or "")
    return str(facts["command"])


@pytest.mark.slow
def test_a_picture_quotes_what_draws_it_again(tmp_path: Path) -> None:
    """Also where a shell or the environment named the model: the quoted command needs neither."""
    script = (
        ":model minilm\n:set pieces\n:set format json\nneighbors cat --plot a.svg\n"
        "similarity cat dog --plot b.svg -- -foo\n"
    )
    embgeo = functools.partial(
        subprocess.run, cwd=tmp_path, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    start = [sys.executable, "-m", "embgeo"]
    embgeo([*start, "shell"], input=script)
    embgeo([*start, "plot", "similarity", "cat", "dog", "-o", "c.svg"], env={**os.environ, "EMBGEO_MODEL": "minilm"})
    assert [quoted(tmp_path / f"{name}.svg") for name in "abc"] == [
        "embgeo neighbors cat --plot a.svg --pieces -m minilm",
        "embgeo similarity cat dog --plot b.svg -m minilm -- -foo",
        "embgeo plot similarity cat dog -o c.svg -m minilm",
    ]
    drawn, again = (tmp_path / "a.svg").read_text(), shlex.split(quoted(tmp_path / "a.svg"))[1:]
    embgeo([*start, *again, "--force"])
    assert (tmp_path / "a.svg").read_text() == drawn.replace("-m minilm&quot;", "-m minilm --force&quot;")


def test_the_library_takes_what_its_docstrings_say(minilm: EmbeddingSpace) -> None:
    """An expression is a direction; a text is not a pair."""
    one = minilm.plot_direction("cats - cat", "one", "two", "six")
    assert one.scores == minilm.plot_direction(minilm.direction("cats", "cat"), "one", "two", "six").scores
    with pytest.raises(UsageError, match="'man:woman' is not a pair"):
        minilm.plot_pairs("man:woman")  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_map_is_a_line_in_a_repl(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """And it is saved to a file, not to a folder."""
    page = minilm.map(top=50)
    assert repr(page) == "<VocabularyMap minilm: 50 tokens>"
    with pytest.raises(UsageError, match="names a folder"):
        page.save(f"{tmp_path}/new/")


@pytest.mark.slow
def test_plot_is_the_option_without_numbers(run: Run) -> None:
    """`compare --plot` and `neighbors --plot` draw as many bands and neighbors as `plot` does."""
    pair = ("minilm", "minilm", "--transform", "none", "--transform", "center", "--queries", "50", "--json")
    assert run("compare", *pair, "--plot").stdout == run("plot", "compare", *pair).stdout
    line = ("neighbors", "cat", "-m", "minilm", "--json")
    assert run(*line, "--plot").stdout == run("plot", *line).stdout
