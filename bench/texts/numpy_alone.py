"""MiniLM in bare NumPy: python numpy_alone.py FOLDER float32|float64 TEXT prints the first numbers of its vector.

The minimum that any program must do: tokenize the text, map the weights, and multiply.
"""

import json
import math
import mmap
import struct
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

HEADS = 12


def tensors(path, dtype):
    """Every tensor of a safetensors file of float32, mapped; in float64 a copy is made when it is used."""
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    found = {}
    for name, entry in header.items():
        if entry["dtype"] == "F32":
            count, start = math.prod(entry["shape"]), 8 + size + entry["data_offsets"][0]
            found[name] = np.frombuffer(data, np.float32, count, start).reshape(entry["shape"])
    return lambda name: found[name].astype(dtype, copy=False)


def norm(x, weight, bias):
    """LayerNorm of x [tokens, dims]."""
    x = x - x.mean(1, keepdims=True)
    return x / np.sqrt((x * x).mean(1, keepdims=True) + 1e-12) * weight + bias


def gelu(x):
    """GELU: in float64 by the C library's erf, in float32 by tanh of a polynomial."""
    if x.dtype == np.float64:
        flat = (x / math.sqrt(2)).ravel().tolist()
        return x * (0.5 + 0.5 * np.fromiter(map(math.erf, flat), float, len(flat)).reshape(x.shape))
    near = np.clip(x, -5.5, 5.5)
    square, power = near * near, np.float32(1.7562781229329971e-09)
    for coefficient in (-1.3226629391738243e-07, 3.964772986364551e-06, -5.530631460715085e-05,
                        -3.259475124650635e-05, 0.03633308410644531, 0.7978849411010742):  # fmt: skip
        power = power * square + np.float32(coefficient)
    return x * (0.5 + 0.5 * np.tanh(power * near))


def main(folder, dtype, text):
    """The vector of a text."""
    get = tensors(Path(folder, "model.safetensors"), np.dtype(dtype))
    tokenizer = Tokenizer.from_file(str(Path(folder, "tokenizer.json")))
    tokenizer.no_padding()
    ids = tokenizer.encode(text).ids
    start = "embeddings."
    x = get(start + "word_embeddings.weight")[ids] + get(start + "position_embeddings.weight")[: len(ids)]
    x = x + get(start + "token_type_embeddings.weight")[0]
    x = norm(x, get(start + "LayerNorm.weight"), get(start + "LayerNorm.bias"))
    for n in range(6):
        p = f"encoder.layer.{n}."

        def linear(x, name, p=p):
            return x @ get(f"{p}{name}.weight").T + get(f"{p}{name}.bias")

        q, k, v = (
            linear(x, f"attention.self.{name}").reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for name in ("query", "key", "value")
        )  # each [heads, tokens, head dims]
        scores = q @ k.swapaxes(1, 2) / x.dtype.type(math.sqrt(q.shape[2]))  # [heads, tokens, tokens]
        scores = np.exp(scores - scores.max(2, keepdims=True))
        mixed = (scores / scores.sum(2, keepdims=True) @ v).swapaxes(0, 1).reshape(len(ids), -1)
        name = "attention.output.LayerNorm"
        x = norm(x + linear(mixed, "attention.output.dense"), get(f"{p}{name}.weight"), get(f"{p}{name}.bias"))
        y = linear(gelu(linear(x, "intermediate.dense")), "output.dense")
        x = norm(x + y, get(p + "output.LayerNorm.weight"), get(p + "output.LayerNorm.bias"))
    vector = x.mean(0)
    print(vector[:3] / np.linalg.norm(vector))


if __name__ == "__main__":
    main(*sys.argv[1:4])
