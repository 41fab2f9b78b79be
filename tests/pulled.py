"""A small model on the loopback Hub for real processes to pull, and an earlier one that is already in the store."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import word_tokenizer
from fakehub import FakeHub, safetensors_bytes

WORDS = ["cat", "dog", "king", "queen", "man", "woman"]
ROWS = np.random.default_rng(3).standard_normal((900, 16), np.float32)
MODEL, EARLIER, LARGE = "org/model", "org/earlier", frozenset({"model.safetensors"})


def model(rows: np.ndarray[Any, Any] = ROWS) -> dict[str, bytes]:
    """The files of a six-word model with a 58 kB matrix."""
    tensors = {"wte.weight": ("F32", rows.shape, rows.tobytes()), "h.0": ("F32", (8, 8), bytes(256))}
    config = json.dumps({"vocab_size": rows.shape[0], "n_embd": rows.shape[1]}).encode()
    tokenizer = word_tokenizer(WORDS).encode()
    return {"config.json": config, "tokenizer.json": tokenizer, "model.safetensors": safetensors_bytes(tensors)}


@pytest.fixture
def earlier_commit(hub: FakeHub, capfd: pytest.CaptureFixture[str]) -> str:
    """Pull another model before the test starts; returns its commit."""
    from embgeo.cli.main import run

    commit = hub.add(EARLIER, model(ROWS[:50]), LARGE)
    assert run(["pull", EARLIER, "--quiet"]) == 0
    capfd.readouterr()
    hub.log.clear()
    return commit


def parts(store: Path) -> list[str]:
    """Temporary files in the store."""
    return [path.name for path in store.rglob("*.part")]


def start(env: Mapping[str, str], *line: str) -> subprocess.Popen[str]:
    """Start the program with these arguments."""
    command = [sys.executable, "-m", "embgeo", *line]
    return subprocess.Popen(command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process to end; returns its exit code, stdout and stderr."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
