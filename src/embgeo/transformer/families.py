"""The families of transformers that embgeo runs: what their layers compute, and what their tensors are called.

One row per family. Everything else about a model, such as its width or its rotary angles, is in its config.json, which
`settings` reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple


class Tensors(NamedTuple):
    """Names of a family's tensors, without `.weight` and without the prefix that task heads add; "" for none.

    Attributes:
        layer: the beginning of the names of layer {}; the names from `before_attention` on follow it.
        embedding, positions, types: tables of tokens, learned positions and segments.
        embedding_norm: the norm of their sum.
        project_in: the map from the embedding's width to that of the layers.
        final_norm: the norm after the last layer.
        head: the unembedding, whose name has no prefix.
        before_attention, after_attention, before_mlp, after_mlp: norms.
        q, k, v: the projections, or `qkv`, all three in one.
        out: the projection after attention.
        q_norm, k_norm: norms of queries and keys.
        up, down: of the MLP; `gate` if it is gated, or `gate_up`, both in one.
        bias_table: MPNet's biases of attention by distance; without the layer's prefix.
    """

    layer: str
    embedding: str
    positions: str = ""
    types: str = ""
    embedding_norm: str = ""
    project_in: str = ""
    final_norm: str = ""
    head: str = "lm_head"
    before_attention: str = ""
    after_attention: str = ""
    before_mlp: str = ""
    after_mlp: str = ""
    q: str = ""
    k: str = ""
    v: str = ""
    qkv: str = ""
    out: str = ""
    q_norm: str = ""
    k_norm: str = ""
    up: str = ""
    gate: str = ""
    gate_up: str = ""
    down: str = ""
    bias_table: str = ""


class MaskHead(NamedTuple):
    """Names of the tensors that predict a masked token, which never have a prefix: dense, activation, norm, decoder.

    Attributes:
        dense, norm: without `.weight`.
        decoder: the map to the vocabulary; the embedding stands in for one that isn't stored.
        bias: of the decoder, by its full name.
        activation: `gelu`, or a key of config.json that names it; "" for that of the MLP.
    """

    dense: str
    norm: str
    decoder: str
    bias: str
    activation: str = "gelu"


class Family(NamedTuple):
    """What the layers of a family compute.

    Attributes:
        type: `model_type` in config.json.
        tensors: their names.
        causal: whether tokens see only those before them.
        residual: where the norms and sums are: `pre` (x + f(norm x)), `post` (norm(x + f(x))) or `parallel` (attention
            and MLP of the same x).
        norm: `layer` (LayerNorm), `rms`, or `rms+1` (RMSNorm by 1 + weight).
        positions: `learned`, `rotary`, `alibi` or `buckets` (MPNet's biases by distance, besides learned ones).
        first: row of position 0; -1: the row after the padding token's, as in RoBERTa.
        pairs: whether rotary positions turn neighboring dimensions, as in GPT-J, and not halves, as in GPT-NeoX.
        qkv: how one tensor holds queries, keys and values: `blocks` (q | k | v) or `heads` (per head of keys).
        transposed: whether weights are [in, out], as in GPT-2, and not [out, in].
        qk_norm: whether norms of queries and keys are over each `head` or the whole `width`.
        window: which layers see only a window: as `layer_types` says, `all`, `even`, or all but every Nth.
        scaled: whether scores are divided by the root of a head's width.
        expects: the values that the pass is for, of config keys that would change it.
        defaults: of config keys that published files leave out.
        mask_head: of an encoder, which some of its files have.
    """

    type: str
    tensors: Tensors
    causal: bool = True
    residual: str = "pre"
    norm: str = "layer"
    positions: str = "rotary"
    first: int = 0
    pairs: bool = False
    qkv: str = "blocks"
    transposed: bool = False
    qk_norm: str = "head"
    window: str = "types"
    scaled: bool = True
    expects: Mapping[str, tuple[Any, ...]] = MappingProxyType({})
    defaults: Mapping[str, Any] = MappingProxyType({})
    mask_head: MaskHead | None = None


BERT: Final = Tensors(
    "encoder.layer.{}.", "embeddings.word_embeddings", "embeddings.position_embeddings",
    "embeddings.token_type_embeddings", "embeddings.LayerNorm", head="",
    q="attention.self.query", k="attention.self.key", v="attention.self.value", out="attention.output.dense",
    after_attention="attention.output.LayerNorm", up="intermediate.dense", down="output.dense",
    after_mlp="output.LayerNorm",
)  # fmt: skip
ELECTRA: Final = BERT._replace(project_in="embeddings_project")
MPNET: Final = BERT._replace(
    types="", q="attention.attn.q", k="attention.attn.k", v="attention.attn.v", out="attention.attn.o",
    after_attention="attention.LayerNorm", bias_table="encoder.relative_attention_bias",
)  # fmt: skip
DISTILBERT: Final = Tensors(
    "transformer.layer.{}.", "embeddings.word_embeddings", "embeddings.position_embeddings",
    embedding_norm="embeddings.LayerNorm", head="",
    q="attention.q_lin", k="attention.k_lin", v="attention.v_lin", out="attention.out_lin",
    after_attention="sa_layer_norm", up="ffn.lin1", down="ffn.lin2", after_mlp="output_layer_norm",
)  # fmt: skip
MODERNBERT: Final = Tensors(
    "layers.{}.", "embeddings.tok_embeddings", embedding_norm="embeddings.norm", final_norm="final_norm", head="",
    before_attention="attn_norm", qkv="attn.Wqkv", out="attn.Wo", before_mlp="mlp_norm", gate_up="mlp.Wi",
    down="mlp.Wo",
)  # fmt: skip
GPT2: Final = Tensors(
    "h.{}.", "wte", "wpe", final_norm="ln_f", before_attention="ln_1", qkv="attn.c_attn", out="attn.c_proj",
    before_mlp="ln_2", up="mlp.c_fc", down="mlp.c_proj",
)  # fmt: skip
GPT_NEO: Final = GPT2._replace(
    qkv="", q="attn.attention.q_proj", k="attn.attention.k_proj", v="attn.attention.v_proj",
    out="attn.attention.out_proj",
)  # fmt: skip
GPT_J: Final = Tensors(
    "h.{}.", "wte", final_norm="ln_f", before_attention="ln_1", q="attn.q_proj", k="attn.k_proj", v="attn.v_proj",
    out="attn.out_proj", before_mlp="ln_1", up="mlp.fc_in", down="mlp.fc_out",
)  # fmt: skip
GPT_NEOX: Final = Tensors(
    "layers.{}.", "embed_in", final_norm="final_layer_norm", head="embed_out", before_attention="input_layernorm",
    qkv="attention.query_key_value", out="attention.dense", before_mlp="post_attention_layernorm",
    up="mlp.dense_h_to_4h", down="mlp.dense_4h_to_h",
)  # fmt: skip
OPT: Final = Tensors(
    "layers.{}.", "embed_tokens", "embed_positions", final_norm="final_layer_norm",
    before_attention="self_attn_layer_norm", q="self_attn.q_proj", k="self_attn.k_proj", v="self_attn.v_proj",
    out="self_attn.out_proj", before_mlp="final_layer_norm", up="fc1", down="fc2",
)  # fmt: skip
BLOOM: Final = Tensors(
    "h.{}.", "word_embeddings", embedding_norm="word_embeddings_layernorm", final_norm="ln_f",
    before_attention="input_layernorm", qkv="self_attention.query_key_value", out="self_attention.dense",
    before_mlp="post_attention_layernorm", up="mlp.dense_h_to_4h", down="mlp.dense_4h_to_h",
)  # fmt: skip
FALCON: Final = BLOOM._replace(embedding_norm="", before_mlp="input_layernorm")
LLAMA: Final = Tensors(
    "layers.{}.", "embed_tokens", final_norm="norm", before_attention="input_layernorm",
    q="self_attn.q_proj", k="self_attn.k_proj", v="self_attn.v_proj", out="self_attn.o_proj",
    before_mlp="post_attention_layernorm", gate="mlp.gate_proj", up="mlp.up_proj", down="mlp.down_proj",
)  # fmt: skip
QWEN3: Final = LLAMA._replace(q_norm="self_attn.q_norm", k_norm="self_attn.k_norm")
GEMMA2: Final = LLAMA._replace(
    after_attention="post_attention_layernorm", before_mlp="pre_feedforward_layernorm",
    after_mlp="post_feedforward_layernorm",
)  # fmt: skip
GEMMA3: Final = GEMMA2._replace(q_norm="self_attn.q_norm", k_norm="self_attn.k_norm")
OLMO2: Final = QWEN3._replace(
    before_attention="", after_attention="post_attention_layernorm", before_mlp="",
    after_mlp="post_feedforward_layernorm",
)  # fmt: skip
PHI: Final = LLAMA._replace(
    final_norm="final_layernorm", out="self_attn.dense", before_mlp="input_layernorm", gate="", up="mlp.fc1",
    down="mlp.fc2",
)  # fmt: skip
PHI3: Final = LLAMA._replace(
    q="", k="", v="", qkv="self_attn.qkv_proj", gate="", up="", gate_up="mlp.gate_up_proj"
)  # fmt: skip
STARCODER2: Final = LLAMA._replace(gate="", up="mlp.c_fc", down="mlp.c_proj")

BERT_HEAD: Final = MaskHead(
    "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder",
    "cls.predictions.bias", activation="",
)  # fmt: skip
ROBERTA_HEAD: Final = MaskHead("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias")
ELECTRA_HEAD: Final = MaskHead(
    "generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head", "generator_lm_head.bias"
)
DISTILBERT_HEAD: Final = MaskHead(
    "vocab_transform", "vocab_layer_norm", "vocab_projector", "vocab_projector.bias", activation=""
)
MODERNBERT_HEAD: Final = MaskHead("head.dense", "head.norm", "decoder", "decoder.bias", "classifier_activation")

ENCODER: Final = {"position_embedding_type": ("absolute",), "is_decoder": (False,), "add_cross_attention": (False,)}
ROWS: Final = (
    Family("gpt2", GPT2, positions="learned", transposed=True, expects={
        "scale_attn_weights": (True,), "scale_attn_by_inverse_layer_idx": (False,), "add_cross_attention": (False,),
    }, defaults={"activation_function": "gelu_new"}),
    Family("bert", BERT, causal=False, residual="post", positions="learned",
           expects=ENCODER, mask_head=BERT_HEAD),
    Family("roberta", BERT, causal=False, residual="post", positions="learned", first=-1,
           expects=ENCODER, mask_head=ROBERTA_HEAD),
    Family("xlm-roberta", BERT, causal=False, residual="post", positions="learned", first=-1,
           expects=ENCODER, mask_head=ROBERTA_HEAD),
    Family("electra", ELECTRA, causal=False, residual="post", positions="learned",
           expects=ENCODER, mask_head=ELECTRA_HEAD),
    Family("mpnet", MPNET, causal=False, residual="post", positions="buckets", first=-1,
           defaults={"relative_attention_num_buckets": 32}, mask_head=ROBERTA_HEAD),
    Family("distilbert", DISTILBERT, causal=False, residual="post", positions="learned",
           defaults={"layer_norm_eps": 1e-12}, mask_head=DISTILBERT_HEAD),
    Family("modernbert", MODERNBERT, causal=False, window="nth", mask_head=MODERNBERT_HEAD),
    Family("gpt_neo", GPT_NEO, positions="learned", window="neo", scaled=False),
    Family("gptj", GPT_J, residual="parallel", pairs=True),
    Family("gpt_neox", GPT_NEOX, residual="parallel", qkv="heads", expects={"use_parallel_residual": (True,)},
           defaults={"rotary_pct": 0.25}),
    Family("gpt_neox", GPT_NEOX, qkv="heads", expects={"use_parallel_residual": (False,)},
           defaults={"rotary_pct": 0.25}),
    Family("opt", OPT, positions="learned", first=2, expects={
        "do_layer_norm_before": (True,), "_remove_final_layer_norm": (False,), "layer_norm_elementwise_affine": (True,),
    }, defaults={"layer_norm_eps": 1e-5}),
    Family("bloom", BLOOM, positions="alibi", qkv="heads", expects={
        "apply_residual_connection_post_layernorm": (False,), "pretraining_tp": (1,),
    }, defaults={"hidden_act": "gelu_bloom"}),
    Family("falcon", FALCON, residual="parallel", qkv="heads", expects={
        "alibi": (False,), "new_decoder_architecture": (False,), "parallel_attn": (True,),
    }, defaults={"activation": "gelu"}),
    Family("falcon", FALCON._replace(before_attention="ln_attn", before_mlp="ln_mlp"), residual="parallel",
           qkv="heads", expects={
        "alibi": (False,), "new_decoder_architecture": (True,), "parallel_attn": (True, False),
        "num_ln_in_parallel_attn": (2, None),
    }, defaults={"activation": "gelu"}),
    Family("llama", LLAMA, norm="rms", expects={"pretraining_tp": (1,)}),
    Family("mistral", LLAMA, norm="rms", window="all"),
    Family("qwen2", LLAMA, norm="rms"),
    Family("qwen3", QWEN3, norm="rms"),
    Family("gemma", LLAMA, norm="rms+1"),
    Family("gemma2", GEMMA2, norm="rms+1", window="even"),
    Family("gemma3_text", GEMMA3, norm="rms+1", expects={"use_bidirectional_attention": (False,)}),
    Family("phi", PHI, residual="parallel", expects={"qk_layernorm": (False,)}),
    Family("phi3", PHI3, norm="rms", window="all"),
    Family("stablelm", LLAMA, expects={"qk_layernorm": (False,), "use_parallel_residual": (False,)},
           defaults={"partial_rotary_factor": 0.25}),
    Family("starcoder2", STARCODER2, window="all"),
    Family("olmo2", OLMO2, norm="rms", qk_norm="width"),
    Family("granite", LLAMA, norm="rms"),
    Family("smollm3", LLAMA, norm="rms"),
)  # fmt: skip


def is_needed(family: Family, name: str, depth: int, *, head: bool) -> bool:
    """Whether the first `depth` layers need the tensor of this full name.

    Args:
        head: whether what predicts tokens is needed too.
    """
    pattern = re.escape(family.tensors.layer).replace(r"\{\}", r"(\d+)")
    if match := re.search(rf"(?:^|\.){pattern}", name):
        return int(match[1]) < depth
    return head or not is_in_head(family, name)


def is_in_head(family: Family, name: str) -> bool:
    """Whether a tensor of this name is of what predicts tokens; no prefix stands before it."""
    if mask := family.mask_head:
        return name == mask.bias or name.rpartition(".")[0] in (mask.dense, mask.norm, mask.decoder)
    return bool(family.tensors.head) and name.startswith(f"{family.tensors.head}.")
