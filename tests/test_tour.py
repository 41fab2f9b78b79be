"""The tour: its numbers are those of the commands it prints, and its verdicts follow the stated rules."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from conftest import Run, SpaceOf, write_model
from embgeo import EmbeddingSpace, load
from embgeo.cli.main import run as embgeo
from embgeo.cli.tables.tour import folded
from embgeo.results.tour import Stop
from fakehub import FakeHub
from test_gpt2_words import gram, published
from test_gpt2_words import space as gpt2_words
from test_positions import files, folder

__all__ = ["gpt2_words", "gram", "published"]
HOLDS, IN_PART, FAILS, NOT_TESTED = "holds", "holds in part", "does not hold here", "not asked here"
NAMES = [
    "lookup",
    "neighbours",
    "gender",
    "plural",
    "country and capital",
    "numbers",
    "family words",
    "dot products",
    "softmax and temperature",
    "positions",
    "country of origin",
    "single coordinates",
    "superposition",
    "frequency",
    "bank",
    "mole",
    "next token",
]
COMPUTED = ("single coordinates", "superposition", "frequency")  # from the rows that their command writes
TEXTS = ("bank", "mole", "next token")  # fmt: skip


def stop(space: EmbeddingSpace, name: str) -> Stop:
    """One stop of a tour."""
    (found,) = space.tour(stop=NAMES.index(name) + 1).stops
    return found


def numbers(data: Any) -> Iterator[float]:
    """Every number in an answer's JSON."""
    if isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from numbers(value)
    elif isinstance(data, int | float):
        yield data


@pytest.mark.slow
def test_numbers_are_those_of_the_commands(minilm: EmbeddingSpace, capsys: pytest.CaptureFixture[str]) -> None:
    """Each stop's commands, run as printed, print every number of the stop, to the last digit."""
    tour = minilm.tour()
    assert [one.name for one in tour.stops] == NAMES
    for one in tour.stops:
        if one.name in COMPUTED or one.name == "next token":
            continue
        printed_numbers: set[float] = set()
        for command in one.commands:
            program, *arguments = shlex.split(command)
            assert (program, embgeo([*arguments, "--json"])) == ("embgeo", 0)
            printed_numbers |= set(numbers(json.loads(capsys.readouterr().out)))
        assert one.figures
        assert [figure for figure in one.figures if figure.value not in printed_numbers] == []


@pytest.mark.slow
def test_verdicts_of_minilm(minilm: EmbeddingSpace) -> None:
    """The bundled model's verdicts, as the README quotes them."""
    tour = minilm.tour()
    assert [one.verdict for one in tour.stops] == [
        HOLDS, HOLDS, IN_PART, HOLDS, IN_PART, HOLDS, IN_PART, HOLDS, HOLDS, IN_PART,
        IN_PART, FAILS, IN_PART, IN_PART, IN_PART, IN_PART, NOT_TESTED,
    ]  # fmt: skip
    assert (tour.holds, tour.in_part, tour.fails, tour.not_asked) == (6, 9, 1, 1)


def test_verdicts_from_gpt2s_published_cosines(gpt2_words: EmbeddingSpace) -> None:
    """57 words: queen (.693) is behind king (.740), so `gender` holds in part; there are no plurals to test."""
    gender = stop(gpt2_words, "gender")
    assert (gender.verdict, gender.reason) == (
        IN_PART, "1 of 1 right with the inputs excluded, 0 of 1 with them included.",
    )  # fmt: skip
    assert [(one.name, round(one.value, 3)) for one in gender.figures] == [
        ("queen for king - man + woman", 0.693), ("king before it", 0.74),
    ]  # fmt: skip
    assert stop(gpt2_words, "plural").verdict == NOT_TESTED


KING = {"man": (0, 1, 0.9), "woman": (0, 0.9, 1), "king": (1, 0.55, 0.45), "queen": (1, 0.2, 0.8)}
APART = {"man": (0, 1, 0), "woman": (0, 0, 1), "king": (1, 0.1, 0), "queen": (1, 0, 0.1)}
CATS = {"cat": (1, 1), "cats": (2, 1)}
DOTS = {"cat": (1, 0), "dog": (1, 1)}


def along(words: Sequence[str], dots: Sequence[float]) -> dict[str, Sequence[float]]:
    """Words with these scores along cats - cat = (1, 0)."""
    return CATS | {word: (dot, 1) for word, dot in zip(words, dots, strict=True)}


COUNTED = ("one", "two", "three", "four")
NOUNS = ("dog", "dogs", "car", "cars", "tree", "trees", "house", "houses")


@pytest.mark.parametrize(
    ("name", "rows", "verdict"),
    [
        ("lookup", {"cat": (1, 0)}, HOLDS),
        ("lookup", {"stone": (1, 0)}, NOT_TESTED),
        ("neighbours", {"cat": (1, 0), "cats": (1, 1), "kitten": (1, 2), "dog": (1, 3)}, HOLDS),
        ("neighbours", {"cat": (1, 0), "Cats": (1, 1), "stone": (0, 1)}, IN_PART),
        ("neighbours", {"cat": (1, 0), "stone": (0, 1)}, FAILS),
        ("neighbours", {"cat": (0, 0), "dog": (0, 1)}, NOT_TESTED),
        ("gender", APART, HOLDS),
        ("gender", KING, IN_PART),
        ("gender", KING | {"prince": (1, 0.5, 0.5)}, FAILS),
        ("plural", along(NOUNS, (0, 1, 0, 1, 0, 1, 0, 1)), HOLDS),
        ("plural", along(NOUNS, (0, 1, 0, 1, 0, 1, 1, 0)), IN_PART),
        ("plural", along(NOUNS, (0, 1, 0, 1, 1, 1, 1, 0)), FAILS),
        ("numbers", along(COUNTED, (-1, 0, 1, 2)), HOLDS),
        ("numbers", along(COUNTED, (-1, 3, 1, 2)), IN_PART),
        ("numbers", along(COUNTED, (2, 0, 1, 2)), FAILS),
        ("dot products", DOTS | {"government": (0, 1)}, HOLDS),
        ("dot products", DOTS | {"government": (0.2, 1)}, IN_PART),
        ("dot products", {"cat": (1, 0), "dog": (0, 1), "government": (1, 1)}, FAILS),
        ("softmax and temperature", {"cat": (1, 0), "dog": (0, 1)}, HOLDS),
        ("softmax and temperature", {"cat": (0, 0), "dog": (0, 1)}, FAILS),
    ],
)  # fmt: skip
def test_verdicts(space_of: SpaceOf, name: str, rows: dict[str, Sequence[float]], verdict: str) -> None:
    """Each rule on rows that satisfy it, satisfy half of it, and violate it."""
    assert stop(space_of(rows), name).verdict == verdict


SIBLINGS = [("father", "mother"), ("brother", "sister"), ("uncle", "aunt"), ("nephew", "niece")]


@pytest.mark.parametrize(("wrong", "verdict"), [(0, HOLDS), (1, IN_PART), (2, IN_PART), (3, FAILS)])
def test_several_analogies(space_of: SpaceOf, wrong: int, verdict: str) -> None:
    """Four pairs along separate axes: all right, three or two right, one right."""
    rows: dict[str, Any] = {"man": np.eye(6)[0], "woman": np.eye(6)[1]}
    for number, (male, female) in enumerate(SIBLINGS):
        kin = np.eye(6)[2 + number]
        rows |= {male: kin + 0.1 * rows["man"], female: kin + (-2 if number < wrong else 0.1) * rows["woman"]}
    assert stop(space_of(rows), "family words").verdict == verdict


@pytest.mark.parametrize(("step", "verdict"), [(20, HOLDS), (65, IN_PART), (80, FAILS)])
def test_positions(tmp_path: Path, step: float, verdict: str) -> None:
    """Five positions on a circle: the cosines at 1, 2 and 4 decrease, increase again, or exceed the first."""
    angles = np.radians(step * np.arange(5))
    rows = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)  # [positions, 2]
    space = load(folder(tmp_path, {"wte.weight": np.ones((4, 2), np.float32), "wpe.weight": rows}))
    assert stop(space, "positions").verdict == verdict


def test_positions_without_a_direction(tmp_path: Path) -> None:
    """A single position, or zero vectors, gives no verdict."""
    for name, rows in (("one", np.ones((1, 2))), ("zero", np.zeros((5, 2)))):
        tensors = {"wte.weight": np.ones((4, 2), np.float32), "wpe.weight": rows.astype(np.float32)}
        found = stop(load(folder(tmp_path / name, tensors)), "positions")
        assert (found.verdict, found.reason) == (NOT_TESTED, "Too few positions have a direction to compare distances.")


def test_a_vector_of_length_zero(space_of: SpaceOf) -> None:
    """The zero word isn't called perpendicular."""
    space = space_of({"cat": (0.0, 0.0), "dog": (1.0, 1.0), "government": (0.0, 1.0)})
    assert stop(space, "dot products").verdict == NOT_TESTED


def test_a_word_of_several_tokens(tmp_path: Path) -> None:
    """'cat' as c, ##a, ##t: the lookup holds in part, and a note says which tokens stand for the word."""
    path = write_model(tmp_path, np.eye(4, dtype=np.float32), ["c", "a", "t"])
    Tokenizer(models.WordPiece({"[UNK]": 3, "c": 0, "##a": 1, "##t": 2})).save(str(path / "tokenizer.json"))
    lookup = stop(load(path), "lookup")
    assert (lookup.verdict, lookup.reason[:18]) == (IN_PART, "'cat' is 3 tokens;")
    assert lookup.notes == ("'cat' is 3 tokens: 'c' + '##a' + '##t'; their mean is used",)


def test_stops_that_cannot_be_tested(tmp_path: Path, run: Run) -> None:
    """Small word vectors: no unembedding, no positions, no queen; each stop gives its reason, with exit code 0."""
    (tmp_path / "words.vec").write_text("3 2\ncat 1 0\ndog 1 1\ngovernment 0 1\n")
    done = run("tour", "-m", str(tmp_path / "words.vec"), "--json")
    assert done.returncode == 0
    tour = json.loads(done.stdout)
    said = {one["name"]: one["reason"] for one in tour["stops"] if one["verdict"] == NOT_TESTED}
    assert said["gender"].startswith("'king' is not in this model's vocabulary.")
    assert "unembed needs an unembedding, and the word vectors of" in said["softmax and temperature"]
    assert "which has no positions" in said["positions"]
    assert (tour["not_asked"], tour["holds"]) == (len(said), 2)


def test_lower_case_vocabularies(tmp_path: Path) -> None:
    """A lower-case vocabulary is tested with paris, and its command says so too."""
    rows = {"paris": [1, 1, 0], "france": [0, 1, 0], "germany": [0, 0, 1], "berlin": [1, 0, 1], "italy": [0, 2, 1]}
    rows |= {"rome": [1, 2, 1], "japan": [0, 1, 3], "tokyo": [1, 1, 3]}
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in rows.items()]
    (tmp_path / "words.txt").write_text("\n".join(lines) + "\n")
    capitals = stop(load(tmp_path / "words.txt"), "country and capital")
    assert capitals.verdict != NOT_TESTED
    assert capitals.commands[0].startswith("embgeo analogy paris france germany")


def test_an_unembedding_that_is_not_stored(hub: FakeHub) -> None:
    """A separate head is used only if it is stored already; rotary positions can't be tested."""
    rows = np.eye(4, 2, dtype=np.float32)
    hub.add(
        "org/model", files({"embed_tokens.weight": rows, "lm_head.weight": 2 * rows}, model_type="llama"),
        lfs={"model.safetensors"},
    )  # fmt: skip
    space = load("org/model")
    softmax = stop(space, "softmax and temperature")
    assert softmax.verdict == NOT_TESTED
    assert "To fetch it: embgeo pull org/model --side output" in softmax.reason
    assert "its positions are rotary" in stop(space, "positions").reason
    load("org/model", side="output")
    tested = stop(space, "softmax and temperature")
    assert (tested.verdict, tested.commands[0]) == (HOLDS, "embgeo unembed cat -k 1 -T 0.1 -m org/model")


def test_commands_name_the_commit_if_the_branch_has_moved(hub: FakeHub) -> None:
    """Otherwise they would run on another commit than the tour."""
    from embgeo.questions.pull import pull

    old = hub.add("org/model", files({"wte.weight": np.eye(4, 2, dtype=np.float32)}), lfs={"model.safetensors"})
    load("org/model")
    hub.add("org/model", files({"wte.weight": np.ones((4, 2), np.float32)}), lfs={"model.safetensors"})
    pull("org/model")
    assert stop(load(f"org/model@{old}"), "lookup").commands[0] == f"embgeo vector cat -m org/model@{old}"
    assert stop(load("org/model"), "lookup").commands[0] == "embgeo vector cat -m org/model"


def test_the_tour_fits_80_columns(run: Run) -> None:
    """The tour of the bundled model is plain text of 80 columns, with a verdict at each stop."""
    lines = run("tour", "-m", "minilm").stdout.splitlines()
    assert [line for line in lines if len(line) > 80 or not line.isprintable()] == []
    verdicts = (HOLDS, IN_PART, FAILS, NOT_TESTED)
    assert sum(line.split(". ")[0].isdigit() and line.endswith(verdicts) for line in lines) == len(NAMES)


def test_a_long_path_is_not_broken(tmp_path: Path, run: Run) -> None:
    """A command wider than the terminal can still be pasted."""
    path = write_model(tmp_path / ("long" * 25), np.eye(4, dtype=np.float32), ["cat", "dog", "government"])
    lines = run("tour", "-m", str(path)).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("repeat"))
    end = next(number for number in range(at, len(lines)) if not lines[number].endswith(" \\"))
    command = " ".join(line.removeprefix("repeat").strip().removesuffix("\\") for line in lines[at : end + 1])
    assert shlex.split(command) == ["embgeo", "vector", "cat", "-m", str(path)]


@settings(deadline=None)
@example(words=["neighbors", ","], room=20)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), min_size=1), st.integers(5, 60))
def test_wrapped_commands_can_be_pasted(words: list[str], room: int) -> None:
    """A shell joins the lines at their backslashes to the same command."""
    text = "\n".join(folded(shlex.join(words), room))
    assert shlex.split(text.replace(" \\\n", " ")) == words


@pytest.mark.slow
def test_one_stop(minilm: EmbeddingSpace, run: Run) -> None:
    """`tour 3` shows only stop 3, as in the whole tour."""
    whole, alone = minilm.tour(), minilm.tour(stop=3)
    assert alone.stops == whole.stops[2:3]
    assert (alone.holds, alone.in_part, alone.fails, alone.not_asked) == (0, 1, 0, 0)
    printed = run("tour", "3", "-m", "minilm").stdout
    assert re.findall(r"^\d+\. .*", printed, re.MULTILINE) == ["3. gender: holds in part"]
    refused = run("tour", "18", "-m", "minilm")
    assert (refused.returncode, refused.stderr) == (2, "embgeo: the tour has no stop 18. Its stops go from 1 to 17.\n")


@pytest.mark.slow
def test_the_verdicts_come_first(minilm: EmbeddingSpace, run: Run) -> None:
    """A summary lists the stops by verdict before the first stop."""
    head = " ".join(run("tour", "-m", "minilm").stdout.partition("\n1. ")[0].split())
    for stop in minilm.tour().stops:
        before = head.partition(f"{stop.number} {stop.name}")[0]
        assert re.findall(rf"({IN_PART}|{HOLDS}|{FAILS}|{NOT_TESTED}) \(\d+\)", before)[-1] == stop.verdict


def at_a_terminal(typed: str, *args: str) -> tuple[int, str]:
    """Run embgeo at a pseudo-terminal with typed input; returns the exit code and all output."""
    own, terminal = os.openpty()
    line = [sys.executable, "-m", "embgeo", *args]
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "80"}
    with subprocess.Popen(line, stdin=terminal, stdout=terminal, stderr=terminal, env=environment) as process:
        os.close(terminal)
        os.write(own, typed.encode())
        seen = b""
        with contextlib.suppress(OSError):  # how Linux says that the other side is closed
            while part := os.read(own, 65536):
                seen += part
    os.close(own)
    return process.returncode, seen.decode()


@pytest.mark.slow
def test_pausing(run: Run) -> None:
    """Enter shows the next stop, the end of input ends the tour, and output to a pipe doesn't pause."""
    code, shown = at_a_terminal("\n\n\x04", "tour", "--pause", "-m", "minilm")
    assert (code, shown.count("Enter for the next stop")) == (0, 3)
    assert re.findall(r"(?:^|stop )(\d+)\. [a-z]", shown, re.MULTILINE) == ["1", "2"]
    code, shown = at_a_terminal("\n" * 17, "tour", "--pause", "-m", "minilm")
    assert re.findall(r"(?:^|stop )(\d+)\. [a-z]", shown, re.MULTILINE) == [str(number) for number in range(1, 18)]
    assert run("tour", "--pause", "-m", "minilm").stdout == run("tour", "-m", "minilm").stdout
    assert run("tour", "--pause", "--json", "-m", "minilm").stdout == run("tour", "--json", "-m", "minilm").stdout
