"""Fixtures for all tests: an empty store for each test, hand-made spaces, and data that can't be committed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from embgeo import EmbeddingSpace, load
from embgeo.formats.safetensors import file_head
from embgeo.numerics.dtypes import as_bytes
from forking import QUICK, fork_server

pytest_plugins = ["hub_fixtures", "pulled"]
HERE = Path(__file__).parent
# Features that some systems lack. Test files that use a missing one are not collected; pytest's header lists them.
POSIX = re.compile(r"^import (pty|resource|fcntl|termios)$|^from limits import|os\.(fork|mkfifo|uname)\(|AF_UNIX", re.M)
PROC = re.compile(r"/proc/|(starving|hostile_runs)\.py|memory=")
MISSING = {"linux": (), "win32": (POSIX, PROC)}.get(sys.platform, (PROC,))
collect_ignore = sorted(
    file.name
    for file in HERE.glob("test_*.py")
    if any(pattern.search(file.read_text(encoding="utf-8")) for pattern in MISSING)
)
# How many damaged files each reader gets; the full run tests more: --hypothesis-profile full.
settings.register_profile("quick", max_examples=20)
settings.register_profile("full", max_examples=200)
settings.load_profile("quick")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # inherited by background jobs of a shell
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # otherwise every subprocess compiles embgeo again


@pytest.fixture(autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test an empty store, and no model in the environment."""
    store = tmp_path_factory.mktemp("store")
    monkeypatch.setenv("EMBGEO_HOME", str(store))
    monkeypatch.delenv("EMBGEO_MODEL", raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(store / "no-hugging-face-cache"))
    return store


def word_tokenizer(words: Sequence[str]) -> str:
    """A SentencePiece-like tokenizer.json with one token per word, each starting with a space."""
    vocabulary = {"<unk>": len(words), **{f"▁{word}": row for row, word in enumerate(words)}}
    model = {"type": "BPE", "vocab": vocabulary, "merges": [], "unk_token": "<unk>", "fuse_unk": True}
    decoder = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    unknown = {"id": len(words), "content": "<unk>", "special": True, "single_word": False, "lstrip": False}
    unknown |= {"rstrip": False, "normalized": False}
    spec = {"version": "1.0", "added_tokens": [unknown], "pre_tokenizer": decoder, "decoder": decoder, "model": model}
    return json.dumps(spec | {"truncation": None, "padding": None, "normalizer": None, "post_processor": None})


def write_model(folder: Path, rows: NDArray[np.generic], words: Sequence[str], name: str = "wte.weight") -> Path:
    """Write a model folder with these rows and words."""
    folder.mkdir(parents=True, exist_ok=True)
    dtype = {"f8": "F64", "f4": "F32", "f2": "F16", "u2": "BF16"}[rows.dtype.str[1:]]
    head = file_head({name: (dtype, rows.shape)}, {"format": "pt"})
    (folder / "model.safetensors").write_bytes(head + as_bytes(rows).tobytes())
    (folder / "config.json").write_text(json.dumps({"vocab_size": rows.shape[0], "n_embd": rows.shape[1]}))
    (folder / "tokenizer.json").write_text(word_tokenizer(words))
    return folder


SpaceOf = Callable[..., EmbeddingSpace]


@pytest.fixture
def space_of(tmp_path: Path) -> SpaceOf:
    """Load a space from {word: row}."""

    def make(rows: dict[str, Sequence[float]], dtype: str = "<f4") -> EmbeddingSpace:
        matrix = np.array(list(rows.values()), dtype)
        return load(write_model(tmp_path / "model", matrix, list(rows)))

    return make


@pytest.fixture
def minilm() -> EmbeddingSpace:
    """The bundled model."""
    return load("minilm")


@pytest.fixture
def minilm_float32() -> EmbeddingSpace:
    """The published float32 all-MiniLM-L6-v2, from the folder that $EMBGEO_TEST_MINILM names."""
    return load(data_folder("EMBGEO_TEST_MINILM", "the published all-MiniLM-L6-v2 files"))


def data_folder(variable: str, what: str) -> Path:
    """The folder that an environment variable names; skips the test if it is not set."""
    folder = os.environ.get(variable)
    if not folder or not Path(folder).is_dir():
        pytest.skip(f"${variable} names no folder with {what} (see CONTRIBUTING.md)")
    return Path(folder)


Run = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_report_header() -> list[str]:
    """List the test files that are skipped on this system."""
    return [f"left out on {sys.platform}: {', '.join(collect_ignore)}"] if collect_ignore else []


def pytest_configure(config: pytest.Config) -> None:
    """Without slow tests, run short commands in forks."""
    if "not slow" in config.option.markexpr:
        os.environ[QUICK] = "1"


@pytest.fixture
def run() -> Run:
    """Run embgeo: run("neighbors", "cat", VARIABLE="value").

    When slow tests run, each command is a separate process, as for a user. Otherwise it runs in a fork of a process
    that has already imported embgeo, unless it reads standard input or sets a variable that Python reads at startup.
    """

    def embgeo(*args: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        environment = {"COLUMNS": "80", "PYTHONIOENCODING": "utf-8", **os.environ, **env}
        server = fork_server()
        if server and "-" not in args and not any(name.startswith("PYTHON") for name in env):
            return subprocess.CompletedProcess(args, *server.run(args, environment))
        return subprocess.run(
            [sys.executable, "-m", "embgeo", *args], input=stdin, capture_output=True, text=True, encoding="utf-8",
            env=environment, timeout=120, check=False,
        )  # fmt: skip

    return embgeo
