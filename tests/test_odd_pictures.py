"""Pictures of unusual input: very many words, equal vectors, few neighbors, other file names."""

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


def test_a_tree_of_too_many_words_is_cut_to_its_rows(minilm: EmbeddingSpace) -> None:
    """Branches lead only to the sixty words that have a row; the title counts all words."""
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
def test_column_labels_never_overlap(count: int, minilm: EmbeddingSpace) -> None:
    """They are horizontal, rotated, vertical, or omitted where even vertical labels would overlap."""
    text = minilm.plot_cluster(*words_of(minilm, count), groups=3).svg()
    found = re.findall(r'<text x="([\d.]+)"[^>]*transform="rotate\((-\d+)', text)
    turns = {float(turn) for _, turn in found}
    places = sorted(float(x) for x, _ in found)
    assert len(turns) <= 1
    for one, other in itertools.pairwise(places):
        assert (other - one) * math.sin(math.radians(-next(iter(turns)))) >= 11
    assert len(found) == (0 if count in (12, 60) else count)


def test_equal_words_are_one_group(space_of: SpaceOf) -> None:
    """If all merges have the same distance, there is one group."""
    space = space_of({word: [1, 2, 3] for word in ("cat", "dog", "red", "blue")})
    assert [len(one.members) for one in space.cluster("cat", "dog", "red", "blue").groups] == [4]
    assert figure(space.cluster("cat", "dog", "red")).title.endswith("in 1 group")


def test_a_graph_with_fewer_neighbors_than_requested(space_of: SpaceOf) -> None:
    """A vocabulary of four words has three neighbors; title and caption say so."""
    space = space_of({"cat": [2, 1, 1, 1], "dog": [1, 2, 1, 1], "red": [1, 1, 2, 1], "blue": [1, 1, 1, 2]})
    picture = figure(space.plot_neighbors("cat", 8))
    assert picture.title == "cat: its 3 nearest, and theirs"
    assert picture.caption[1] == "3 of the 3 list cat among their own 4 nearest."


def test_the_caption_of_a_graph_of_an_expression(minilm: EmbeddingSpace) -> None:
    """It counts the neighbors that list one of the expression's tokens."""
    answer = minilm.plot_neighbors("king - man + woman", 4)
    assert answer.inputs == 3
    assert figure(answer).caption[1].startswith("4 of the 4 list a token of king - man + woman among")


def test_distances_in_a_graph_are_angles(minilm: EmbeddingSpace) -> None:
    """The distance in pixels from the word in the middle is proportional to the angle."""
    answer = minilm.plot_neighbors("cat", 6)
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', answer.svg())
    places = np.array(dots, float)  # [nodes, 2]
    far = np.hypot(*(places - places[0]).T)  # [nodes]
    angles = [0.0, *(math.degrees(math.acos(node.score)) for node in answer.nodes[1:])]
    assert far[1:] / np.array(angles[1:]) == pytest.approx(far[1] / angles[1], rel=1e-2)
    assert "Each ring is 30° farther out." in answer.svg()
    assert "ring" not in draw(figure(answer), 80, 24, colored=False)  # where none is drawn


def test_hundreds_of_words_on_a_terminal(minilm: EmbeddingSpace) -> None:
    """The legend is cut and counts the other words, so that the picture stays visible."""
    words = words_of(minilm, 260)
    text = draw(figure(minilm.plot_pairs(*zip(words[::2], words[1::2], strict=True))), 80, 24, colored=False)
    assert len(text.splitlines()) < 36
    assert re.search(r"\* \d+ more words", text.replace("\n", " "))


def test_invalid_file_names_of_pictures(run: Run, tmp_path: Path) -> None:
    """A file of another kind or a folder is an error, and isn't read as a word."""
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


def test_a_folder_after_plot_is_not_a_word(run: Run, tmp_path: Path) -> None:
    """`--plot pictures/` is an error, and doesn't compare the word `pictures/`."""
    done = run("similarity", "cat", "dog", "--plot", f"{tmp_path}/", "-m", "minilm")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"can't draw '{tmp_path}/'" in done.stderr


def test_a_file_name_without_a_suffix(run: Run) -> None:
    """`space` takes no words, so `--plot shape` is a file name without the suffix of a picture."""
    done = run("space", "--plot", "shape", "-m", "minilm")
    assert done.returncode == 2
    assert done.stderr == "embgeo: can't draw 'shape'. The name of a picture ends in .svg, .png or .html.\n"


def command_of(picture: Path) -> str:
    """The command in a picture's metadata."""
    facts = json.loads(ElementTree.fromstring(picture.read_text()).findtext(f"{SVG}metadata") or "")
    return str(facts["command"])


@pytest.mark.slow
def test_the_metadata_has_the_command_that_draws_the_picture(tmp_path: Path) -> None:
    """The command is complete even if a shell or the environment named the model."""
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
    assert [command_of(tmp_path / f"{name}.svg") for name in "abc"] == [
        "embgeo neighbors cat --plot a.svg --pieces -m minilm",
        "embgeo similarity cat dog --plot b.svg -m minilm -- -foo",
        "embgeo plot similarity cat dog -o c.svg -m minilm",
    ]
    drawn, again = (tmp_path / "a.svg").read_text(), shlex.split(command_of(tmp_path / "a.svg"))[1:]
    embgeo([*start, *again, "--force"])
    assert (tmp_path / "a.svg").read_text() == drawn.replace("-m minilm&quot;", "-m minilm --force&quot;")


def test_arguments_of_the_plot_methods(minilm: EmbeddingSpace) -> None:
    """An expression is accepted as a direction; a text isn't a pair."""
    one = minilm.plot_direction("cats - cat", "one", "two", "six")
    assert one.scores == minilm.plot_direction(minilm.direction("cats", "cat"), "one", "two", "six").scores
    with pytest.raises(UsageError, match="'man:woman' is not a pair"):
        minilm.plot_pairs("man:woman")  # type: ignore[arg-type]


@pytest.mark.slow
def test_repr_of_a_map(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """One line; and a map is saved to a file, not to a folder."""
    page = minilm.map(top=50)
    assert repr(page) == "<VocabularyMap minilm: 50 tokens>"
    with pytest.raises(UsageError, match="names a folder"):
        page.save(f"{tmp_path}/new/")


@pytest.mark.slow
def test_plot_option_and_plot_command_have_the_same_defaults(run: Run) -> None:
    """`compare --plot` and `neighbors --plot` draw as many bands and neighbors as `plot` does."""
    pair = ("minilm", "minilm", "--transform", "none", "--transform", "center", "--queries", "50", "--json")
    assert run("compare", *pair, "--plot").stdout == run("plot", "compare", *pair).stdout
    line = ("neighbors", "cat", "-m", "minilm", "--json")
    assert run(*line, "--plot").stdout == run("plot", *line).stdout
