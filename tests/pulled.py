"""A small model on the loopback Hub that real processes pull, next to one that was pulled before."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import word_tokenizer
from fakehub import FakeHub, safetensors_bytes

WORDS = ["cat", "dog", "king", "queen", "man", "woman"]
ROWS = np.random.default_rng(3).standard_normal((900, 16), np.float32)
MODEL, KEPT, LARGE = "org/model", "org/kept", frozenset({"model.safetensors"})


def model(rows: np.ndarray[Any, Any] = ROWS) -> dict[str, bytes]:
    """The files of a six-word model with a 58 kB matrix."""
    tensors = {"wte.weight": ("F32", rows.shape, rows.tobytes()), "h.0": ("F32", (8, 8), bytes(256))}
    config = json.dumps({"vocab_size": rows.shape[0], "n_embd": rows.shape[1]}).encode()
    tokenizer = word_tokenizer(WORDS).encode()
    return {"config.json": config, "tokenizer.json": tokenizer, "model.safetensors": safetensors_bytes(tensors)}


@pytest.fixture
def kept(hub: FakeHub, capfd: pytest.CaptureFixture[str]) -> str:
    """Pull a model before anything goes wrong; returns its commit."""
    from embgeo.cli.main import run

    commit = hub.add(KEPT, model(ROWS[:50]), LARGE)
    assert run(["pull", KEPT, "--quiet"]) == 0
    capfd.readouterr()
    hub.log.clear()
    return commit


def parts(store: Path) -> list[str]:
    """Temporary files in the store."""
    return [path.name for path in store.rglob("*.part")]


def process(env: Mapping[str, str], *line: str) -> subprocess.Popen[str]:
    """Start the program."""
    command = [sys.executable, "-m", "embgeo", *line]
    return subprocess.Popen(command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def ended(started: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its exit code, stdout and stderr."""
    out, err = started.communicate(timeout=60)
    return started.returncode, out, err


def until(true: Any) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
