"""Make the tiny transformers that the tests run: random weights, and the states that transformers computes from them.

    python tools/make_tiny_transformers.py [FAMILY...]

needs torch and transformers (5 or later), which embgeo itself doesn't. Each family gets a folder in
tests/data/transformers with config.json and model.safetensors as transformers writes them, and states.safetensors: ids
of texts, their hidden states and logits in float64.

transformers computes rotary angles, softmax and RMSNorm in float32, whatever the model's dtype. So that the states are
exact to 1e-12, float32 means float64 here before transformers is imported.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import torch

torch.float32 = torch.float = torch.float64
torch.Tensor.float = torch.Tensor.double
torch.set_default_dtype(torch.float64)

import transformers  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

FOLDER: Final = Path(__file__).parent.parent / "tests" / "data" / "transformers"
SIZES: Final = {
    "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24,
    "max_position_embeddings": 64,
}  # fmt: skip
KV: Final = SIZES | {"num_key_value_heads": 2, "head_dim": 6}
ENDS: Final = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
LLAMA3: Final = {
    "rope_type": "llama3", "rope_theta": 500.0, "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}  # fmt: skip
PER_TYPE: Final = {
    "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
    "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000.0},
}
LOCAL: Final = {"layer_types": ["sliding_attention", "full_attention"], "sliding_window": 4}
# Name, class and config of each model; the name up to "-" is the family.
MODELS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "gpt2": ("GPT2LMHeadModel", {
        "vocab_size": 40, "n_embd": 16, "n_layer": 2, "n_head": 4, "n_positions": 64, "n_inner": 24, **ENDS,
    }),
    "bert": ("BertModel", {**SIZES, "pad_token_id": 0}),
    "roberta": ("RobertaModel", {**SIZES, "type_vocab_size": 1, "max_position_embeddings": 66}),
    "electra": ("ElectraModel", {**SIZES, "embedding_size": 8}),
    "mpnet": ("MPNetModel", {**SIZES, "max_position_embeddings": 66}),
    "distilbert": ("DistilBertModel", {
        "vocab_size": 40, "dim": 16, "n_layers": 2, "n_heads": 4, "hidden_dim": 24, "max_position_embeddings": 64,
    }),
    "modernbert": ("ModernBertModel", {
        **SIZES, **ENDS, "cls_token_id": 1, "sep_token_id": 2, "local_attention": 8, "num_hidden_layers": 3,
        "global_attn_every_n_layers": 2,
    }),
    "gpt_neo": ("GPTNeoForCausalLM", {
        "vocab_size": 40, "hidden_size": 16, "num_layers": 2, "num_heads": 4, "max_position_embeddings": 64,
        "attention_types": [[["global", "local"], 1]], "window_size": 4, **ENDS,
    }),
    "gptj": ("GPTJForCausalLM", {
        "vocab_size": 40, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 64, "rotary_dim": 4, "n_inner": 24,
        **ENDS,
    }),
    "gpt_neox": ("GPTNeoXForCausalLM", {**SIZES, **ENDS, "rotary_pct": 0.5}),
    "gpt_neox-serial": ("GPTNeoXForCausalLM", {**SIZES, **ENDS, "rotary_pct": 0.5, "use_parallel_residual": False}),
    "opt": ("OPTForCausalLM", {
        "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "ffn_dim": 24,
        "max_position_embeddings": 64, "word_embed_proj_dim": 16, **ENDS,
    }),
    "bloom": ("BloomForCausalLM", {"vocab_size": 40, "hidden_size": 24, "n_layer": 2, "n_head": 6, **ENDS}),
    "falcon": ("FalconForCausalLM", {
        "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, **ENDS,
    }),
    "falcon-new": ("FalconForCausalLM", {
        "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_kv_heads": 2,
        "new_decoder_architecture": True, **ENDS,
    }),
    "llama": ("LlamaForCausalLM", {**KV, **ENDS, "rope_parameters": LLAMA3}),
    "llama-plain": ("LlamaForCausalLM", {**SIZES, **ENDS, "attention_bias": True, "tie_word_embeddings": True}),
    "mistral": ("MistralForCausalLM", {**KV, **ENDS, "sliding_window": 4}),
    "qwen2": ("Qwen2ForCausalLM", {**SIZES, **ENDS, "num_key_value_heads": 2}),
    "qwen3": ("Qwen3ForCausalLM", {**KV, **ENDS}),
    "gemma": ("GemmaForCausalLM", {**KV, **ENDS}),
    "gemma2": ("Gemma2ForCausalLM", {**KV, **ENDS, **LOCAL, "query_pre_attn_scalar": 9}),
    "gemma3_text": ("Gemma3ForCausalLM", {
        **KV, **ENDS, **LOCAL, "rope_parameters": PER_TYPE, "query_pre_attn_scalar": 9,
    }),
    "phi": ("PhiForCausalLM", {**SIZES, **ENDS}),
    "phi3": ("Phi3ForCausalLM", {**SIZES, **ENDS, "num_key_value_heads": 2, "sliding_window": 4}),
    "stablelm": ("StableLmForCausalLM", {**SIZES, **ENDS, "num_key_value_heads": 2, "partial_rotary_factor": 0.5}),
    "starcoder2": ("Starcoder2ForCausalLM", {**SIZES, **ENDS, "num_key_value_heads": 2, "sliding_window": 4}),
    "olmo2": ("Olmo2ForCausalLM", {**SIZES, **ENDS, "num_key_value_heads": 2}),
    "granite": ("GraniteForCausalLM", {
        **SIZES, **ENDS, "num_key_value_heads": 2, "embedding_multiplier": 3.0, "residual_multiplier": 0.5,
        "attention_multiplier": 0.3, "logits_scaling": 2.0,
    }),
    "smollm3": ("SmolLM3ForCausalLM", {**SIZES, **ENDS, "num_key_value_heads": 2, "no_rope_layers": [1, 0]}),
    "bert-masked": ("BertForMaskedLM", {**SIZES, "pad_token_id": 0, "hidden_act": "relu"}),
    "roberta-masked": ("RobertaForMaskedLM", {**SIZES, "type_vocab_size": 1, "max_position_embeddings": 66}),
    "electra-masked": ("ElectraForMaskedLM", {**SIZES, "embedding_size": 8, "tie_word_embeddings": False}),
    "mpnet-masked": ("MPNetForMaskedLM", {**SIZES, "max_position_embeddings": 66}),
    "distilbert-masked": ("DistilBertForMaskedLM", {
        "vocab_size": 40, "dim": 16, "n_layers": 2, "n_heads": 4, "hidden_dim": 24, "max_position_embeddings": 64,
    }),
    "modernbert-masked": ("ModernBertForMaskedLM", {
        **SIZES, **ENDS, "cls_token_id": 1, "sep_token_id": 2, "local_attention": 8, "classifier_activation": "silu",
    }),
}  # fmt: skip
LENGTHS: Final = (1, 18)
STORED: Final = (torch.float16, torch.bfloat16)  # alternately; the states are those of the rounded weights


def make(name: str, kind: str, options: dict[str, Any], stored: torch.dtype) -> None:
    """Write one family's folder."""
    torch.manual_seed(len(name))
    model_class = getattr(transformers, kind)
    model = model_class(model_class.config_class(**options, attn_implementation="eager")).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # also biases and norms, which are initialized to 0 and 1
            noise = torch.randn(parameter.shape) * (0.3 if parameter.ndim > 1 else 0.2)
            parameter.copy_(((parameter if parameter.ndim == 1 else 0) + noise).to(stored).double())
    states = {}
    for length in LENGTHS:
        ids = torch.randint(3, 40, (1, length))
        with torch.no_grad():
            found = model(input_ids=ids, output_hidden_states=True)
        states[f"ids.{length}"] = ids[0].to(torch.int32)
        states[f"states.{length}"] = torch.stack([state[0] for state in found.hidden_states])
        if "logits" in found:
            states[f"logits.{length}"] = found.logits[0, -1:]
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    model.to(stored).save_pretrained(folder)
    for file in folder.iterdir():
        if file.name not in ("config.json", "model.safetensors"):
            file.unlink()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    save_file({key: value.contiguous() for key, value in states.items()}, folder / "states.safetensors")


if __name__ == "__main__":
    for number, (family, (cls, settings)) in enumerate(MODELS.items()):
        if len(sys.argv) == 1 or family in sys.argv[1:]:
            make(family, cls, settings, STORED[number % 2])
