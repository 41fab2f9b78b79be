"""Killed at any moment: the next run answers, and leaves the same files as an undisturbed run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from conftest import word_tokenizer, write_model
from fakehub import FakeHub, safetensors_bytes
from killing import Kill

WORDS = ["cat", "dog", "king", "queen", "man", "woman"]
ROWS = np.random.default_rng(9).standard_normal((7, 8), np.float32)
MODEL = "org/model"


def small_model(rows: np.ndarray[tuple[int, int], np.dtype[np.float32]] = ROWS) -> dict[str, bytes]:
    """The files of a six-word model."""
    tensors = {"wte.weight": ("F32", rows.shape, rows.tobytes()), "h.0": ("F32", (8, 8), bytes(256))}
    config = json.dumps({"vocab_size": rows.shape[0], "n_embd": rows.shape[1]}).encode()
    tokenizer = word_tokenizer(WORDS).encode()
    return {"config.json": config, "tokenizer.json": tokenizer, "model.safetensors": safetensors_bytes(tensors)}


def static_model() -> dict[str, bytes]:
    """The same as a static model, whose rows are composed from a table and a mapping."""
    mapping = np.arange(7, dtype="<i4")
    tensors = {"embeddings": ("F32", ROWS.shape, ROWS.tobytes()), "mapping": ("I32", (7,), mapping.tobytes())}
    return {"tokenizer.json": word_tokenizer(WORDS).encode(), "model.safetensors": safetensors_bytes(tensors)}


def older_model() -> dict[str, bytes]:
    """The same with a vocab.txt, from which a tokenizer.json is made."""
    files = small_model()
    files["vocab.txt"] = "\n".join(["[UNK]", *WORDS]).encode()
    del files["tokenizer.json"]
    return files


def kill(env: Mapping[str, str], folder: Path, *lines: list[str], signal: str = "SIGKILL") -> list[Kill]:
    """Kill the first of these commands at every moment; see killing.py."""
    script = Path(__file__).with_name("killing.py")
    line = [sys.executable, str(script), signal, str(folder), *map(json.dumps, lines)]
    done = subprocess.run(
        line, env={**env, "OPENBLAS_NUM_THREADS": "1"}, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return [Kill(*kill) for kill in json.loads(done.stdout)]


def check(kills: list[Kill], at_least: int) -> None:
    """Every run after a kill answered, and left the same files as the undisturbed run."""
    assert len(kills) > at_least
    assert kills[-1].files
    for change, _ended, _left, code, files in kills:
        assert code == 0, change
        assert files == kills[-1].files, change


def check_interrupted(kills: list[Kill]) -> None:
    """Each interrupted run printed one line, and left nothing temporary except what a fetch can resume."""
    for kill_point in kills[:-1]:
        assert kill_point.ended == [130, "embgeo: interrupted\n"], kill_point.change
        parts = {Path(name).name for name in kill_point.left if name.endswith(".part")}
        assert parts <= {"embedding.safetensors.part", "embedding.safetensors.journal.part"}, kill_point.change


@pytest.fixture
def own_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A store in memory where the system has /dev/shm, so that hundreds of runs don't wait for the disk."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        monkeypatch.setenv("EMBGEO_HOME", folder)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-hugging-face-cache"))
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.parametrize("files", [small_model, static_model, older_model])
def test_killed_while_fetching(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path, files: object) -> None:
    """A pull, killed before each file that it opens, renames or removes; the next pull completes the store."""
    hub.add(MODEL, files(), lfs={"model.safetensors"})  # type: ignore[operator]
    found = kill(hub_env, own_store, ["pull", MODEL], ["pull", MODEL])
    check(found, 15)
    assert any(kill_point.change.startswith("os.remove") and "journal" in kill_point.change for kill_point in found)


@pytest.mark.slow
def test_interrupted_while_fetching(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """Ctrl-C at every moment of a pull: exit code 130, one line, and no temporary file except the partial matrix."""
    hub.add(MODEL, small_model(), lfs={"model.safetensors"})
    found = kill(hub_env, own_store, ["pull", MODEL], ["pull", MODEL], signal="SIGINT")
    check(found, 15)
    check_interrupted(found)


@pytest.mark.slow
def test_killed_before_the_branch_moves(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """The leftovers of a killed fetch are removed when another commit is fetched, unless they were complete."""
    hub.add(MODEL, small_model(), lfs={"model.safetensors"}, refs=("old",))
    commit = hub.add(MODEL, small_model(-ROWS), lfs={"model.safetensors"})
    for change, _ended, _left, code, files in kill(hub_env, own_store, ["pull", f"{MODEL}@old"], ["pull", MODEL]):
        assert code == 0, change
        assert [name for name in files if name.endswith(".part") and "refs" not in name] == [], change
        folders = {Path(name).parent for name in files if "refs" not in name and not name.endswith(".lock")}
        assert all(str(folder / "prepared.safetensors") in files for folder in folders), change
        assert any(folder.name == commit for folder in folders)


@pytest.mark.slow
def test_killed_while_removing(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """`models rm`, killed midway: the model counts as absent or complete, and can be fetched again."""
    hub.add(MODEL, small_model(), lfs={"model.safetensors"})
    check(kill(hub_env, own_store, ["models", "rm", MODEL], ["pull", MODEL], ["pull", MODEL]), 4)


@pytest.mark.parametrize("name", ["SIGKILL", pytest.param("SIGINT", marks=pytest.mark.slow)])
@pytest.mark.slow
def test_killed_while_converting(hub_env: Mapping[str, str], own_store: Path, tmp_path: Path, name: str) -> None:
    """The conversion of a word-vector file into the store, killed or interrupted."""
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in zip(WORDS, ROWS.tolist(), strict=False)]
    (tmp_path / "words.vec").write_text("\n".join(["6 8", *lines]) + "\n")
    query = ["neighbors", "cat", "-m", str(tmp_path / "words.vec")]
    found = kill(hub_env, own_store, query, query, signal=name)
    check(found, 6)
    if name == "SIGINT":
        check_interrupted(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
@pytest.mark.parametrize(
    ("killed", "after"),
    [
        ("export OUT/words.npy", "export OUT/words.npy --force"),
        ("direction cat dog --save OUT/direction", "direction cat dog --save OUT/direction --force"),
    ],
    ids=["export", "direction --save"],
)
def test_killed_while_writing(hub_env: Mapping[str, str], tmp_path: Path, killed: str, after: str, name: str) -> None:
    """An export or a direction into a user's folder: the next one replaces it and removes its leftovers."""
    model = str(write_model(tmp_path / "m", ROWS, WORDS))
    out = tmp_path / "out"
    subprocess.run([sys.executable, "-m", "embgeo", "info", "-m", model], env=hub_env, check=True, capture_output=True)
    lines = [[*line.replace("OUT", str(out)).split(), "-m", model] for line in (killed, after)]
    found = kill(hub_env, out, *lines, signal=name)
    check(found, 1)
    if name == "SIGINT":
        check_interrupted(found)
