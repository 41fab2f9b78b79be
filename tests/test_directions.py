"""Directions from pairs, saving and loading them, and projections onto and rejections from them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Run, SpaceOf, write_model
from embgeo import EmbeddingSpace, FormatError, TermError, UsageError, load
from embgeo.formats.pairs import parse_pair, read_pairs
from embgeo.numerics.dtypes import shortest

ROWS = {
    "man": (1.0, 0.0, 0.0),
    "woman": (1.0, 2.0, 0.0),
    "king": (3.0, 0.0, 1.0),
    "queen": (3.0, 4.0, 1.0),
    "stone": (0.0, 0.0, 5.0),
    "mix": (1.0, 1.0, 1.0),
}
PLURALS = [("cats", "cat"), ("dogs", "dog"), ("birds", "bird"), ("cars", "car"), ("eyes", "eye"), ("hands", "hand")]
ENDS = [term for pair in PLURALS for term in pair]


def test_mean_of_raw_differences(space_of: SpaceOf) -> None:
    """((0, 2, 0) + (0, 4, 0)) / 2 = (0, 3, 0): stone scores 0, mix 3, and queen 12."""
    direction = space_of(ROWS).direction("woman", "man", pairs=[("queen", "king")])
    assert direction.vector.tolist() == [0.0, 3.0, 0.0]
    assert [score.dot for score in direction.score(["stone", "mix", "queen"]).scores] == [0.0, 3.0, 12.0]


def test_ends_exclude_the_words_of_pairs(space_of: SpaceOf) -> None:
    """Words of the pairs, or of an expression, don't appear at the ends."""
    space = space_of(ROWS)
    ends = space.direction(pairs=[("woman", "man"), ("queen", "king")]).ends(9)
    assert [end.text for end in ends.top] == [" mix", " stone"]
    assert {end.text for end in space.direction("queen - man").ends(9).top} == {" woman", " king", " stone", " mix"}


@given(order=st.permutations(PLURALS), method=st.sampled_from(["mean", "pca", "sum"]))
@settings(max_examples=20, deadline=None)
@pytest.mark.slow
def test_reordered_and_reversed_pairs(order: list[tuple[str, str]], method: str) -> None:
    """The order of pairs doesn't matter; reversing every pair negates the scores and swaps the ends."""
    space = load("minilm")
    words = ["one", "houses", "king - man"]
    original = space.direction(pairs=PLURALS, method=method)
    reordered = space.direction(pairs=order, method=method)
    reverse = space.direction(pairs=[(b, a) for a, b in PLURALS], method=method)
    dots = [score.dot for score in original.score(words).scores]
    assert [score.dot for score in reordered.score(words).scores] == pytest.approx(dots, abs=1e-6)
    assert [score.dot for score in reverse.score(words).scores] == pytest.approx([-dot for dot in dots], abs=1e-6)
    assert [end.id for end in reverse.ends(3).top] == [end.id for end in original.ends(3).bottom]


@pytest.mark.parametrize(("method", "components"), [("mean", 1), ("pca", 3), ("sum", 1)])
def test_saved_and_loaded(minilm: EmbeddingSpace, tmp_path: Path, method: str, components: int) -> None:
    """A loaded direction has the same numbers and evidence; the safetensors package reads the file too."""
    numpy = pytest.importorskip("safetensors.numpy")
    direction = minilm.direction(pairs=PLURALS, method=method, components=components)
    path = str(tmp_path / "plural.safetensors")
    direction.save(path)
    loaded = minilm.direction(f"@{path}")
    assert np.array_equal(loaded.axes, direction.axes)
    assert np.array_equal(numpy.load_file(path)["direction"], direction.axes)
    before, after = (one.with_evidence(one.score(["houses", "one"])) for one in (direction, loaded))
    assert (before.scores, before.evidence, before.shares) == (after.scores, after.evidence, after.shares)
    assert (before.pairs, after.direction) == (after.pairs, f"@{path}")


def test_a_direction_of_another_model(space_of: SpaceOf, minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """In a space of other width it is an error; in one of the same width a note names the model it was learned on."""
    path = str(tmp_path / "plural.safetensors")
    minilm.direction("cats", "cat").save(path)
    with pytest.raises(TermError, match=r"384 dimensions, .* has 3"):
        space_of(ROWS).direction(f"@{path}")
    other = np.asarray(minilm.matrix)[:5].astype(np.float32)
    space = load(write_model(tmp_path / "other", other, ["a", "b", "c", "d", "e"]))
    answer = space.direction(f"@{path}").score(["a"])
    assert answer.notes[0].startswith(f"'{path}' was learned on minilm")
    assert space.neighbors("a", without=f"@{path}").notes == answer.notes


def test_files_without_a_direction(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """Missing files, texts and model files are refused as directions, and are never overwritten."""
    direction = minilm.direction("cats", "cat")
    with pytest.raises(UsageError, match="No such file"):
        minilm.direction(f"@{tmp_path}/none")
    text = tmp_path / "text"
    text.write_text("precious")
    model = write_model(tmp_path / "model", np.ones((2, 3), np.float32), ["a", "b"]) / "model.safetensors"
    for path in (text, model):
        before = path.read_bytes()
        with pytest.raises(FormatError):
            minilm.direction(f"@{path}")
        with pytest.raises(UsageError, match="exists and is not an embgeo direction"):
            direction.save(str(path))
        assert path.read_bytes() == before
    with pytest.raises(UsageError, match="can't write"):
        direction.save(str(tmp_path / "nowhere" / "plural"))
    direction.save(str(tmp_path / "fine"))
    minilm.direction("dogs", "dog").save(str(tmp_path / "fine"))
    assert minilm.direction(f"@{tmp_path}/fine").norm == minilm.direction("dogs", "dog").norm


def test_no_direction(space_of: SpaceOf) -> None:
    """Equal vectors, pairs that cancel out, no pairs and half a pair are errors."""
    space = space_of({**ROWS, "Man": (2.0, 0.0, 0.0)})
    with pytest.raises(TermError, match="'man' and 'man' have the same vector"):
        space.direction(pairs=[("woman", "man"), ("man", "man")])
    with pytest.raises(TermError, match="'man' and 'Man' have the same vector"):
        space.direction("man", "Man", method="pca")  # the same direction, twice as long
    for method in ("mean", "sum"):
        with pytest.raises(TermError, match="2 pairs cancel out"):
            space.direction(pairs=[("woman", "man"), ("man", "woman")], method=method)
    with pytest.raises(UsageError, match="needs a pair"):
        space.direction()
    with pytest.raises(UsageError, match="'man' is only half of a pair"):
        space.direction("man", pairs=[("queen", "king")])
    with pytest.raises(UsageError, match="'woman - man' is not learned from pairs"):
        space.direction("woman - man", method="pca")


def test_project_by_hand(space_of: SpaceOf) -> None:
    """Queen (3, 4, 1) onto woman - man = (0, 2, 0): (0, 4, 0), 16 of 26 of the squared length; (3, 0, 1) is left."""
    space = space_of(ROWS)
    inside, outside = space.project("queen", "woman - man"), space.reject("queen", "woman - man")
    assert (inside.values.tolist(), outside.values.tolist()) == ([0.0, 4.0, 0.0], [3.0, 0.0, 1.0])
    part = inside.components[0]
    assert (part.dot, part.coordinate, part.cosine) == (8.0, 4.0, shortest(4 / math.sqrt(26)))
    assert (inside.inside, inside.outside, inside.share) == (4.0, shortest(math.sqrt(10)), shortest(16 / 26))
    assert np.array_equal(np.asarray(outside), np.array([3, 0, 1], np.float32))


def test_project_on_a_subspace(space_of: SpaceOf) -> None:
    """Two directions that aren't orthogonal span a plane; a third one in it adds no axis."""
    answer = space_of(ROWS).project("queen", "woman - man", "woman", "man")
    assert answer.axes == 2
    assert answer.values == pytest.approx((3.0, 4.0, 0.0), abs=1e-6)
    assert len(answer.components) == 3


def test_project_in_plain_numpy(minilm: EmbeddingSpace) -> None:
    """The projection onto three principal components is NumPy's least-squares solution."""
    direction = minilm.direction(pairs=PLURALS, method="pca", components=3)
    vector = np.asarray(minilm["houses"]).astype(np.float64)
    solution = np.linalg.lstsq(direction.axes.T, vector, rcond=None)[0]
    answer = minilm.project("houses", direction)
    assert np.allclose(answer.values, solution @ direction.axes, atol=1e-6)
    assert [part.coordinate for part in answer.components] == pytest.approx(solution.tolist(), abs=1e-6)
    assert np.allclose(np.add(answer.values, minilm.reject("houses", direction).values), vector, atol=1e-6)


def test_neighbors_without_a_direction(minilm: EmbeddingSpace) -> None:
    """Neighbors are ranked by cosine with the rejection, as in plain NumPy; only the input is excluded."""
    rows = np.asarray(minilm.matrix).astype(np.float64)
    row = {word: minilm.vocabulary.resolve(word).ids[0] for word in ("queen", "woman", "man")}
    axis = rows[row["woman"]] - rows[row["man"]]
    left = rows[row["queen"]] - rows[row["queen"]] @ axis / (axis @ axis) * axis
    cosines = rows @ left / np.linalg.norm(rows, axis=1) / np.linalg.norm(left)
    order = [int(token) for token in np.argsort(-cosines, kind="stable") if token != row["queen"]][:10]
    answer = minilm.neighbors("queen", without="woman - man", raw=True)
    assert [n.id for n in answer] == order
    assert [n.score for n in answer] == pytest.approx(cosines[order].tolist(), abs=1e-6)
    share = (rows[row["queen"]] @ axis) ** 2 / (axis @ axis) / (rows[row["queen"]] @ rows[row["queen"]])
    assert (answer.without, answer.share) == (("woman - man",), pytest.approx(share, abs=1e-6))


def test_repeated_pairs_are_noted(minilm: EmbeddingSpace) -> None:
    """A note warns that a repeated pair, or one that is also a test pair, inflates the evidence."""
    direction = minilm.direction("cats", "cat", pairs=[("dogs", "dog"), ("cats", "cat")])
    assert direction.score(["one"]).notes == (
        "given more than once, so the evidence looks stronger than it is: cats:cat",
    )
    answer = minilm.direction(pairs=PLURALS).with_evidence(direction.score(["one"]), test=[("cat", "cats")])
    assert "both training and test pairs: cat:cats" in answer.notes


def test_a_score_that_begins_with_a_sign(run: Run) -> None:
    """`--score "- cats" "cats"`: an expression may start with a minus without being an option."""
    done = run("direction", "cats", "cat", "--score", "- cats", "cats", "-m", "minilm", "--format", "csv")
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["term", "'- cats", "cats"]


def test_nothing_left_of_a_word(space_of: SpaceOf) -> None:
    """Removing a word's own direction, or a subspace that contains it, is an error."""
    space = space_of(ROWS)
    for without in (["queen"], ["woman", "stone", "man"]):
        with pytest.raises(TermError, match="nothing is left of 'queen' without"):
            space.neighbors("queen", without=without)
    with pytest.raises(UsageError, match="needs a direction"):
        space.project("queen")


def test_pair_syntax(tmp_path: Path) -> None:
    """Pairs separated by colons, tabs or spaces; comments; rows and exact texts that contain colons."""
    assert parse_pair("cats:cat") == ("cats", "cat")
    assert parse_pair("id:5:id:7") == ("id:5", "id:7")
    assert parse_pair("\"a:b\":' c'") == ('"a:b"', "' c'")
    assert parse_pair("king - man : queen - woman") == ("king - man", "queen - woman")
    path = tmp_path / "pairs.txt"
    path.write_text("\ufeff# plural, singular\ncats:cat\n\nnew york\tberlin\n dogs dog \nid:5:id:7\na b:c d\n", "utf-8")
    expected = [("cats", "cat"), ("new york", "berlin"), ("dogs", "dog"), ("id:5", "id:7"), ("a b", "c d")]
    assert read_pairs(str(path)) == expected


@pytest.mark.parametrize("text", ["cats", "cats:", ":cat", "a:b:c", "", ":"])
def test_invalid_pairs(text: str, tmp_path: Path) -> None:
    """The error quotes an invalid pair, with its line in a file; empty, binary and missing files are errors."""
    with pytest.raises(UsageError, match=f"'{text}' is not a pair"):
        parse_pair(text)
    path = tmp_path / "pairs.txt"
    path.write_text(f"cats:cat\n{text or 'x'}\n")
    with pytest.raises(UsageError, match=r"pairs\.txt:2: "):
        read_pairs(str(path))
    path.write_bytes(b"# \n" if text else b"\xff\xfe\xff")
    with pytest.raises(UsageError, match="contains no pairs" if text else "not UTF-8"):
        read_pairs(str(path))
    with pytest.raises(UsageError, match="No such file"):
        read_pairs(str(tmp_path / "none"))


def test_the_command_line(run: Run, tmp_path: Path) -> None:
    """Pairs from options and a file, evidence in JSON, and a saved direction in every command that takes one."""
    (tmp_path / "pairs.txt").write_text("".join(f"{a}:{b}\n" for a, b in PLURALS[1:]))
    path = str(tmp_path / "plural")
    line = ["direction", "--pairs", str(tmp_path / "pairs.txt"), "--pair", "cats:cat", "--score", "houses", "house"]
    done = run(*line, "--save", path, "--seed", "3", "-m", "minilm", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [[first["term"], second["term"]] for first, second in answer["pairs"]] == [list(pair) for pair in PLURALS]
    assert (answer["order"], answer["saved"], answer["evidence"]["baseline"]["turnings"]) == ("decreasing", path, 32)
    assert answer["evidence"]["holds"] is True
    for command in (
        ["project", "houses", "--onto"],
        ["reject", "houses", "--from"],
        ["neighbors", "houses", "--without"],
    ):
        done = run(*command, f"@{path}", "-m", "minilm", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["share"] == load("minilm").project("houses", f"@{path}").share
    done = run("direction", f"@{path}", "--score", "houses", "house", "-m", "minilm", "--json")
    assert json.loads(done.stdout)["scores"] == answer["scores"]
