"""Evaluations by embgeo's and by vecto's rules, on spaces small enough to compute by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from conftest import Run, SpaceOf, data_folder
from embgeo import EmbeddingSpace
from embgeo.errors import UsageError
from embgeo.formats.benchmarks import read_analogies, read_odd
from embgeo.questions.evaluation.analogies import evaluate_analogies
from embgeo.questions.evaluation.odd_one_out import evaluate_odd
from embgeo.questions.evaluation.question_rows import all_questions, by_relation, count_outside, stack
from embgeo.questions.evaluation.relations import averaged
from embgeo.questions.evaluation.words import word_rows
from limits import limited

# A plural adds (0, 0, 1) to the raw row.
PLURAL = {
    "cat": (1.0, 0.0, 0.0),
    "cats": (1.0, 0.0, 1.0),
    "dog": (0.0, 1.0, 0.0),
    "dogs": (0.0, 1.0, 1.0),
    "ox": (1.0, 1.0, 0.0),
    "oxen": (1.0, 1.0, 1.0),
    "stone": (-1.0, -1.0, -1.0),
}


def test_word_look_up_rules(space_of: SpaceOf) -> None:
    """By embgeo, words are looked up as written, after a space; by gensim in upper case, where the lowest row wins."""
    space = space_of({"Cat": (1, 0), "cat": (0, 1), "none": (0, 0), "dog": (1, 1)})
    own, gensim = word_rows(space, "embgeo"), word_rows(space, "gensim")
    assert [own.row(word) for word in ("cat", "Cat", "CAT", "none", "dog")] == [1, 0, -1, -1, 3]
    assert [gensim.row(word) for word in ("▁cat", "▁CAT", "cat", "▁none", "▁Dog")] == [0, 0, -1, -1, 3]
    assert own.group[0] == own.group[1]
    assert [word_rows(space, "embgeo", 3).row(word) for word in ("cat", "dog")] == [1, -1]
    with pytest.raises(UsageError, match="unknown reference 'word2vec'; expected"):
        word_rows(space, "word2vec")
    with pytest.raises(UsageError, match="0 rows"):
        word_rows(space, "embgeo", 0)


def test_offsets_by_hand(space_of: SpaceOf, tmp_path: Path) -> None:
    """The raw sum cats - cat + dog = (0, 1, 1) is the row of dogs, so dogs is right, and with inputs kept too."""
    (tmp_path / "q.txt").write_text(": plural\ncat cats dog dogs\ncat cats dog oxen\ncat cats cow cows\n")
    result, misses = evaluate_analogies(space_of(PLURAL), read_analogies(tmp_path / "q.txt"), method="offset")
    total = result.total
    assert (total.right, total.asked, total.outside, total.accuracy) == (1, 2, 1, 0.5)
    assert total.kept is not None
    assert total.folded is not None
    assert (total.kept.right, total.folded.right) == (1, 1)
    assert [(miss.question, miss.expected, miss.answered) for miss in misses] == [("cat cats dog", "oxen", " dogs")]


def test_folding_by_hand(space_of: SpaceOf, tmp_path: Path) -> None:
    """The answer Dogs is wrong by row, but right when spellings are folded."""
    rows = PLURAL | {"dogs": (0.0, 1.0, 0.8), "Dogs": (0.0, 1.0, 1.0)}
    (tmp_path / "q.txt").write_text(": plural\ncat cats dog dogs\n")
    result, _ = evaluate_analogies(space_of(rows), read_analogies(tmp_path / "q.txt"), method="offset")
    assert result.total.folded is not None
    assert (result.total.right, result.total.folded.right) == (0, 1)


def test_bats_by_vectos_rules(space_of: SpaceOf, tmp_path: Path) -> None:
    """Four pairs, one outside: 3 x 2 questions show the first partner, exclude all partners, and accept any."""
    (tmp_path / "plural.txt").write_text("cat\tcats/dogs\ndog\tstone/dogs\nox\toxen\nyak\tyaks\n")
    space = space_of(PLURAL)
    file = read_analogies(tmp_path / "plural.txt")
    words = word_rows(space, "embgeo")
    questions, (count, outside) = stack(list(all_questions(file.items, words))), count_outside(file.items, words)
    names = list(PLURAL)
    triples = [[names[row] for row in triple] for triple in questions.triples[:3]]
    assert triples == [["cats", "cat", "dog"], ["cats", "cat", "ox"], ["stone", "dog", "cat"]]
    assert sorted(names[row] for row in questions.inputs[0] if row >= 0) == ["cat", "cats", "dog", "dogs"]
    assert [names[row] for row in questions.right[0] if row >= 0] == ["stone", "dogs"]
    assert (len(questions.texts), count, outside.tolist()) == (6, 6, [4 * 3 - 3 * 2])
    result, _ = evaluate_analogies(space, file, method="offset")
    # With cat:cats, dog can't get dogs, which is excluded as another partner of cat; ox gets oxen. With ox:oxen, cat
    # and dog get cats and dogs. With dog:stone, cat gets cats, the best of cats, ox and oxen by (0, -2, -1), and ox
    # gets cat, the best of cat, cats and oxen by (0, -1, -1).
    assert result.total.right == 4


@pytest.mark.slow
def test_many_pairs_in_little_memory(space_of: SpaceOf, tmp_path: Path) -> None:
    """800 pairs make 639,200 questions; those that combine a cat pair with a dog pair are right."""
    space_of(PLURAL)
    (tmp_path / "pairs.txt").write_text("cat cats\ndog dogs\n" * 400)
    line = ["eval", "analogies", tmp_path / "pairs.txt", "-m", tmp_path / "model", "--method", "offset", "--json"]
    done = limited(*line, memory=300 << 20)
    assert (done.returncode, done.stderr) == (0, "")
    total = json.loads(done.stdout)["models"][0]["total"]
    assert (total["right"], total["asked"]) == (2 * 400 * 400, 800 * 799)


def test_3cosavg_by_hand(space_of: SpaceOf, tmp_path: Path) -> None:
    """The mean offset of the other pairs' unit rows is added to the unit row of the question."""
    (tmp_path / "plural.txt").write_text("cat\tcats\ndog\tdogs\nox\toxen\n")
    space = space_of(PLURAL)
    section = read_analogies(tmp_path / "plural.txt").items[0]
    questions, pairs, outside = by_relation(0, section, word_rows(space, "embgeo"))
    batch = averaged(space.weights, pairs)
    unit = {word: np.array(row) / np.linalg.norm(row) for word, row in PLURAL.items()}
    expected = unit["cat"] + ((unit["dogs"] - unit["dog"]) + (unit["oxen"] - unit["ox"])) / 2
    assert np.allclose(batch.vectors[batch.terms[0]].sum(axis=0), expected)
    assert (questions.inputs[:, 0].tolist(), outside) == ([0, 2, 4], 0)
    result, _ = evaluate_analogies(space, read_analogies(tmp_path / "plural.txt"), method="3cosavg")
    assert (result.total.right, result.total.asked) == (3, 3)


def test_relations_of_googles_questions(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """3CosAvg and LRCos use each pair of a section as one question."""
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    words = [("cat", "cats"), ("dog", "dogs"), ("horse", "horses"), ("house", "houses"), ("tree", "trees")]
    lines = [f"{a} {b} {c} {d}" for a, b in words for c, d in words if a != c]
    (tmp_path / "q.txt").write_text("\n".join([": plural", *lines]) + "\n")
    for method in ("3cosavg", "lrcos"):
        result, _ = evaluate_analogies(minilm, read_analogies(tmp_path / "q.txt"), method=method)
        assert (result.total.right, result.total.asked) == (5, 5), method


def test_lrcos_is_probability_times_cosine(space_of: SpaceOf, tmp_path: Path) -> None:
    """The answer has the highest product of class probability and cosine, as computed with scikit-learn."""
    linear = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    (tmp_path / "plural.txt").write_text("cat\tcats\ndog\tdogs\nox\toxen\n")
    space = space_of(PLURAL)
    _, misses = evaluate_analogies(space, read_analogies(tmp_path / "plural.txt"), method="lrcos")
    rows = np.array(list(PLURAL.values()))
    units = rows / np.linalg.norm(rows, axis=1)[:, None]
    noise = np.random.default_rng(0).choice(np.arange(len(rows)), 3)
    answers = []
    for question in range(3):
        others = [pair for pair in range(3) if pair != question]
        right, wrong = units[[2 * pair + 1 for pair in others]], units[[2 * pair for pair in others]]
        examples = np.concatenate([right, wrong, wrong, wrong, wrong, units[noise[others]]])
        learned = linear.LogisticRegression(class_weight="balanced").fit(examples, np.arange(len(examples)) < 2)
        scores = learned.predict_proba(units)[:, 1] * (units @ units[2 * question])
        scores[2 * question] = -np.inf
        answers.append(int(scores.argmax()))
    wrong_answers = [row for question, row in enumerate(answers) if row != 2 * question + 1]
    assert [miss.answered_id for miss in misses] == wrong_answers


def test_no_questions_in_the_vocabulary(space_of: SpaceOf, tmp_path: Path) -> None:
    """A file whose questions all have unknown words has no accuracy by any method."""
    (tmp_path / "q.txt").write_text(": none\nx y z w\n")
    for method in ("3cosadd", "3cosmul", "offset", "pairdirection", "3cosavg", "lrcos"):
        result, _ = evaluate_analogies(space_of(PLURAL), read_analogies(tmp_path / "q.txt"), method=method)
        assert (result.total.asked, result.total.accuracy) == (0, None)
    with pytest.raises(UsageError, match="unknown analogy method"):
        evaluate_analogies(space_of(PLURAL), read_analogies(tmp_path / "q.txt"), method="4cosadd")


@pytest.mark.parametrize(
    ("method", "question"),
    [("pairdirection", "dog dog dogs cat"), ("offset", "cats cat bit cat"), ("pairdirection", "cat cats ox cat")],
    ids=["zero offset", "zero sum", "no row with a score"],
)
def test_questions_without_an_answer(space_of: SpaceOf, tmp_path: Path, method: str, question: str) -> None:
    """A question whose vectors cancel out has no answer, and counts as wrong even if the first row is right."""
    rows = {"cat": (1.0, 0.0, 0.0), "dog": (0.0, 1.0, 0.0), "dogs": (0.0, 1.0, 1.0), "cats": (1.0, 0.0, 1.0)}
    if method == "offset":
        rows["bit"] = (0.0, 0.0, 1.0)
    elif "ox" in question:  # yak points the same way as ox, so the only row left has no score
        rows = {"cat": (1.0, 0.0, 0.0), "cats": (1.0, 0.0, 1.0), "ox": (1.0, 1.0, 0.0), "yak": (2.0, 2.0, 0.0)}
    (tmp_path / "q.txt").write_text(question + "\n")
    space = space_of(rows)
    result, misses = evaluate_analogies(space, read_analogies(tmp_path / "q.txt"), method=method)
    assert (result.total.right, result.total.asked, result.total.outside) == (0, 1, 0)
    assert [(miss.answered, miss.answered_id) for miss in misses] == [("", None)]


def test_odd_by_hand(space_of: SpaceOf, tmp_path: Path) -> None:
    """For (1, 0) twice and (0, 1) the mean is along (2, 1), so the centralities are 2 / sqrt 5 and 1 / sqrt 5."""
    space = space_of({"a": (1, 0), "b": (3, 0), "c": (0, 2)})
    result = space.odd("a", "c", "b")
    assert result.odd == "c"
    assert [round(word.centrality, 6) for word in result.words] == [0.447214, 0.894427, 0.894427]
    (tmp_path / "odd.txt").write_text("a b c\nc a b\na b x\n")
    model, misses = evaluate_odd(space, read_odd(tmp_path / "odd.txt"))
    assert (model.right, model.asked, model.outside, model.accuracy) == (1, 2, 1, 0.5)
    assert [(miss.expected, miss.answered) for miss in misses] == [("b", "c")]


def test_odd_with_ties(run: Run, tmp_path: Path) -> None:
    """Of equally central words the first is the odd one; a repeated word is right in either place."""
    for words in (["cat", "cat", "dog", "dog"], ["dog", "dog", "cat", "cat"], ["king", "cat", "king", "cat"]):
        result = json.loads(run("odd", *words, "-m", "minilm", "--json").stdout)
        assert len({word["centrality"] for word in result["words"]}) == 1
        assert result["odd"] == words[0]
    (tmp_path / "odd.txt").write_text("cat cat dog dog\ndog cat cat dog\n")
    done = run("eval", "odd-one-out", str(tmp_path / "odd.txt"), "-m", "minilm", "--json")
    model = json.loads(done.stdout)["models"][0]
    assert (model["right"], model["asked"]) == (1, 2)


@pytest.mark.parametrize(("name", "delimiter"), [("misses.csv", ","), ("misses.tsv", "\t")])
def test_errors_file(run: Run, tmp_path: Path, name: str, delimiter: str) -> None:
    """The file lists every wrong answer; cells that spreadsheets would run as formulas are escaped."""
    (tmp_path / "q.txt").write_text(": =cmd()\nking man queen girl\nparis france rome italy\n")
    done = run("eval", "analogies", str(tmp_path / "q.txt"), "-m", "minilm", "--errors", str(tmp_path / name))
    assert done.returncode == 0
    with (tmp_path / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=delimiter))
    assert [(row["section"], row["question"], row["expected"]) for row in rows] == [
        ("'=cmd()", "king man queen", "girl")
    ]
    assert rows[0]["answered"] == "men"


def test_errors_file_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    """The error names the file; the exit code is 2."""
    (tmp_path / "q.txt").write_text(": s\nking man queen girl\n")
    target = tmp_path / "q.txt" / "misses.csv"
    done = run("eval", "analogies", str(tmp_path / "q.txt"), "-m", "minilm", "--errors", str(target))
    assert (done.returncode, done.stdout) == (2, "")
    assert "can't write '" in done.stderr


@pytest.mark.slow
def test_docs_quote_the_measured_table(run: Run) -> None:
    """The table of the Google set in docs/evaluation.md is what the quoted command prints."""
    folder = data_folder("EMBGEO_TEST_BENCHMARKS", "questions-words.txt")
    printed = run("eval", "analogies", str(folder / "questions-words.txt"), "-m", "minilm").stdout
    page = (Path(__file__).parent.parent / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert f"$ embgeo eval analogies questions-words.txt -m minilm\n{printed}" in page
