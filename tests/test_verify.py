"""`verify` passes an intact copy, and finds flipped bits, another tokenizer and rows that contradict known facts."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run, write_model
from embgeo import EmbeddingSpace, load
from embgeo.questions.verify import FACTS, published, verify
from test_gpt2_words import gram

WORDS = ["cat", "dog", "king"]
ROWS = np.random.default_rng(6).standard_normal((4, 8), np.float32)


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    """The published facts about GPT-2."""
    return dict(json.loads(FACTS.read_text(encoding="utf-8")))


@contextmanager
def changing_unnoticed(path: Path) -> Iterator[mmap.mmap]:
    """Map a file for writing; later writes don't change its modification time until the system writes it back."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        content[:] = content[:]  # the first write to a page sets them
        yield content


def flip(content: mmap.mmap) -> None:
    """Flip one bit of the last number."""
    content[-3] ^= 1


def failed(space: EmbeddingSpace) -> list[str]:
    """The names of the checks that failed."""
    return [check.name for check in verify(space).checks if not check.passed]


def test_an_intact_copy_passes(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """A local model and the bundled one are unchanged since they were prepared."""
    assert failed(load(write_model(tmp_path, ROWS, WORDS))) == []
    assert failed(minilm) == []


def test_a_changed_header(tmp_path: Path) -> None:
    """The file has another shape than when it was prepared."""
    folder = write_model(tmp_path, ROWS, WORDS)
    with changing_unnoticed(folder / "model.safetensors") as content:
        space = load(folder)
        content[:] = content[:].replace(b"[4,8]", b"[8,4]")
    (check,) = (check for check in verify(space).checks if not check.passed)
    assert (check.expected, check.found) == ("F32 4 x 8", "F32 8 x 4")


def test_a_flipped_bit(tmp_path: Path, run: Run) -> None:
    """One bit of the matrix: the digest differs, and so does the row's length; exit code 4."""
    folder = write_model(tmp_path, ROWS, WORDS)
    with changing_unnoticed(folder / "model.safetensors") as content:
        load(folder)
        flip(content)
    assert failed(load(folder)) == ["matrix, SHA-256", "lengths of the rows"]
    done = run("verify", str(folder))
    assert done.returncode == 4
    assert "FAILED" in done.stdout
    assert "2 of 6 failed" in done.stdout
    assert json.loads(run("verify", str(folder), "--json").stdout)["checks"][1]["passed"] is False
    assert f"fetch or copy '{folder / 'model.safetensors'}' again" in done.stderr


def test_another_tokenizer(tmp_path: Path) -> None:
    """A tokenizer.json with swapped words is no longer the one that was prepared."""
    folder = write_model(tmp_path, ROWS, WORDS)
    with changing_unnoticed(folder / "tokenizer.json") as content:
        load(folder)
        content[:] = content[:].replace(b"cat", b"cab")
    assert failed(load(folder)) == ["tokenizer, SHA-256"]
    assert verify(load(folder)).notes == (f"to repair it, fetch or copy '{folder / 'tokenizer.json'}' again",)


def words_space(rows: np.ndarray[Any, Any], words: list[str], folder: Path) -> EmbeddingSpace:
    """The 57 words as a model."""
    return load(write_model(folder, rows.astype(np.float32), words))


def test_published_cosines(tmp_path: Path, facts: dict[str, Any]) -> None:
    """57 vectors with GPT-2's cosines: the cosines pass; the digest, the ids and the rows are not GPT-2's."""
    values, vectors = np.linalg.eigh(gram(facts["cosines"]))
    rows = vectors * np.sqrt(values)  # [57, 57]
    space = words_space(rows, facts["cosines"]["words"], tmp_path / "true")
    outcome = {check.name.split(" ")[0]: check.passed for check in published(space, facts)}
    assert outcome["1,596"]
    assert not outcome["published"]
    rows[7] += 0.05
    space = words_space(rows, facts["cosines"]["words"], tmp_path / "wrong")
    wrong = {check.name.split(" ")[0]: check for check in published(space, facts)}
    assert not wrong["1,596"].passed
    assert facts["cosines"]["words"][7] in wrong["1,596"].name


def test_all_facts_can_pass(tmp_path: Path, facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """With facts taken from a space, every check passes; a copy under another name is checked against them."""
    space = load(write_model(tmp_path, ROWS, WORDS))
    rows = ROWS.astype(np.float64)
    made = {
        "digest": {"sha256": space.info().sha256, "source": ""},
        "shape": [4, 8],
        "ids": {" dog": 1},
        "rows": {"values": {"2": {"first": rows[2, :3].tolist(), "last": rows[2, -2:].tolist()}}, "source": ""},
        "lengths": {"tokens": [[" cat", float(np.linalg.norm(rows[0]))]], "source": ""},
        "direction": {"a": "cat", "b": "dog", "dots": {"king": float(rows[2] @ (rows[0] - rows[1]))}, "source": ""},
        "neighbours": {"words": {"cat": [[n.text.strip(), n.score] for n in space.neighbors("cat", words=True)]}},
        "analogy": {"a": "cat", "b": "dog", "c": "king", "first": ["<unk>"], "source": ""},
        "cosines": {"words": WORDS, "pairs": [pair.cosine for pair in space.dot(*WORDS).pairs], "source": ""},
    }
    made["neighbours"]["source"] = ""
    checks = list(published(space, facts | made))
    assert [check.name for check in checks if not check.passed] == []
    assert len(checks) == 10
    (tmp_path / "facts.json").write_text(json.dumps(facts | made))
    monkeypatch.setattr("embgeo.questions.verify.FACTS", tmp_path / "facts.json")  # this space takes the place of GPT-2
    assert verify(space).checks[-10:] == tuple(checks)
