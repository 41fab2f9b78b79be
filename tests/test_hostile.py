"""A Hub whose faults are composed at random: a pull ends with the right bytes, or in one line with exit code 4 or 5."""

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

SECONDS = 60.0  # of a busy machine; the waits themselves add up to a few
SEEDS = 1_000
BATCH = 250  # compositions in each test
AT_ONCE = 4  # Hubs, each with its own processes: a composition mostly waits


class Runs:
    """The process that pulls."""

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
        code, said, seconds = json.loads(self.process.stdout.readline())
        return code, said, seconds


@contextmanager
def runs(env: Mapping[str, str], hub: FakeHub, folder: Path) -> Iterator[tuple[Runs, Runs]]:
    """One with short waits, and one with the program's own; both without another tool's cache."""
    # With one arena for all threads, what they reserve of the address space is what they use.
    own = {"HF_HUB_CACHE": str(folder / "none"), "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    both = [Runs({**env, **hub.env(folder / "hf-home"), **own}, *more) for more in (("hurried",), ())]
    yield both[0], both[1]
    for one in both:
        one.process.communicate(timeout=30)


def whole(store: Path, commit: str) -> bool:
    """Whether the model in the store has the published bytes."""
    place = store / "hub" / "org--model" / commit
    matrix, tokenizer = place / "embedding.safetensors", place / "tokenizer.json"
    return (
        matrix.read_bytes()[-ROWS.nbytes :] == ROWS.tobytes()
        and tokenizer.read_bytes() == model()["tokenizer.json"]
        and (place / "prepared.safetensors").exists()
        and parts(store) == []
    )


def alone() -> dict[str, bytes]:
    """A model whose matrix is all of its file."""
    return {**model(), "model.safetensors": safetensors_bytes({"wte.weight": ("F32", ROWS.shape, ROWS.tobytes())})}


def compositions(env: Mapping[str, str], folder: Path, seeds: Iterable[int]) -> None:
    """Try some of them, one after the other, on a Hub of their own."""
    with FakeHub() as hub, runs(env, hub, folder) as (hurried, patient):
        for seed in seeds:
            tried(hub, hurried, patient, folder / "store", seed)


def tried(hub: FakeHub, hurried: Runs, patient: Runs, store: Path, seed: int) -> None:
    """Whatever the Hub does; and the next pull, from a Hub that is well, succeeds."""
    hub.clear()
    commit = hub.add(MODEL, model() if seed % 2 else alone(), LARGE)
    faults = compose(hub, seed)
    code, said, seconds = hurried.pull(store)
    told = f"seed {seed}: {faults}\nended {code} after {seconds:.1f} s: {said}"
    assert seconds < SECONDS, told
    assert code in (0, 4, 5), told
    lines = [line for line in said.splitlines() if not line.startswith("note: ")]
    assert len(lines) == (1 if code else 0), told
    assert all(line.startswith("embgeo: ") for line in lines), told
    assert code != 0 or whole(store, commit), told
    hub.faults.clear()
    again = patient.pull(store)
    assert again[:2] == (0, ""), f"{told}\nthen {again}"
    assert whole(store, commit), told
    shutil.rmtree(store)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_composed_faults(hub_env: Mapping[str, str], tmp_path: Path, first: int) -> None:
    """Compositions of faults, drawn from seeds, on several Hubs at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(
            lambda n: compositions(hub_env, tmp_path / str(n), range(first + n, first + BATCH, AT_ONCE)), range(AT_ONCE)
        ))  # fmt: skip
