"""Make the tiny vision transformers and protein model for the tests: random weights under the published names.

    python tools/make_tiny_vision.py

needs torch and transformers (5 or later). Each model gets a folder in tests/data/vision with config.json and
model.safetensors as transformers writes them; the protein model also the files of its tokenizer.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

import torch
import transformers

FOLDER: Final = Path(__file__).parent.parent / "tests" / "data" / "vision"
SIZES: Final[dict[str, Any]] = {
    "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "image_size": 12,
    "patch_size": 4,
}  # fmt: skip
TEXT: Final = {**SIZES, "vocab_size": 20, "max_position_embeddings": 6, "bos_token_id": 1, "eos_token_id": 2}
RESIDUES: Final = "L A G V S E R T I D P K Q N F Y M H W C X B U Z O . -".split()  # noqa: SIM905
TOKENS: Final = ["<cls>", "<pad>", "<eos>", "<unk>", *RESIDUES, "<null_1>", "<mask>"]  # as in the published ESM-2


def models() -> dict[str, Any]:
    """One model of each kind."""
    t = transformers
    return {
        "vit": t.ViTModel(t.ViTConfig(**SIZES), add_pooling_layer=False),
        "clip": t.CLIPModel(t.CLIPConfig(text_config=TEXT, vision_config=SIZES, projection_dim=8)),
        "siglip": t.SiglipVisionModel(t.SiglipVisionConfig(**{**SIZES, "image_size": 16})),
        "esm": t.EsmForMaskedLM(t.EsmConfig(
            vocab_size=len(TOKENS), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
            max_position_embeddings=12, pad_token_id=1, mask_token_id=32, position_embedding_type="rotary",
            token_dropout=True,
        )),
    }  # fmt: skip


if __name__ == "__main__":
    for name, model in models().items():
        torch.manual_seed(len(name))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn(parameter.shape))
        folder = FOLDER / name
        shutil.rmtree(folder, ignore_errors=True)
        model.half().save_pretrained(folder)
        for file in folder.iterdir():
            if file.name not in ("config.json", "model.safetensors"):
                file.unlink()
        if name == "esm":
            (folder / "vocab.txt").write_text("\n".join(TOKENS))
            settings = {"tokenizer_class": "EsmTokenizer", "model_max_length": 1024, "unk_token": "<unk>"}
            (folder / "tokenizer_config.json").write_text(json.dumps(settings) + "\n")
