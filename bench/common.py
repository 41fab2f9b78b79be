"""Shared by the benchmarks: a GPT-2-shaped model, interleaved timing of processes and functions, memory, tables."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from embgeo.formats.safetensors import file_head
from embgeo.numerics.dtypes import as_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROWS: Final = 50_257
DIMS: Final = 768
STD_DEV: Final = 0.14  # roughly that of GPT-2's embedding
PUBLISHED_HEADER: Final = 14_283  # header size of GPT-2's published file, which leaves its tensors unaligned
SEED: Final = 0
WARM_UP: Final = 2
HERE: Final = Path(__file__).resolve().parent

Times = dict[str, list[float]]
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """Peak memory of a process in MB: resident, and the anonymous part of it (not backed by a file)."""

    resident: float
    anonymous: float


def options(text: str, runs: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all benchmarks share."""
    parser = argparse.ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("--runs", type=int, default=runs, metavar="N", help=f"paired runs (default: {runs})")
    return parser


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add --model, which replaces the generated model."""
    parser.add_argument("--model", help="any model that embgeo opens (default: a random GPT-2-shaped one)")


@contextlib.contextmanager
def chosen_model(name: str | None, *, aligned: bool = True) -> Iterator[str]:
    """Yield the model to measure; a generated one and its store live in a temporary folder."""
    if name:
        yield name
        return
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        before = os.environ.get("EMBGEO_HOME")
        os.environ["EMBGEO_HOME"] = str(Path(folder) / "store")
        try:
            yield str(make_model(Path(folder) / "gpt2-shaped", aligned=aligned))
        finally:
            _restore("EMBGEO_HOME", before)


def make_model(folder: Path, *, aligned: bool = True) -> Path:
    """Write a model folder with GPT-2's shape: random normal rows, GPT-2's byte tokens and invented words.

    Args:
        aligned: start the matrix at a multiple of 64 bytes; otherwise at the odd offset of GPT-2's published file.
    """
    folder.mkdir(parents=True)
    rows = np.random.default_rng(SEED).standard_normal((ROWS, DIMS), np.float32) * np.float32(STD_DEV)
    with (folder / "model.safetensors").open("wb") as file:
        file.write(_header(rows.shape, aligned=aligned))
        file.write(as_bytes(rows))
    config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": ROWS, "n_embd": DIMS}
    (folder / "config.json").write_text(json.dumps(config))
    make_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def make_tokenizer() -> Tokenizer:
    """Make a byte-level BPE tokenizer of 50,257 entries: 256 bytes, four spellings of each word, and <|endoftext|>."""
    pieces = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = invented_words()
    while len(pieces) < ROWS - 1:
        word = next(words)
        pieces += [f"Ġ{word}", word, f"Ġ{word.title()}", word.title()]
    pieces = [*pieces[: ROWS - 1], "<|endoftext|>"]
    tokenizer = Tokenizer(models.BPE(vocab={piece: number for number, piece in enumerate(pieces)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def invented_words() -> Iterator[str]:
    """Yield `cat`, then invented words of two and three syllables, all different."""
    yield "cat"
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    yield from (first + second for first in syllables for second in syllables)
    yield from (first + second + third for first in syllables for second in syllables for third in syllables)


def time_commands(commands: Mapping[str, Sequence[str]], runs: int) -> Times:
    """Measure the wall time in seconds of whole processes, run in turns (A B C A B C ...) after a warm-up."""
    return time_calls({name: runner(command) for name, command in commands.items()}, runs)


def time_calls(calls: Mapping[str, Callable[[], object]], runs: int, warm_up: int = WARM_UP) -> Times:
    """Measure the wall time in seconds of functions, run in turns (A B C A B C ...) after a warm-up."""
    times: Times = {name: [] for name in calls}
    for turn in range(-warm_up, runs):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            if turn >= 0:
                times[name].append(time.perf_counter() - begin)
    return times


def ratio(times: Times, name: str, base: str) -> str:
    """Return the median ratio of one time to another over the turns, with its quartiles."""
    ratios = [time / base_time for time, base_time in zip(times[name], times[base], strict=True)]
    if len(ratios) == 1:
        return f"{ratios[0]:.2f}"
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return f"{middle:.2f}  ({low:.2f} to {high:.2f})"


def milliseconds(times: Times, name: str) -> str:
    """Return the median time, for orientation: the ratios are the result."""
    return f"{1000 * statistics.median(times[name]):.1f}"


def peak_memory(command: Sequence[str], runs: int = 3) -> Memory | None:
    """Measure the peak memory of a process over a few runs; None on a system without /proc.

    The kernel records no peak of anonymous memory, so the process is polled as often as possible.
    """
    if not Path("/proc/self/status").exists():
        return None
    peaks = [_polled(command) for _ in range(runs)]
    return Memory(max(peak.resident for peak in peaks), max(peak.anonymous for peak in peaks))


def script(name: str, *arguments: object) -> list[str]:
    """Return the command that runs a script in this folder."""
    return [sys.executable, str(HERE / name), *map(str, arguments)]


def show(title: str, head: Row, rows: Sequence[Row]) -> None:
    """Print a table: the first column left-aligned, the others right-aligned."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    say(f"\n{title}\n")
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        say("  ".join([line[0].ljust(widths[0]), *cells]).rstrip())


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _header(shape: tuple[int, ...], *, aligned: bool) -> bytes:
    head = file_head({"wte.weight": ("F32", shape)}, {"format": "pt"})
    if aligned:
        return head
    return struct.pack("<Q", PUBLISHED_HEADER) + head[8:].ljust(PUBLISHED_HEADER)


def _environment() -> dict[str, str]:
    """Return the environment without the variable that makes every process recompile its modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def runner(command: Sequence[str]) -> Callable[[], object]:
    """Return a function that runs a command to completion."""

    def run() -> None:
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, env=_environment()
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")

    return run


def _polled(command: Sequence[str]) -> Memory:
    resident = anonymous = 0.0
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, env=_environment()) as process:
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            sizes = _sizes(status)
            resident, anonymous = max(resident, sizes.get("VmHWM", 0)), max(anonymous, sizes.get("RssAnon", 0))
    return Memory(resident, anonymous)


def _sizes(status: Path) -> dict[str, float]:
    """Read the sizes in /proc/PID/status, in MB."""
    try:
        fields = (line.split() for line in status.read_text().splitlines())
        return {field[0].rstrip(":"): int(field[1]) * 1024 / 1e6 for field in fields if field[-1:] == ["kB"]}
    except OSError:  # the process has ended
        return {}


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
