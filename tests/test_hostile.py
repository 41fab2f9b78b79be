"""Random combinations of Hub faults: a pull ends with the right bytes, or with one line and exit code 4 or 5."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakehub import FakeHub, safetensors_bytes
from hostile import compose
from pulled import LARGE, MODEL, ROWS, model, parts

SECONDS = 60.0  # limit on a busy machine; the waits add up to a few seconds
SEEDS = 1_000
BATCH = 250  # combinations in each test
AT_ONCE = 4  # Hubs in parallel, each with its own processes; a pull mostly waits


class Puller:
    """A process that pulls into one store after another; see hostile_runs.py."""

    def __init__(self, env: Mapping[str, str], *more: str) -> None:
        command = [sys.executable, str(Path(__file__).with_name("hostile_runs.py")), MODEL, *more]
        self.process = subprocess.Popen(
            command, env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def pull(self, store: Path) -> tuple[int, str, float]:
        """Exit code, stderr and seconds of a pull into this store."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{store}\n")
        self.process.stdin.flush()
        code, stderr, seconds = json.loads(self.process.stdout.readline())
        return code, stderr, seconds


@contextmanager
def pullers(env: Mapping[str, str], hub: FakeHub, folder: Path) -> Iterator[tuple[Puller, Puller]]:
    """A puller with short waits and one with the usual waits; both with an empty Hugging Face cache."""
    # With one malloc arena for all threads, no address space is reserved without being used.
    own = {"HF_HUB_CACHE": str(folder / "none"), "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    fast, usual = (Puller({**env, **hub.env(folder / "hf-home"), **own}, *more) for more in (("fast",), ()))
    yield fast, usual
    for puller in (fast, usual):
        puller.process.communicate(timeout=30)


def is_whole(store: Path, commit: str) -> bool:
    """Whether the model in the store has the published bytes."""
    place = store / "hub" / "org--model" / commit
    matrix, tokenizer = place / "embedding.safetensors", place / "tokenizer.json"
    return (
        matrix.read_bytes()[-ROWS.nbytes :] == ROWS.tobytes()
        and tokenizer.read_bytes() == model()["tokenizer.json"]
        and (place / "prepared.safetensors").exists()
        and parts(store) == []
    )


def matrix_only() -> dict[str, bytes]:
    """A model whose weights file has no tensor but the matrix."""
    return {**model(), "model.safetensors": safetensors_bytes({"wte.weight": ("F32", ROWS.shape, ROWS.tobytes())})}


def check_seeds(env: Mapping[str, str], folder: Path, seeds: Iterable[int]) -> None:
    """Check these seeds one after the other, on a separate Hub."""
    with FakeHub() as hub, pullers(env, hub, folder) as (fast, usual):
        for seed in seeds:
            check_seed(hub, fast, usual, folder / "store", seed)


def check_seed(hub: FakeHub, fast: Puller, usual: Puller, store: Path, seed: int) -> None:
    """Pull from a Hub with the faults of this seed, and then from the same Hub without them."""
    hub.clear()
    commit = hub.add(MODEL, model() if seed % 2 else matrix_only(), LARGE)
    faults = compose(hub, seed)
    code, stderr, seconds = fast.pull(store)
    message = f"seed {seed}: {faults}\nended with {code} after {seconds:.1f} s: {stderr}"
    assert seconds < SECONDS, message
    assert code in (0, 4, 5), message
    lines = [line for line in stderr.splitlines() if not line.startswith("note: ")]
    assert len(lines) == (1 if code else 0), message
    assert all(line.startswith("embgeo: ") for line in lines), message
    assert code != 0 or is_whole(store, commit), message
    hub.faults.clear()
    again = usual.pull(store)
    assert again[:2] == (0, ""), f"{message}\nthen {again}"
    assert is_whole(store, commit), message
    shutil.rmtree(store)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_composed_faults(hub_env: Mapping[str, str], tmp_path: Path, first: int) -> None:
    """Combinations of faults drawn from seeds, on several Hubs in parallel."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(
            lambda n: check_seeds(hub_env, tmp_path / str(n), range(first + n, first + BATCH, AT_ONCE)), range(AT_ONCE)
        ))  # fmt: skip
