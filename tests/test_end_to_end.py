"""The command line as users run it, with the real client and a loopback Hub: what is fetched, stored and printed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import write_model
from fakehub import FakeHub, safetensors_bytes

GPT2 = "openai-community/gpt2"
WORDS = ["cat", "dog", "king", "queen", "man", "woman"]
ROWS, DIMS = 20_000, 128


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A model with a 10 MB embedding and 16 MB of other tensors, whose vocabulary starts with six words."""
    rows = np.random.default_rng(5).standard_normal((ROWS, DIMS), np.float32)
    folder = write_model(tmp_path_factory.mktemp("model"), rows, WORDS)
    other = ("F32", (2048, 1024), bytes(4 * 2048 * 1024))
    tensors = {"h.0": other, "wte.weight": ("F32", rows.shape, rows.tobytes()), "wpe.weight": other}
    small = {name: (folder / name).read_bytes() for name in ("config.json", "tokenizer.json")}
    return {**small, "model.safetensors": safetensors_bytes(tensors)}


def run_embgeo(environment: Mapping[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    command = [sys.executable, "-m", "embgeo", *args]
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False)


def answer(environment: Mapping[str, str], *args: str) -> Any:
    """The parsed JSON answer of a command."""
    done = run_embgeo(environment, *args, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def env(hub_env: Mapping[str, str]) -> dict[str, str]:
    """An environment with the loopback Hub and an empty store."""
    return {name: value for name, value in hub_env.items() if name != "HF_HUB_CACHE"}


def test_cold_then_warm(hub: FakeHub, env: dict[str, str], files: dict[str, bytes]) -> None:
    """The default model is fetched once, with at most 1% more than needed; then no requests are made."""
    commit = hub.add(GPT2, files, lfs={"model.safetensors"})
    cold = answer(env, "neighbors", "cat")
    assert (cold["model"], cold["revision"], cold["notes"]) == (GPT2, commit, [])
    needed = 4 * ROWS * DIMS + 1000 + len(files["tokenizer.json"]) + len(files["config.json"])
    assert 4 * ROWS * DIMS < hub.sent() <= 1.01 * needed
    requests = len(hub.log)
    assert answer(env, "neighbors", "cat") == cold
    assert answer({**env, "HF_HUB_OFFLINE": "1"}, "neighbors", "cat", "-m", "gpt2") == cold
    assert len(hub.log) == requests


def test_fetched_rows(hub: FakeHub, env: dict[str, str], files: dict[str, bytes]) -> None:
    """The rows of the fetched matrix are bit-identical."""
    hub.add(GPT2, files, lfs={"model.safetensors"})
    result = answer(env, "vector", "queen")["values"]
    rows = np.random.default_rng(5).standard_normal((ROWS, DIMS), np.float32)
    assert np.array_equal(np.array(result, np.float32), rows[WORDS.index("queen")])


@pytest.mark.slow
def test_pull_follows_the_branch_and_questions_do_not(
    hub: FakeHub, env: dict[str, str], files: dict[str, bytes]
) -> None:
    """Questions stay on the cached commit until pull updates it; both commits can be named and removed."""
    first = hub.add(GPT2, files, lfs={"model.safetensors"})
    assert answer(env, "pull", "gpt2")["revision"] == first
    second = hub.add(GPT2, {**files, "README.md": b"new"}, lfs={"model.safetensors"})
    assert answer(env, "neighbors", "cat")["revision"] == first
    assert answer(env, "pull", "gpt2")["revision"] == second
    assert answer(env, "neighbors", "cat")["revision"] == second
    assert answer(env, "neighbors", "cat", "--revision", first)["revision"] == first
    revisions = {model["revision"] for model in answer(env, "models")["models"]}
    assert {first, second} < revisions
    removed = answer(env, "models", "rm", f"gpt2@{first}")["removed"]
    assert [model["revision"] for model in removed] == [first]
    assert answer(env, "neighbors", "cat", "-m", f"{GPT2}@{second}")["revision"] == second


def test_a_model_in_the_hugging_face_cache(
    hub: FakeHub, env: dict[str, str], files: dict[str, bytes], tmp_path: Path
) -> None:
    """A model in the Hugging Face cache is mapped there, without a request or a copy."""
    commit = "0123456789" * 4
    cache = tmp_path / "hf-home" / "hub" / "models--openai-community--gpt2"
    snapshot = cache / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(commit)
    for name, data in files.items():
        (snapshot / name).write_bytes(data)
    result = answer(env, "info")
    assert (result["revision"], result["source"]) == (commit, "cache")
    assert result["path"] == str(snapshot / "model.safetensors")
    assert hub.log == []
    shutil.rmtree(cache)
    assert run_embgeo(env, "info", "-m", "gpt2").returncode == 4  # gone from the cache, and the Hub has no such model
    assert hub.log != []


@pytest.mark.slow
def test_no_model_is_named_and_the_hub_is_unreachable(env: dict[str, str]) -> None:
    """The bundled model answers with a note; the next question doesn't try the Hub again, but a named model does."""
    unreachable = {**env, "HF_ENDPOINT": "http://127.0.0.1:9"}
    started = time.monotonic()
    result = answer(unreachable, "neighbors", "cat")
    assert time.monotonic() - started < 20
    assert result["model"] == "minilm"
    assert "GPT-2 is not on this machine (can't reach 127.0.0.1:9" in result["notes"][0]
    assert "not on this machine; the bundled" in answer(unreachable, "neighbors", "cat")["notes"][0]
    named = run_embgeo(unreachable, "neighbors", "cat", "-m", "gpt2")
    assert (named.returncode, named.stdout) == (5, "")
    assert named.stderr.startswith("embgeo: can't reach 127.0.0.1:9 for 'openai-community/gpt2'")
    by_environment = run_embgeo({**unreachable, "EMBGEO_MODEL": "gpt2"}, "neighbors", "cat")
    assert by_environment.returncode == 5


@pytest.mark.slow
def test_two_processes_at_once(hub: FakeHub, env: dict[str, str], files: dict[str, bytes], own_store: Path) -> None:
    """Both processes give the same answer, and the model is fetched once."""
    hub.add(GPT2, files, lfs={"model.safetensors"})
    line = [sys.executable, "-m", "embgeo", "neighbors", "cat", "--json"]
    started = [subprocess.Popen(line, env=env, stdout=subprocess.PIPE) for _ in range(2)]
    printed = [process.communicate(timeout=60)[0] for process in started]
    assert printed[0] == printed[1] != b""
    assert len(list(own_store.rglob("embedding.safetensors"))) == 1
    assert hub.sent("cdn") < 1.2 * 4 * ROWS * DIMS
    assert list(own_store.rglob("*.part")) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_interrupted_fetch(
    hub: FakeHub, env: dict[str, str], files: dict[str, bytes], own_store: Path, number: signal.Signals
) -> None:
    """After a fetch is killed or interrupted, the next run answers and no temporary file is left."""
    hub.add(GPT2, files, lfs={"model.safetensors"})
    hub.fault("model.safetensors", "stall", times=50, arg=1.0)
    process = subprocess.Popen([sys.executable, "-m", "embgeo", "neighbors", "cat"], env=env, stderr=subprocess.PIPE)
    while not list(own_store.rglob("*.part")):
        time.sleep(0.02)
        assert process.poll() is None
    process.send_signal(number)
    _, stderr = process.communicate(timeout=20)
    if number == signal.SIGINT:
        assert (process.returncode, stderr) == (130, b"embgeo: interrupted\n")
    hub.faults.clear()
    assert answer(env, "neighbors", "cat")["model"] == GPT2
    assert list(own_store.rglob("*.part")) == []


def test_a_store_that_cannot_be_written(hub: FakeHub, env: dict[str, str], files: dict[str, bytes]) -> None:
    """The error names the folder and says how to choose another."""
    hub.add(GPT2, files, lfs={"model.safetensors"})
    done = run_embgeo({**env, "EMBGEO_HOME": "/proc/nowhere"}, "neighbors", "cat", "-m", "gpt2")
    assert done.returncode == 4
    assert "can't write to '/proc/nowhere/hub" in done.stderr
    assert "EMBGEO_HOME" in done.stderr


@pytest.mark.slow
def test_a_truncated_store_is_fetched_again(
    hub: FakeHub, env: dict[str, str], files: dict[str, bytes], own_store: Path
) -> None:
    """A truncated matrix is detected by its size and fetched again; a truncated prepared file is rebuilt."""
    hub.add(GPT2, files, lfs={"model.safetensors"})
    before = answer(env, "neighbors", "cat")
    (matrix,) = own_store.rglob("embedding.safetensors")
    os.truncate(matrix, matrix.stat().st_size // 2)
    assert answer(env, "neighbors", "cat") == before
    (prepared,) = own_store.rglob("prepared.safetensors")
    prepared.write_bytes(prepared.read_bytes()[:-10])
    requests = len(hub.log)
    assert answer(env, "neighbors", "cat") == before
    assert len(hub.log) <= requests + 1
