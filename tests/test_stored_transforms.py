"""Transformed spaces in the store: computed once, stored separately, rebuilt and removed with their model."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run, write_model
from embgeo import EmbeddingSpace, ModelError, UsageError, load
from embgeo.questions import models
from embgeo.questions.evaluation.run import analogy_scores
from embgeo.questions.evidence import with_evidence
from embgeo.questions.verify import verify
from fakehub import FakeHub
from test_architectures import PUBLISHED, bits, files_of
from test_transform import with_head
from test_verify import changing_unnoticed, flip

WORDS = ["king", "queen", "man", "woman", "boy", "girl"]
ROWS = np.random.default_rng(6).standard_normal((7, 4), np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small local model."""
    return write_model(tmp_path / "model", ROWS, WORDS)


def rows_of(space: EmbeddingSpace) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The whole matrix [rows, dims]."""
    return np.array(space.matrix)


def test_a_second_load_uses_the_store(folder: Path) -> None:
    """It computes nothing, which the progress would show, and maps the same file."""
    first: list[str] = []
    second: list[str] = []
    before = load(folder, transform="whiten", report=lambda what, done, total, unit="": first.append(what))
    path = Path(before.info().path)
    written = path.stat()
    after = load(folder, transform="whiten", report=lambda what, done, total, unit="": second.append(what))
    assert "Mean and covariance" in first
    assert f"Writing {folder}, whiten" in first
    assert second == []
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    assert np.array_equal(rows_of(before), rows_of(after))
    assert isinstance(after.matrix, np.memmap)


def test_transformations_do_not_mix(folder: Path, tmp_path: Path) -> None:
    """Each space, and the raw rows, are the same in any order of requests."""
    names = ("whiten", "center", "remove-top=1", "remove-top=2", "inner=causal")
    alone = {}
    for name in names:
        separate = write_model(tmp_path / f"only {name}", ROWS, WORDS)
        alone[name] = rows_of(load(separate, transform=name))
    for name in (*names, *reversed(names)):
        assert np.array_equal(rows_of(load(folder, transform=name)), alone[name])
        assert np.array_equal(rows_of(load(folder)), ROWS)
    assert not np.array_equal(alone["remove-top=1"], alone["remove-top=2"])


def test_two_sides_do_not_mix(hub: FakeHub) -> None:
    """Embedding and unembedding are centered separately; inner=causal fetches the side that is missing."""
    files = files_of(PUBLISHED["llama"])
    hub.add("org/model", files, lfs={name for name in files if name.endswith(".safetensors")})
    embedding, head = load("org/model", transform="center"), load("org/model", side="output", transform="center")
    assert not np.array_equal(rows_of(embedding), rows_of(head))
    models.remove("org/model")
    causal = load("org/model", transform="inner=causal")
    gamma = bits("F16", 2)[:61].astype(np.float64)  # 60 words and the unknown token; three rows are padding
    values, axes = np.linalg.eigh(np.cov(gamma, rowvar=False, ddof=0))
    rows = load("org/model").weights.take(np.arange(61))  # [61, dims]
    expected = (rows - rows.mean(axis=0)) @ (axes / np.sqrt(values)) @ axes.T
    assert np.allclose(rows_of(causal)[:61], expected, atol=1e-5)
    requests = len(hub.log)
    load("org/model", transform="inner=causal")
    assert len(hub.log) == requests


def test_a_changed_model_is_transformed_again(folder: Path) -> None:
    """Different numbers in the same file: the stored space is rebuilt."""
    before = rows_of(load(folder, transform="center"))
    write_model(folder, 2 * ROWS, WORDS)
    os.utime(folder / "model.safetensors", ns=(0, 0))
    assert np.allclose(rows_of(load(folder, transform="center")), 2 * before, atol=1e-6)


def test_a_changed_vocabulary_is_transformed_again(folder: Path) -> None:
    """With a shorter vocabulary, rows without a token no longer count, and the names change."""
    load(folder, transform="center")
    write_model(folder, ROWS, ["prince", "princess"])  # and <unk>
    os.utime(folder / "tokenizer.json", ns=(0, 0))
    space = load(folder, transform="center")
    assert np.allclose(rows_of(space), ROWS - ROWS[:3].mean(axis=0), atol=1e-6)
    assert {neighbor.text for neighbor in space.neighbors("prince")} == {" princess", "<unk>"}
    write_model(folder, ROWS, ["count", "countess"])
    os.utime(folder / "tokenizer.json", ns=(1, 1))
    renamed = load(folder, transform="center")
    assert {neighbor.text for neighbor in renamed.neighbors("count")} == {" countess", "<unk>"}


def test_a_changed_unembedding_is_used(tmp_path: Path) -> None:
    """The causal inner product is computed again, even if the rows are the same."""
    head = np.random.default_rng(7).standard_normal((6, 4))
    model = with_head(tmp_path, ROWS[:6].astype(np.float64), head, WORDS)
    before = rows_of(load(model, transform="inner=causal"))
    with_head(tmp_path, ROWS[:6].astype(np.float64), 2 * head, WORDS)
    os.utime(model / "model.safetensors", ns=(0, 0))
    assert np.allclose(rows_of(load(model, transform="inner=causal")), before / 2, atol=1e-5)


@pytest.mark.parametrize("damage", ["cut", "gone", "half"])
def test_a_damaged_space_is_computed_again(folder: Path, damage: str) -> None:
    """After a truncated or missing matrix, or a process that was killed between writing the two files."""
    space = load(folder, transform="center")
    place, expected = Path(space.info().path).parent, rows_of(space)
    del space
    if damage == "cut":
        os.truncate(place / "embedding.safetensors", 300)
    elif damage == "gone":
        (place / "embedding.safetensors").unlink()
    else:
        (place / "prepared.safetensors").unlink()
        (place / "embedding.safetensors.part").write_bytes(b"half")
        (place / "prepared.safetensors.1.part").write_bytes(b"half")
    assert np.array_equal(rows_of(load(folder, transform="center")), expected)
    assert sorted(path.name for path in place.iterdir()) == ["embedding.safetensors", "prepared.safetensors"]


@pytest.mark.slow
def test_transformed_spaces_are_listed_and_removed(folder: Path, own_store: Path) -> None:
    """Each is a line of `models`; it can be removed alone, and is removed with its model."""
    for name in ("center", "whiten"):
        load(folder, transform=name)
        load("minilm", transform=name)
    listed = [(model.model, model.transform) for model in models.models().models]
    local = str(folder)
    assert sorted(listed) == sorted(
        [("minilm", ""), ("minilm", "center"), ("minilm", "whiten"), (local, ""), (local, "center"), (local, "whiten")]
    )
    freed = models.remove("minilm", transform="center")
    assert [model.transform for model in freed.removed] == ["center"]
    assert freed.bytes > ROWS.nbytes
    assert [model.transform for model in models.remove("minilm").removed] == ["whiten"]
    with pytest.raises(UsageError, match="is part of embgeo"):
        models.remove("minilm")
    with pytest.raises(ModelError, match="the store has no 'minilm' with --center"):
        models.remove("minilm", transform="center")
    freed = models.remove(local)
    assert [model.transform for model in freed.removed] == ["", "center", "whiten"]
    assert all(model.bytes > ROWS.nbytes for model in freed.removed)
    assert [path.name for path in own_store.rglob("*.safetensors")] == []


def test_a_causal_space_of_a_tied_model_is_removed_by_its_name(folder: Path) -> None:
    """It is stored as whitening, and removed under the name it was requested by."""
    load(folder, transform="inner=causal")
    with pytest.raises(ModelError, match="the store has no"):
        models.remove(str(folder), transform="center")
    assert [one.transform for one in models.remove(str(folder), transform="inner=causal").removed] == ["whiten"]


def test_incomplete_spaces_are_removed_with_their_model(folder: Path, own_store: Path) -> None:
    """Leftovers of a killed process are removed too, though `models` doesn't list them."""
    place = Path(load(folder, transform="center").info().path).parent
    (place / "prepared.safetensors").unlink()
    models.remove(str(folder))
    assert not place.exists()
    assert [path.name for path in own_store.rglob("*.safetensors*")] == []


def test_a_vector_file(tmp_path: Path) -> None:
    """Word vectors can be transformed too, but they have no unembedding."""
    path = tmp_path / "words.vec"
    path.write_text("3 2\nright 1 0\nfar 3 0\nup 2 3\n")
    assert rows_of(load(path, transform="center")).tolist() == [[-1, -1], [1, -1], [0, 2]]
    with pytest.raises(UsageError, match="needs an unembedding, and the word vectors of"):
        load(path, transform="inner=causal")


def test_a_store_that_cannot_be_written(run: Run, own_store: Path) -> None:
    """It gives an error; the bundled model's folder is never written."""
    (own_store / "derived").write_text("in the way")
    done = run("dot", "king", "queen", "-m", "minilm", "--center")
    assert done.returncode == 4
    assert f"can't write to '{own_store}" in done.stderr


ANSWERS: dict[str, Callable[[EmbeddingSpace], Any]] = {
    "neighbors": lambda space: space.neighbors("king"),
    "analogy": lambda space: space.analogy("king", "man", "woman"),
    "direction": lambda space: space.direction("king", "man").ends(),
    "evidence": lambda space: with_evidence(found := space.direction("king", "man"), found.score(["boy"])),
    "dot": lambda space: space.dot("king", "queen"),
    "tokens": lambda space: space.tokens("king"),
    "vector": lambda space: space.vector("king"),
    "odd": lambda space: space.odd("king", "man", "boy"),
    "project": lambda space: space.project("king", "man - woman"),
    "reject": lambda space: space.reject("king", "man - woman"),
    "without": lambda space: space.neighbors("king", without="man - woman"),
    "parallel": lambda space: space.parallel("king", "man", "queen", "woman"),
    "similarity": lambda space: space.similarity("king", "queen"),
    "cluster": lambda space: space.cluster("king", "queen", "boy"),
    "info": lambda space: space.info(),
    "verify": verify,
}


@pytest.mark.parametrize("question", ANSWERS)
def test_every_answer_names_its_transformation(folder: Path, question: str) -> None:
    """Answers name the transformation in a field and in the notes; answers from the model's own rows have neither."""
    from embgeo.results.records import as_data

    answer = ANSWERS[question](load(folder, transform="center"))
    assert answer.transform == as_data(answer)["transform"] == "center"
    assert any(note.startswith("center: the mean of 7 rows") for note in answer.notes)
    plain = ANSWERS[question](load(folder))
    assert plain.transform == ""
    assert "transform" not in as_data(plain)
    assert plain.notes == ()


def test_commands_that_refuse_a_transformation(folder: Path) -> None:
    """Logits, positions and the tour use the model's own vectors."""
    with pytest.raises(UsageError, match="center has moved the rows") as refusal:
        load(folder, transform="center").unembed("king")
    assert "omit the transformation" in refusal.value.hint
    centered = load("minilm", transform="center")
    with pytest.raises(UsageError, match="center has moved the rows"):
        centered.positions("cat")
    with pytest.raises(UsageError, match="center has moved the rows"):
        centered.tour()


def test_centered_positions(minilm: EmbeddingSpace) -> None:
    """They are stored separately from the centered tokens of the same model."""
    tokens = rows_of(load("minilm", transform="center"))
    places = load("minilm", side="position")
    expected = rows_of(places) - rows_of(places).astype(np.float64).mean(axis=0)
    for _ in range(2):
        assert np.allclose(rows_of(load("minilm", side="position", transform="center")), expected, atol=1e-6)
        assert np.array_equal(rows_of(load("minilm", transform="center")), tokens)
    assert tokens.shape == minilm.shape


def test_commands(folder: Path, run: Run, tmp_path: Path) -> None:
    """Command-line options that a golden file can't cover: standard input, export, and refusals."""
    model = ("-m", str(folder), "--center")
    lines = run("neighbors", "-", *model, stdin="king\nqueen\nman\nwoman\nboy\n").stdout.splitlines()
    assert [json.loads(line)["transform"] for line in lines] == ["center"] * 5
    alone = run("neighbors", "king", *model, "--json").stdout
    assert json.loads(lines[0]) == json.loads(alone)
    out = tmp_path / "centered.npy"
    written = json.loads(run("export", str(out), *model, "--json").stdout)
    assert (written["transform"], written["rows"]) == ("center", 7)
    assert np.array_equal(np.load(out), rows_of(load(folder, transform="center")))
    refused = run("dot", "king", "queen", *model, "--peek")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--center is not supported here. --peek fetches single rows" in refused.stderr
    refused = run("unembed", "king", *model)
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_direction_of_another_space(folder: Path, tmp_path: Path) -> None:
    """A saved direction gives a note when used on other rows than it was learned on, and none on the same rows."""
    saved = str(tmp_path / "gender.safetensors")
    load(folder, transform="center").direction("king", "queen").save(saved)
    plain = load(folder).direction(f"@{saved}").score(["man"])
    assert any(f"was learned on {folder} center, and is used on {folder}" in note for note in plain.notes)
    centered = load(folder, transform="center").direction(f"@{saved}").score(["man"])
    assert not any("was learned on" in note for note in centered.notes)


def test_evaluation_of_several_transformations(folder: Path, run: Run, tmp_path: Path) -> None:
    """--transform once for each space of each model: the accuracy of each alone, and its name in every line."""
    file, misses = tmp_path / "questions.txt", tmp_path / "misses.csv"
    file.write_text(": family\nking queen man woman\nboy girl king queen\nman woman boy girl\n")
    command = ["eval", "analogies", str(file), "-m", str(folder)]
    for name in ("none", "center", "remove-top=2", "whiten"):
        command += ["--transform", name]
    answer = json.loads(run(*command, "--errors", str(misses), "--json").stdout)
    assert [model.get("transform") for model in answer["models"]] == [None, "center", "remove-top=2", "whiten"]
    assert misses.read_text().splitlines()[0].endswith("answered_id,transform")
    for found, name in zip(answer["models"], ("", "center", "remove-top=2", "whiten"), strict=True):
        (alone,) = analogy_scores([load(folder, transform=name or None)], file)[0].models
        assert (found["total"]["right"], found["total"]["asked"]) == (alone.total.right, alone.total.asked)
    both = run("eval", "analogies", str(file), "-m", str(folder), "--center", "--transform", "whiten")
    assert both.returncode == 2
    assert "--center besides --transform. Write --transform center." in both.stderr


def test_verify(folder: Path) -> None:
    """`verify` checks a transformed space like any other; a flipped bit is found."""
    space = load(folder, transform="center")
    assert verify(space).passed
    with changing_unnoticed(Path(space.info().path)) as content:
        flip(content)
    failed = [check.name for check in verify(load(folder, transform="center")).checks if not check.passed]
    assert failed == ["matrix, SHA-256", "lengths of the rows"]


def test_published_facts_apply_to_the_raw_rows(hub: FakeHub) -> None:
    """GPT-2's published numbers are checked on its own rows, not on transformed ones."""
    hub.add("openai-community/gpt2", files_of(PUBLISHED["gpt2"]), lfs={"model.safetensors"})
    names = [{check.source for check in verify(load("gpt2", transform=how)).checks} for how in (None, "center")]
    assert len(names[0]) > 1
    assert names[1] == {"when it was prepared"}
