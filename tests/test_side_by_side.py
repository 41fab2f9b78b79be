"""One query on several models: each answers as it does alone, and words in several lists are marked."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run, SpaceOf, write_model
from embgeo import EmbeddingSpace, UsageError, load, side_by_side
from embgeo.results.side_by_side import SharedWord

WORDS = {
    "cat": (3, 0, 1), "cats": (3, 1, 1), "Kitten": (2, 0, 2), "stone": (0, 3, 0), "king": (0, 1, 3), "man": (1, 1, 3),
    "queen": (1, 0, 2), "woman": (2, 0, 2), "dog": (3, 0, 0), "car": (0, 2, 1),
}  # fmt: skip
QUERIES = ("neighbors cat -k 3", "neighbors cat dog -k 2", "direction cats cat --score dog car", "tour 3")
SLOW_QUERIES = (
    "analogy king man woman -k 2", "direction cats cat -k 2", "dot cat dog car", "similarity cat dog car",
    "direction cats cat --pair king:man --pair queen:woman -k 1", "odd cat dog car",
    "parallel king man queen woman --samples 20", "space --queries 10 --samples 20", "unembed cat -k 2",
    "between cat dog --steps 1 -k 1", "vector cat", "cluster cat dog car", "project queen --onto 'king - man'",
    "reject queen --from 'king - man'", "tokens cat",
)  # fmt: skip


@pytest.fixture
def toy(tmp_path: Path) -> str:
    """The folder of a model of ten words."""
    return str(write_model(tmp_path / "toy", np.array(list(WORDS.values()), "<f4"), list(WORDS)))


def parsed(text: str) -> Any:
    """A JSON answer without the version."""
    document = json.loads(text)
    del document["embgeo_version"]
    return document


@pytest.mark.parametrize("query", [*QUERIES, *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW_QUERIES)])
def test_each_model_answers_as_it_does_alone(query: str, toy: str, run: Run) -> None:
    """In JSON and in JSON lines; the table is printed."""
    command = shlex.split(query)
    alone = [parsed(run(*command, "-m", model, "--json").stdout) for model in ("minilm", toy)]
    together = run(*command, "-m", "minilm", "-m", toy, "--json")
    assert (together.returncode, parsed(together.stdout)["models"]) == (0, alone)
    lines = run(*command, "-m", "minilm", "-m", toy, "--format", "jsonl").stdout.splitlines()
    assert [parsed(line) for line in lines] == [part for one in alone for part in one.get("answers", [one])]
    assert run(*command, "-m", "minilm", "-m", toy).returncode == 0


def test_shared_words_in_different_spellings(space_of: SpaceOf, minilm: EmbeddingSpace) -> None:
    """` Kitten` of one model is `kitten` of the other; a list without the word has rank None."""
    toy = space_of(WORDS)
    both = side_by_side(space.neighbors("cat", k=4) for space in (minilm, toy, toy))
    ranks = {word.word: word.ranks for word in both.shared or ()}
    assert [token.text for token in minilm.neighbors("cat", k=4)] == ["cats", "kitten", "kitty", "dog"]
    assert [token.text for token in toy.neighbors("cat", k=4)] == [" cats", " dog", " Kitten", " woman"]
    assert ranks == {"cats": (1, 1, 1), "kitten": (2, 3, 3), "dog": (4, 2, 2), "woman": (None, 4, 4)}
    assert [word.word for word in both.shared or ()] == ["cats", "kitten", "dog", "woman"]
    assert both.models[0] == minilm.neighbors("cat", k=4)


def test_shared_words_at_the_ends_of_a_direction(space_of: SpaceOf) -> None:
    """Top and bottom are compared separately."""
    toy = space_of(WORDS)
    ends = toy.direction("king", "man").ends(1)
    high, low = (tokens[0].text.strip().casefold() for tokens in (ends.top, ends.bottom))
    assert side_by_side([ends, ends]).shared == (
        SharedWord("king - man", "top", high, (1, 1)), SharedWord("king - man", "bottom", low, (1, 1))
    )  # fmt: skip


def test_answers_without_lists_share_nothing(minilm: EmbeddingSpace) -> None:
    """`shared` is None where no answer has a list, and empty where lists have nothing in common."""
    assert side_by_side([minilm.dot("cat", "dog")] * 2).shared is None
    assert side_by_side([minilm.neighbors("cat", k=0)] * 2).shared == ()


def test_answers_that_cannot_be_shown_side_by_side(minilm: EmbeddingSpace) -> None:
    """No answers, and answers of different commands."""
    with pytest.raises(UsageError, match="answers to dot, vector can't be shown side by side"):
        side_by_side([minilm.dot("cat", "dog"), minilm.vector("cat")])
    with pytest.raises(UsageError, match="no answers can't"):
        side_by_side([])


def test_models_are_side_by_side_if_they_fit(toy: str, run: Run) -> None:
    """One line per rank, with marks; models that don't fit are printed below, with the same ranks."""
    command = ("neighbors", "cat", "-k", "2", "-m", "minilm", "-m", "minilm", "-m", toy)
    wide = run(*command, COLUMNS="200").stdout
    assert "1  cats ●      0.8153  cats ●      0.8153  ␣cats ●    0.9535" in wide
    assert "2  kitten ○    0.5600  kitten ○    0.5600  ␣dog       0.9487" in wide
    assert "● in all 3 lists: 1 of 2 words; ○ in two or more: 1" in wide
    narrow = run(*command, COLUMNS="50").stdout.splitlines()
    assert [line.split()[0] for line in narrow if "cats" in line] == ["1", "1"]
    assert "2  ␣dog       0.9487" in narrow


def test_marks_on_a_terminal_without_them(toy: str, run: Run) -> None:
    """In Latin-1, ASCII characters replace them."""
    shown = run("neighbors", "cat", "-k", "1", "-m", "minilm", "-m", toy, COLUMNS="150", PYTHONIOENCODING="latin-1")
    assert "1  cats *     0.8153  _cats *    0.9535" in shown.stdout


def test_a_word_that_one_model_lacks(toy: str, run: Run) -> None:
    """Its error takes the place of its answer; the other model answers, with exit code 0."""
    command = ("neighbors", "paris", "-k", "1", "-m", toy, "-m", "minilm")
    done = run(*command, COLUMNS="200")
    assert done.returncode == 0
    assert f"1  {toy}: 'paris' is not in this model's vocabulary." in done.stdout
    assert "1  parisian    0.5689" in done.stdout
    assert "in both" not in done.stdout  # there is only one list
    first, second = parsed(run(*command, "--json").stdout)["models"]
    assert (first["error"], first["model"], first["dtype"]) == ("'paris' is not in this model's vocabulary", toy, "F32")
    assert second["results"][0]["text"] == "parisian"
    rows = run(*command, "--format", "csv").stdout.splitlines()
    assert rows[0].startswith("model,revision,error,rank,")
    assert rows[1].startswith(f"{toy},,'paris' is not in this model's vocabulary,")


def test_a_word_that_every_model_lacks_is_an_error(toy: str, run: Run) -> None:
    """It is the error of the first model."""
    done = run("neighbors", "paris", "-m", toy, "-m", toy)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("embgeo: 'paris' is not in this model's vocabulary. ")


def test_a_model_that_cannot_be_opened_ends_the_command(run: Run) -> None:
    """No model answers."""
    done = run("neighbors", "cat", "-m", "minilm", "-m", "./nowhere")
    assert (done.returncode, done.stdout) == (4, "")
    assert "no model at 'nowhere'" in done.stderr


def test_a_matrix_that_one_model_lacks(tmp_path: Path, run: Run) -> None:
    """Its error takes the place of its answer: word vectors have neither positions nor an unembedding."""
    vectors = tmp_path / "words.txt"
    vectors.write_text("cat 1 0\ndog 1 1\ncar 0 1\n")
    for command, why in (("positions", "which has no positions"), ("unembed cat", "unembed needs an unembedding")):
        done = run(*command.split(), "-m", "minilm", "-m", str(vectors), "--json")
        first, second = json.loads(done.stdout)["models"]
        assert (done.returncode, "error" in first) == (0, False)
        assert why in second["error"]


def test_notes_name_their_model(toy: str, run: Run) -> None:
    """A note that is the same for all models names none."""
    done = run("neighbors", "embeddings", "-k", "1", "-m", "minilm", "-m", toy)
    assert done.stderr.startswith("note: minilm: 'embeddings' is 4 tokens")
    both = run("neighbors", "embeddings", "-k", "1", "-m", "minilm", "-m", "minilm")
    assert both.stderr.startswith("note: 'embeddings' is 4 tokens")


def test_standard_input_is_read_for_every_model(toy: str, run: Run) -> None:
    """It is read once, and used for all models."""
    done = run("dot", "cat", "--from", "-", "-m", "minilm", "-m", toy, "--json", stdin="dog\ncar\n")
    assert [[term["term"] for term in one["terms"]] for one in json.loads(done.stdout)["models"]] == [
        ["cat", "dog", "car"]
    ] * 2


@pytest.mark.parametrize(
    ("more", "why"),
    [(("neighbors", "cat", "--plot"), "--plot draws the answer of one model"),
     (("direction", "cats", "cat", "--save", "x.safetensors"), "--save keeps the direction of one model"),
     (("neighbors", "-"), "lines of standard input are for one model"),
     (("dot", "cat", "dog", "--revision", "main"), "one --revision for several models")],
)  # fmt: skip
def test_options_for_one_model_are_refused(more: tuple[str, ...], why: str, run: Run) -> None:
    """The error names the option."""
    done = run(*more, "-m", "minilm", "-m", "minilm")
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr


def test_transformations_apply_to_every_model(toy: str, run: Run) -> None:
    """--center subtracts each model's own mean."""
    done = run("dot", "cat", "dog", "--center", "-m", "minilm", "-m", toy, "--json")
    mean = np.mean(list(WORDS.values()), axis=0)
    cat, dog = (np.array(WORDS[word]) - mean for word in ("cat", "dog"))
    _, second = json.loads(done.stdout)["models"]
    assert second["transform"] == "center"
    assert second["pairs"][0]["dot"] == pytest.approx(float(cat @ dog), rel=1e-6)


def test_several_terms_of_several_models(toy: str, run: Run) -> None:
    """The table shows one term after the other with the models side by side; rows have a column for both."""
    command = ("neighbors", "cat", "king", "-k", "1", "-m", "minilm", "-m", toy)
    rows = run(*command, "--format", "csv").stdout.splitlines()
    assert [tuple(row.split(",")[at] for at in (0, 2)) for row in rows[1:]] == [
        ("minilm", "cat"), ("minilm", "king"), (toy, "cat"), (toy, "king")
    ]  # fmt: skip
    table = run(*command, COLUMNS="200").stdout
    assert table.index("cat   cosine") < table.index("king   cosine")


def test_labels_of_models_with_the_same_name(space_of: SpaceOf) -> None:
    """They add the transformation that distinguishes them."""
    toy = space_of(WORDS)
    centered = load(toy.manifest.model, transform="center")
    both = side_by_side([toy.neighbors("cat"), centered.neighbors("cat")])
    assert both.labels == (toy.manifest.model, f"{toy.manifest.model} center")
    assert [row.get("transform") for row in both.records()] == [None] * 9 + ["center"] * 9


def test_records_and_html(minilm: EmbeddingSpace) -> None:
    """They have the rows of all models."""
    both = side_by_side([minilm.neighbors("cat", k=2)] * 2)
    assert [row["model"] for row in both.records()] == ["minilm"] * 4
    assert both._repr_html_().count("<tr") == 5
