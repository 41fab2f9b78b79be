"""Time the forward pass on texts as whole processes: embgeo, bare NumPy, onnxruntime, sentence-transformers, PyTorch.

    python bench/whole_texts.py MODEL_FOLDER [--python PYTHON] [--lines N] [--runs N]

MODEL_FOLDER contains the published files of all-MiniLM-L6-v2. PYTHON is the interpreter that runs the other engines
(torch, transformers, sentence-transformers, onnxruntime, onnx, onnxscript); missing ones are skipped. Times are
processor seconds of processes that run in turns, with one thread each; memory is anonymous memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

import common
from common import DIMS
from embgeo.formats.safetensors import file_head
from layers import lines

HERE: Final = Path(__file__).resolve().parent / "texts"
SENTENCE: Final = "The bank of the river is wide and green."
GPT2_LAYERS: Final = 12
POSITIONS: Final = 1024
TOKENS: Final = 256
ONE_THREAD: Final = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}


def processor_seconds(command: Sequence[str]) -> float:
    """User and system time of a process and its children."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=subprocess.PIPE, env=os.environ | ONE_THREAD)
    assert process.stderr
    errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return used.ru_utime + used.ru_stime


def in_turns(commands: Mapping[str, Sequence[str]], runs: int) -> common.Times:
    """Processor seconds of each command, run in turns (A B C A B C ...) after a warm-up turn."""
    times: common.Times = {name: [] for name in commands}
    for turn in range(-1, runs):
        for name, command in commands.items():
            seconds = processor_seconds(command)
            if turn >= 0:
                times[name].append(seconds)
    return times


def table(title: str, commands: Mapping[str, Sequence[str]], base: str, runs: int) -> None:
    """Time the commands, and print their seconds and their ratios to one of them."""
    times = in_turns(commands, runs)
    rows = [(name, f"{statistics.median(times[name]):.3f}", common.ratio(times, name, base)) for name in commands]
    common.show(title, ("", "CPU s", f"times {base}"), rows)


def has(python: str, *modules: str) -> bool:
    """Whether an interpreter can import some modules."""
    code = f"import importlib.util as i, sys; sys.exit(not all(map(i.find_spec, {modules!r})))"
    return subprocess.run([python, "-c", code], check=False).returncode == 0


def others(python: str, folder: str, onnx: Path, rest: Sequence[str]) -> dict[str, list[str]]:
    """The commands of the other engines that are installed, for a sentence or a file of lines."""
    found: dict[str, list[str]] = {}
    script = str(HERE / "onnxruntime_here.py")
    if has(python, "onnxruntime"):
        if not onnx.exists() and has(python, "torch", "transformers"):
            done = subprocess.run([python, script, folder, str(onnx), "--export"], check=False, capture_output=True)
            if done.returncode:
                common.say(f"no onnxruntime: {done.stderr.decode()[-300:]}")
        if onnx.exists():
            found["onnxruntime"] = [python, script, folder, str(onnx), *rest]
    if has(python, "sentence_transformers"):
        found["sentence-transformers"] = [python, str(HERE / "sentence_transformers_here.py"), folder, *rest]
    return found


def make_gpt2(folder: Path) -> Path:
    """Write a GPT-2 with random weights, and a tokenizer whose words are one token each."""
    common.make_model(folder)
    rng = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "wte.weight": (common.ROWS, DIMS), "wpe.weight": (POSITIONS, DIMS),
        "ln_f.weight": (DIMS,), "ln_f.bias": (DIMS,),
    }  # fmt: skip
    for n in range(GPT2_LAYERS):
        for name, (inner, outer) in {
            "attn.c_attn": (DIMS, 3 * DIMS), "attn.c_proj": (DIMS, DIMS), "mlp.c_fc": (DIMS, 4 * DIMS),
            "mlp.c_proj": (4 * DIMS, DIMS),
        }.items():  # fmt: skip
            shapes |= {f"h.{n}.{name}.weight": (inner, outer), f"h.{n}.{name}.bias": (outer,)}
        shapes |= {f"h.{n}.{name}.{part}": (DIMS,) for name in ("ln_1", "ln_2") for part in ("weight", "bias")}
    with (folder / "model.safetensors").open("wb") as file:
        file.write(file_head({name: ("F32", shape) for name, shape in shapes.items()}, {"format": "pt"}))
        for shape in shapes.values():
            file.write((rng.standard_normal(shape, np.float32) * np.float32(0.02)).tobytes())
    config = (
        '{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": %d, "n_embd": %d, "n_layer": %d, '
        '"n_head": 12, "n_positions": %d, "layer_norm_epsilon": 1e-05}'
    )
    (folder / "config.json").write_text(config % (common.ROWS, DIMS, GPT2_LAYERS, POSITIONS))
    return folder


def memory(folder: str) -> None:
    """Print the memory that one sentence takes above `import numpy`."""
    commands = {
        "import numpy": [sys.executable, "-c", "import numpy"],
        "embgeo, float64": [sys.executable, str(HERE / "embgeo_here.py"), folder, "float64", SENTENCE],
        "embgeo, float32": [sys.executable, str(HERE / "embgeo_here.py"), folder, "float32", SENTENCE],
    }
    found = {name: common.peak_memory(command) for name, command in commands.items()}
    base = found["import numpy"]
    if base is None:
        return
    rows = [
        (name, f"{one.anonymous:.0f}", f"{one.anonymous - base.anonymous:.0f}") for name, one in found.items() if one
    ]
    common.show("Memory that is no file, MB", ("", "highest", "above import numpy"), rows)


def main() -> None:
    """Print every table."""
    parser = common.options(__doc__ or "", 5)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder")
    parser.add_argument("--python", default=sys.executable, help="interpreter of the other engines")
    parser.add_argument("--lines", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as place:
        os.environ["EMBGEO_HOME"] = str(Path(place) / "store")
        onnx, ours = Path(place) / "model.onnx", str(HERE / "embgeo_here.py")
        bare = [sys.executable, str(HERE / "numpy_alone.py"), args.folder]
        commands = {
            "NumPy alone": [*bare, "float32", SENTENCE],
            "embgeo": [sys.executable, ours, args.folder, "float32", SENTENCE],
            "embgeo, float64": [sys.executable, ours, args.folder, "float64", SENTENCE],
            "NumPy alone, float64": [*bare, "float64", SENTENCE],
            **others(args.python, args.folder, onnx, [SENTENCE]),
        }
        table("One sentence, whole process", commands, "NumPy alone", args.runs)
        memory(args.folder)
        file = Path(place) / "lines.txt"
        file.write_text("\n".join(lines(args.lines)) + "\n")
        rest = ["--lines", str(file)]
        commands = {
            "embgeo": [sys.executable, ours, args.folder, "float32", *rest],
            **others(args.python, args.folder, onnx, rest),
        }
        table(f"{args.lines:,} lines of 16 tokens, whole process", commands, "embgeo", max(1, args.runs // 2))
        gpt2, words = make_gpt2(Path(place) / "gpt2"), common.invented_words()
        text = " ".join(next(words) for _ in range(TOKENS))[:TOKENS]  # each byte is a token
        script = str(HERE / "gpt2_here.py")
        commands = {"embgeo": [sys.executable, script, str(gpt2), "embgeo", text]}
        if has(args.python, "torch", "transformers"):
            commands["PyTorch"] = [args.python, script, str(gpt2), "torch", text]
        table(f"GPT-2's shape, {TOKENS} tokens, whole process", commands, "embgeo", args.runs)


if __name__ == "__main__":
    main()
