"""A small model for the loopback Hub, and transfer settings without long waits."""

from __future__ import annotations

import json
import os

from embgeo.models.hub.transfer import Transfer
from fakehub import safetensors_bytes

QUICK = Transfer(first=1024, chunk=32_768, workers=3, wait=0.01, longest_wait=0.5, timeout=1.0)
ROWS, DIMS = 512, 64
MATRIX = os.urandom(ROWS * DIMS * 4)
CONFIG = json.dumps({"vocab_size": ROWS, "n_embd": DIMS}).encode()
TOKENIZER = json.dumps({"model": {"vocab": {"a": 0}}, "notes": "." * 1_800}).encode()
LARGE_NAME = "model.safetensors"
LARGE = frozenset({LARGE_NAME})
NAMES = ("config.json", "tokenizer.json", LARGE_NAME)


def model_files(matrix: bytes = MATRIX, **more: bytes) -> dict[str, bytes]:
    """The files of a small GPT-2 whose embedding is a third of the weights."""
    tensors = {
        "h.0.attn.c_attn.weight": ("F32", (DIMS, 512), bytes(DIMS * 512 * 4)),
        "wte.weight": ("F32", (ROWS, DIMS), matrix),
        "wpe.weight": ("F32", (ROWS, DIMS), bytes(ROWS * DIMS * 4)),
    }
    weights = safetensors_bytes(tensors)
    return {"config.json": CONFIG, "tokenizer.json": TOKENIZER, "model.safetensors": weights, **more}
