"""Run many processes on one store and kill or starve some: does every command still answer, and does nothing leak?

    python bench/soak.py --processes 200 --at-once 8 --seed 1

A loopback Hub serves two small models at the speed of a slow connection. The store is empty at first. The processes are
queries, pulls, peeks, exports, checks and removals drawn at random; a third of them get SIGKILL at a random moment, and
a quarter of the others run with a limit on memory, file descriptors or disk space. The survivors must answer as on an
undisturbed store; those with a limit may fail with a one-line error. Then each command runs once more, and the store,
the temporary folder and the exports must have the same files with the same bytes as after an undisturbed run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import numpy as np

import common

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from fakehub import FakeHub, safetensors_bytes

WORDS: Final = ("cat", "dog", "king", "queen", "man", "woman", "Paris", "France", "Berlin")
MODELS: Final = ("org/first", "org/second")
ROWS, DIMS, SPEED = 4_000, 128, 4_000_000  # a matrix of 2 MB; bytes per second
KILLED, LATEST = 1 / 3, 0.8  # share of processes; seconds after their start
STARVED: Final = 1 / 4  # share of the others
LIMITS: Final = {
    "memory": (100_000, 36_000_000, 40_000_000, 52_000_000), "descriptors": (4, 5, 6, 8, 10),
    "disk": (0, 100, 10_000, 1_000_000),
}  # fmt: skip
"""What a starved process may use beyond its imports: bytes of address space, open files, bytes of a file."""
START: Final = """
import os, resource, sys
kind, room = sys.argv[1], int(sys.argv[2])
sys.argv[1:] = sys.argv[3:]
from embgeo.__main__ import main
import embgeo.cli.main, numpy
limit = {"memory": resource.RLIMIT_AS, "descriptors": resource.RLIMIT_NOFILE, "disk": resource.RLIMIT_FSIZE}[kind]
if kind == "memory":
    room += int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(limit, (room, resource.getrlimit(limit)[1]))
main()
"""
REFUSED: Final = (1, 4, 5)  # exit codes of a starved process: by the system, the store or the network
LINES: Final = (
    "neighbors cat -k 3 -m MODEL", "analogy king man woman -k 3 -m MODEL", "direction cat dog --score king -m MODEL",
    "dot cat dog king -m MODEL", "tokens cat dog -m MODEL", "neighbors cat -k 3 --center -m MODEL",
    "dot cat dog king --whiten -m MODEL", "pull MODEL", "verify MODEL", "models", "info -m MODEL",
    "vector cat --peek -m MODEL", "dot cat dog --peek -m MODEL", "export OUT/MODEL.npy --force -m MODEL",
    "export OUT/MODEL.vec cat dog --force -m MODEL", "models rm MODEL",
)  # fmt: skip
WEIGHTS: Final = (4, 3, 3, 3, 4, 3, 2, 4, 2, 2, 2, 2, 2, 2, 1, 4)
# The keys of an answer that don't depend on whether the model was already stored.
COMPARED: Final = ("results", "scores", "pairs", "tokens", "revision", "values", "checks")


class Outcome(NamedTuple):
    """The result of a soak.

    Attributes:
        ran, killed, starved: processes.
        wrong: command lines that were not killed, and failed or gave a different answer.
        parts: temporary files after the last process ended.
        left: files that are missing, superfluous or different after the final runs.
    """

    ran: Counter[str]
    killed: int
    starved: int
    wrong: list[str]
    parts: int
    left: list[str]


def publish(hub: FakeHub) -> None:
    """Add two models of random rows to the Hub, with a tokenizer of a few words."""
    from conftest import word_tokenizer

    for seed, name in enumerate(MODELS):
        rows = np.random.default_rng(seed).standard_normal((ROWS, DIMS), np.float32)
        tensors = {"h.0": ("F32", (64, 64), bytes(64 * 64 * 4)), "wte.weight": ("F32", rows.shape, rows.tobytes())}
        config = json.dumps({"vocab_size": ROWS, "n_embd": DIMS}).encode()
        files = {"config.json": config, "tokenizer.json": word_tokenizer(WORDS).encode()}
        hub.add(name, {**files, "model.safetensors": safetensors_bytes(tensors)}, {"model.safetensors"})


class Place:
    """A folder with a store, exports and temporary files, in which commands run."""

    def __init__(self, hub: FakeHub, folder: Path) -> None:
        self.folder = folder
        for name in ("store", "out/org", "temporary"):
            (folder / name).mkdir(parents=True)
        own = {"EMBGEO_HOME": str(folder / "store"), "TMPDIR": str(folder / "temporary"), "OPENBLAS_NUM_THREADS": "1"}
        self.environment = {**os.environ, **hub.env(folder / "hf"), **own}
        for name in ("HF_HUB_OFFLINE", "HF_HUB_CACHE", "EMBGEO_MODEL"):
            self.environment.pop(name, None)

    def start(self, line: str, limit: tuple[str, int] | None = None) -> subprocess.Popen[str]:
        """Start a command line, with a limit if one is given."""
        words = line.replace("OUT", str(self.folder / "out")).split()
        program = ["-c", START, limit[0], str(limit[1])] if limit else ["-m", "embgeo"]
        return subprocess.Popen(
            [sys.executable, *program, *words, "--json"], env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip

    def ask(self, line: str) -> tuple[int, str]:
        """Run a command line; returns its exit code and the part of its answer that is compared."""
        process = self.start(line)
        out, _ = process.communicate()
        return process.returncode, compared(out)

    def files(self) -> dict[str, str]:
        """Every file with its digest."""
        paths = [path for path in self.folder.rglob("*") if path.is_file() and "hf" not in path.parts]
        return {str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def compared(printed: str) -> str:
    """The part of an answer in JSON that can be compared."""
    try:
        answer: dict[str, Any] = json.loads(printed)
    except ValueError:
        return printed
    return json.dumps({name: answer[name] for name in COMPARED if not isinstance(answer.get(name), int | None)})


def lines() -> list[str]:
    """Every command line for every model."""
    return [line.replace("MODEL", model) for line in LINES for model in MODELS]


def soak(folder: Path, processes: int, at_once: int, seed: int, latest: float = LATEST) -> Outcome:
    """Run the processes, then each command once more; see the top of this file."""
    with FakeHub() as hub:
        publish(hub)
        calm, place = Place(hub, folder / "calm"), Place(hub, folder / "soaked")
        whole = [line for line in lines() if not line.startswith("models")]
        expected = {line: calm.ask(line) for line in whole}
        hub.throttle = SPEED
        ran, killed, starved, wrong = run(place, expected, Random(seed), processes, at_once, latest)
        hub.throttle = 0
        parts = sum(name.endswith(".part") or "peek-" in name for name in place.files())
        wrong += [f"afterwards: {line}" for line in whole if place.ask(line) != expected[line]]
        wrong += [f"before: {line}" for line, (code, _) in expected.items() if code]
        left = sorted(set(place.files().items()) ^ set(calm.files().items()))
        return Outcome(ran, killed, starved, wrong, parts, [name for name, _ in left])


def run(
    place: Place, expected: dict[str, tuple[int, str]], random: Random, processes: int, at_once: int, latest: float
) -> tuple[Counter[str], int, int, list[str]]:
    """Run this many processes, `at_once` of them at a time."""
    ran: Counter[str] = Counter()
    killed, starved, wrong = 0, 0, list[str]()
    running: list[tuple[str, subprocess.Popen[str], float, tuple[str, int] | None]] = []
    while processes or running:
        while processes and len(running) < at_once:
            line = random.choices(LINES, WEIGHTS)[0].replace("MODEL", random.choice(MODELS))
            end = time.monotonic() + latest * random.random() if random.random() < KILLED else float("inf")
            limit = drawn_limit(random) if end == float("inf") and random.random() < STARVED else None
            starved += limit is not None
            running.append((line, place.start(line, limit), end, limit))
            ran[line.split()[0]] += 1
            processes -= 1
        time.sleep(0.01)
        for entry in list(running):
            line, process, end, limit = entry
            if process.poll() is None and time.monotonic() > end:
                process.kill()
            if process.poll() is None:
                continue
            out, errors = process.communicate()
            running.remove(entry)
            killed += process.returncode == -9
            refused = limit and process.returncode in REFUSED and one_line(errors)
            if process.returncode != -9 and not refused and not is_right(line, process.returncode, out, expected):
                wrong.append(f"{line} {limit or ''}: exit {process.returncode}: {errors or out[:200]}")
    return ran, killed, starved, wrong


def drawn_limit(random: Random) -> tuple[str, int]:
    """Draw a kind of limit and its value."""
    kind = random.choice(list(LIMITS))
    return kind, random.choice(LIMITS[kind])


def one_line(errors: str) -> bool:
    """Whether stderr, apart from notes, is a single error line of embgeo."""
    lines = [line for line in errors.splitlines() if not line.startswith("note: ")]
    return len(lines) == 1 and lines[0].startswith("embgeo: ") and "unexpected fault" not in lines[0]


def is_right(line: str, code: int, out: str, expected: dict[str, tuple[int, str]]) -> bool:
    """Whether a process that was not killed gave the expected answer."""
    if line.startswith("models"):  # there may be nothing to remove
        return code == 0 or (code == 4 and "rm" in line)
    return (code, compared(out)) == expected[line]


def main() -> None:
    """Run the soak, and print the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--processes", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="embgeo-soak-") as folder:
        found = soak(Path(folder), args.processes, args.at_once, args.seed)
    common.say(f"{found.ran.total()} processes, {args.at_once} at a time, seed {args.seed}")
    common.say(f"{found.killed} killed, {found.starved} starved")
    common.say(", ".join(f"{name} {count}" for name, count in found.ran.most_common()))
    common.say(f"wrong: {len(found.wrong)}; temporary files left by the killed: {found.parts}")
    common.say(f"after one more run of each command: {len(found.left)} files other than on a calm store")
    for line in (*found.wrong, *found.left):
        common.say(f"  {line}")
    sys.exit(bool(found.wrong or found.left))


if __name__ == "__main__":
    main()
