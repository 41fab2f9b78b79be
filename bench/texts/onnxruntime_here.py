"""python onnxruntime_here.py FOLDER MODEL.onnx [--lines FILE | TEXT]: the same vector by onnxruntime.

Texts of equal length run together, 64 at a time, without padding, which is fastest.
With --export in place of texts, it writes MODEL.onnx by PyTorch and transformers.
"""

import sys
from itertools import groupby
from pathlib import Path

import numpy as np

AT_ONCE = 64


def export(folder, out):
    """Export a BERT that returns its last hidden states as ONNX."""
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()

    class Last(torch.nn.Module):
        """Only the hidden states."""

        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, ids, mask):
            return self.model(input_ids=ids, attention_mask=mask).last_hidden_state

    example = torch.randint(1000, 20000, (3, 9)), torch.ones(3, 9, dtype=torch.int64)
    axes = {0: torch.export.Dim("texts", min=1, max=1024), 1: torch.export.Dim("tokens", min=1, max=512)}
    torch.onnx.export(
        Last().eval(), example, out, input_names=["ids", "mask"], output_names=["states"],
        dynamic_shapes={"ids": axes, "mask": axes}, dynamo=True, external_data=False,
    )  # fmt: skip


def encode(folder, model, texts):
    """Vectors [texts, dims], shortest texts first."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(Path(folder, "tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    all_ids = [one.ids for one in tokenizer.encode_batch(texts)]
    order, vectors = sorted(range(len(texts)), key=lambda n: len(all_ids[n])), [None] * len(texts)
    for length, equal in groupby(order, key=lambda n: len(all_ids[n])):
        numbers = list(equal)
        for at in range(0, len(numbers), AT_ONCE):
            part = numbers[at : at + AT_ONCE]
            ids = np.array([all_ids[n] for n in part], np.int64)  # [texts, tokens]
            (states,) = session.run(["states"], {"ids": ids, "mask": np.ones((len(part), length), np.int64)})
            means = states.mean(1)  # [texts, tokens, dims] -> [texts, dims]
            for n, vector in zip(part, means / np.linalg.norm(means, axis=1, keepdims=True), strict=True):
                vectors[n] = vector
    return np.array(vectors)


folder, model, *rest = sys.argv[1:]
if rest[0] == "--export":
    export(folder, model)
else:
    texts = Path(rest[1]).read_text().splitlines() if rest[0] == "--lines" else rest
    print(encode(folder, model, texts)[0, :3])
