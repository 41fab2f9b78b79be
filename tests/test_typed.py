"""Input of people who haven't read the manual: it is read as intended, or the error says what to type."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import vocabularies
from conftest import Run
from embgeo import EmbeddingSpace, TermError
from embgeo.formats.open_file import OpenFile
from embgeo.vocabulary.vocabulary import Vocabulary

KING = "king - man + woman"


@pytest.mark.parametrize(
    "text", ["king − man + woman", "king – man + woman", "E(king) - E(man) + E(woman)", "e(king)-e(man)+e(woman)"]
)
def test_other_ways_to_write_an_expression(minilm: EmbeddingSpace, text: str) -> None:
    """A minus sign, an en dash, and the E(word) of papers give the same vector."""
    assert minilm.vector(text).values.tolist() == minilm.vector(KING).values.tolist()


def test_division(minilm: EmbeddingSpace) -> None:
    """(king + queen) / 2 is the mean of two rows."""
    king, queen = (np.array(minilm.vector(word).values) for word in ("king", "queen"))
    assert minilm.vector("(king + queen) / 2").values == pytest.approx(((king + queen) / 2).tolist(), abs=1e-7)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cats-cat", "cats - cat"), ("king-man+woman", KING), ("king +man", "king + man"), ("2*cat", "2 * cat"),
        ("king/2", "king / 2"), ("well-known", "well - known"), ("king−man", "king − man"),
    ],
)  # fmt: skip
def test_arithmetic_without_spaces(run: Run, text: str, meant: str) -> None:
    """The error suggests the expression, and quotes for the text itself."""
    done = run("neighbors", text, "-m", "minilm")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"embgeo: '{text}': did you mean '{meant}'? ")
    assert f"""'"{text}"'""" in done.stderr


@pytest.mark.parametrize("text", ["C++", "24/7", "he/she", "f(x)", "rock-xqz", "-xqz", "and/or"])
def test_text_that_is_not_arithmetic(minilm: EmbeddingSpace, text: str) -> None:
    """Text whose parts aren't an expression of words is split by the tokenizer."""
    assert [token.id for token in minilm.vector(text).term.tokens] == list(minilm.vocabulary.split(text))


def test_operators_in_quotes_are_text(minilm: EmbeddingSpace) -> None:
    """A quoted text with operators is the mean of its tokens."""
    quoted = minilm.vector('"well-known"')
    assert [token.text for token in quoted.term.tokens] == ["well", "-", "known"]
    with pytest.raises(TermError, match="no token is exactly"):
        minilm.vector('"wellknown"')


def test_quotes_include_the_leading_space(tmp_path: Path) -> None:
    """If tokens begin with a space, the quoted text in the error does too."""
    tokenizer = vocabularies.byte_level()
    vocabulary = Vocabulary(vocabularies.read(tokenizer, tmp_path), OpenFile(tmp_path / "tokenizer.json"))
    assert vocabulary.quoted("cat-dog") == '" cat-dog"'
    assert vocabulary.resolve('" cat-dog"').ids == vocabularies.ids(tokenizer, "Ġcat", "-", "dog")
    assert vocabulary.resolve('"cat-dog"').ids == vocabularies.ids(tokenizer, "cat", "-", "dog")


@pytest.mark.parametrize("words", [["king", "-", "man", "+", "woman"], [KING], ["king", "−", "man", "+", "woman"]])
def test_analogy_with_its_operators(run: Run, words: list[str]) -> None:
    """`analogy king - man + woman`, quoted or not, is `analogy king man woman`."""
    plain, typed = (run("analogy", *some, "-m", "minilm", "--json") for some in (["king", "man", "woman"], words))
    assert typed.stdout == plain.stdout != ""


def test_other_sums_are_not_analogies(run: Run) -> None:
    """A sum of another form is an error, and the hint suggests `neighbors`."""
    done = run("analogy", "king + man", "-m", "minilm")
    assert (done.returncode, done.stdout) == (2, "")
    assert "embgeo neighbors 'king + man'" in done.stderr


def test_a_leading_minus(run: Run) -> None:
    """`neighbors "- king"` works without `--`, and `-- -king` without a space."""
    (spaced, close) = (
        run("neighbors", *some)
        for some in (["- king", "-m", "minilm", "--json"], ["-m", "minilm", "--json", "--", "-king"])
    )
    first, second = (json.loads(done.stdout) for done in (spaced, close))
    assert first["results"] == second["results"]
    assert [(term["term"], term["weight"]) for term in second["query"]["terms"]] == [("king", -1.0)]


@pytest.fixture
def saved(tmp_path: Path, minilm: EmbeddingSpace) -> str:
    """A saved direction `cats - cat`, as a term."""
    path = str(tmp_path / "plural.safetensors")
    minilm.direction("cats", "cat").save(path)
    return f"@{path}"


def test_a_saved_direction_is_a_term(minilm: EmbeddingSpace, saved: str) -> None:
    """@FILE stands for its vector, alone and within an expression."""
    assert minilm.vector(saved).values == pytest.approx(minilm.vector("cats - cat").values, abs=1e-7)
    assert minilm.vector(f"cat + {saved}").values == pytest.approx(minilm.vector("cats").values, abs=1e-6)
    assert minilm.dot(saved, saved).pairs[0].cosine == 1


COMMANDS = [
    "neighbors {}", "analogy {} cat dogs", "dot {} cat", "similarity {} cat", "odd {} cat dog", "unembed {}",
    "vector {}", "project {} --onto cats-vs", "parallel {} cat dogs dog", "direction cats cat --score {} dog",
    "direction {} cat",
]  # fmt: skip


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_takes_a_saved_direction(run: Run, saved: str, line: str) -> None:
    """A saved direction can be used as a term in every command."""
    words = [saved if word == "{}" else word.replace("cats-vs", "dogs - dog") for word in line.split()]
    done = run(*words, "-m", "minilm")
    assert done.returncode == 0, done.stderr
    assert saved[:30] in done.stdout.replace("\n", "")


@pytest.mark.parametrize("typed", ["@nothing", "@nothing.safetensors"])
def test_a_file_that_is_missing(run: Run, typed: str) -> None:
    """@FILE is never read as text."""
    done = run("neighbors", typed, "-m", "minilm")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"can't read direction '{typed[1:]}'" in done.stderr


def test_a_subspace_is_not_one_vector(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """A file with several axes isn't a term; the hint suggests --onto."""
    path = str(tmp_path / "axes.safetensors")
    minilm.direction(pairs=[("cats", "cat"), ("dogs", "dog"), ("birds", "bird")], method="pca", components=2).save(path)
    with pytest.raises(TermError, match="holds 2 axes") as caught:
        minilm.neighbors(f"@{path}")
    assert "--onto" in caught.value.hint


def test_lists_to_score(run: Run, tmp_path: Path) -> None:
    """`--score one,two,three`, `--score -` and `--score-from FILE` are the same list."""
    (tmp_path / "words.txt").write_text("one\n\ntwo\nthree\n", encoding="utf-8")
    line = ["direction", "cats", "cat", "-m", "minilm", "--format", "csv"]
    plain = run(*line, "--score", "one", "two", "three").stdout
    assert plain
    assert run(*line, "--score", "one,two, three").stdout == plain
    assert run(*line, "--score", "one", "two,three").stdout == plain
    assert run(*line, "--score-from", str(tmp_path / "words.txt")).stdout == plain
    assert run(*line, "--score", "-", stdin="one\ntwo\nthree\n").stdout == plain
    assert run(*line, "--score-from", "-", stdin="one\ntwo\nthree\n").stdout == plain
    assert run(*line, "--score", ",", "one").stdout.count("\n") == 3


def test_a_list_is_not_a_direction(run: Run, tmp_path: Path) -> None:
    """`--score @list.txt` is an error that names the option for lists."""
    (tmp_path / "list.txt").write_text("one\ntwo\nthree\n", encoding="utf-8")
    done = run("direction", "cats", "cat", "--score", f"@{tmp_path / 'list.txt'}", "-m", "minilm")
    assert (done.returncode, done.stdout) == (4, "")
    assert "--score-from" in done.stderr
