"""python sentence_transformers_here.py FOLDER [--lines FILE | TEXT]: the same vector by sentence-transformers."""

import sys
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

folder, *rest = sys.argv[1:]
texts = Path(rest[1]).read_text().splitlines() if rest[0] == "--lines" else rest
torch.set_num_threads(1)
print(SentenceTransformer(folder, device="cpu").encode(texts)[0, :3])
