"""Count the requests and bytes of `embgeo pull gpt2` with a loopback Hub.

    python bench/wire.py

The Hub serves a GPT-2-shaped model as openai-community/gpt2: a random embedding behind 394 MB of other tensors, which
must not be downloaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import common
from embgeo.formats.safetensors import map_tensor, read_header

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from fakehub import FakeHub, safetensors_bytes

REST = 393_600_000  # bytes of GPT-2's other tensors


def main() -> None:
    """Serve the model, pull it and run a query, and count both."""
    with common.chosen_model(None) as model, FakeHub() as hub, tempfile.TemporaryDirectory() as home:
        files = published(Path(model))
        hub.add("openai-community/gpt2", files, lfs={"model.safetensors"})
        environment = {**os.environ, **hub.env(f"{home}/hf"), "EMBGEO_HOME": f"{home}/store"}
        environment.pop("HF_HUB_OFFLINE", None)
        needed = len(files["tokenizer.json"]) + len(files["config.json"]) + header_and_matrix(Path(model))
        rows = [count(hub, environment, command, needed) for command in (["pull", "gpt2"], ["neighbors", "cat"])]
        common.show("embgeo and a loopback Hub", ("", "requests", "bytes", "by what is needed"), rows)


def published(folder: Path) -> dict[str, bytes]:
    """The model's files as published on the Hub, with the embedding as the last tensor of a large file."""
    weights = folder / "model.safetensors"
    tensor = read_header(weights).tensors["wte.weight"]
    matrix = map_tensor(weights, tensor).tobytes()
    tensors = {"h.0": ("U8", (REST,), bytes(REST)), "wte.weight": ("F32", tensor.shape, matrix)}
    small = {name: (folder / name).read_bytes() for name in ("config.json", "tokenizer.json")}
    return {**small, "model.safetensors": safetensors_bytes(tensors)}


def header_and_matrix(folder: Path) -> int:
    """Size in bytes of the weights' header and embedding."""
    return (folder / "model.safetensors").stat().st_size


def count(hub: FakeHub, environment: dict[str, str], command: list[str], needed: int) -> tuple[str, str, str, str]:
    """Run a command; returns its requests, bytes, and bytes divided by those needed."""
    requests, sent = len(hub.log), hub.sent()
    subprocess.run([sys.executable, "-m", "embgeo", *command], env=environment, check=True, capture_output=True)
    cost = hub.sent() - sent
    return " ".join(command), str(len(hub.log) - requests), f"{cost:,}", f"{cost / needed:.4f}"


if __name__ == "__main__":
    main()
