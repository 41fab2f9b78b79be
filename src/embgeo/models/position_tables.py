"""Position embeddings, according to config.json: which models store none and why, and which row is position 0."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from embgeo.errors import NoMatrixError
from embgeo.formats.safetensors import Tensor
from embgeo.formats.token_marks import NO_MARK, Scheme
from embgeo.formats.token_table import Entry, TokenTable, build_table
from embgeo.models.choice import POSITION
from embgeo.models.manifest import Located, Origin

ROTARY: Final = "are rotary (RoPE): they rotate queries and keys inside each layer"
ALIBI: Final = "are linear biases (ALiBi) that attention subtracts, in proportion to distance"
RELATIVE: Final = "are relative: attention uses distances inside each layer"
SINUSOIDAL: Final = "are fixed sinusoids, computed and not learned"
RECURRENT: Final = "are implicit: it reads one token after the other"

# By config.json's model_type.
STORED_NOWHERE: Final = {
    name: kind
    for kind, names in {
        ROTARY: "arcee baichuan bamba chatglm codegen cohere cohere2 dbrx deepseek deepseek_v2 deepseek_v3 diffllama "
        "ernie4_5 eurobert exaone exaone4 falcon gemma gemma2 gemma3 gemma3_text gemma3n_text glm glm4 gpt_neox "
        "gpt_neox_japanese gpt_oss gptj granite granitemoe helium internlm internlm2 jetmoe llama llama4_text minicpm "
        "minimax ministral mistral mixtral modernbert modernbert-decoder nemotron nomic_bert olmo olmo2 olmo3 olmoe "
        "persimmon phi phi3 phimoe qwen qwen2 qwen2_moe qwen3 qwen3_moe roformer seed_oss smollm3 stablelm starcoder2",
        ALIBI: "bloom mpt",
        RELATIVE: "deberta deberta-v2 longt5 mt5 pop2piano switch_transformers t5 transfo-xl umt5 xlnet",
        SINUSOIDAL: "ctrl fsmt m2m_100 marian nllb-moe pegasus xglm",
        RECURRENT: "falcon_mamba mamba mamba2 rwkv xlstm",
    }.items()
    for name in names.split()
}
ROTARY_KEYS: Final = (
    "partial_rotary_factor", "rope_parameters", "rope_scaling", "rope_theta", "rotary_dim", "rotary_emb_base",
    "rotary_pct",
)  # fmt: skip
DECLARED: Final = {
    "rotary": ROTARY, "rope": ROTARY, "alibi": ALIBI, "relative_key": RELATIVE, "relative_key_query": RELATIVE,
    "sinusoidal": SINUSOIDAL,
}  # fmt: skip

# Families whose tables begin with rows that are not positions: two rows (as in BART), or all rows up to and including
# the padding token's (as in RoBERTa, after fairseq).
TWO_FIRST: Final = frozenset({"bart", "biogpt", "mbart", "mvp", "nystromformer", "opt", "plbart", "yoso"})
PADDING_FIRST: Final = frozenset({
    "camembert", "data2vec-text", "esm", "ibert", "layoutlmv3", "lilt", "longformer", "luke", "markuplm", "mpnet",
    "roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod",
})  # fmt: skip


def check_stored(config: Mapping[str, Any], model: str) -> None:
    """Check that a model does not declare another kind of positions than an embedding.

    Args:
        config: its config.json, `{}` if there is none.
        model: its name for the error message.

    Raises:
        NoMatrixError: the model stores no position embedding; the message says what its positions are instead.
    """
    if why := next(filter(None, map(_stored_nowhere, _tables(config))), ""):
        raise NoMatrixError(
            f"'{model}' stores no position embedding: its positions {why}",
            "Its token embedding is all that goes into the first layer.",
        )


def locate_positions(origin: Origin, matrix: Path, tensor: Tensor, config: Mapping[str, Any]) -> Located:
    """Describe a position embedding on disk.

    Args:
        matrix, tensor: file and tensor.
        config: the model's config.json.
    """
    first = min(_first_row(config), tensor.shape[0])
    table = position_table(tensor.shape[0], first)
    scale = math.sqrt(tensor.shape[1]) if config.get("scale_embedding") is True else 1.0
    return Located(*origin, matrix, tensor, None, None, POSITION, table=table, scale=scale)


def locate_numbered(origin: Origin, matrix: Path, tensor: Tensor) -> Located:
    """Describe a matrix whose rows have numbers from 0 for names, such as filters."""
    return Located(*origin, matrix, tensor, None, None, table=position_table(tensor.shape[0], 0))


def position_table(rows: int, first: int) -> TokenTable:
    """The vocabulary of a position embedding: row `first` is 0, the next 1; rows before it have no token."""
    names = ((row, str(row - first)) for row in range(first, rows))
    return build_table((Entry(row, name, name.encode()) for row, name in names), rows, Scheme(NO_MARK))


def _tables(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The config, and that of the text model if it is multimodal."""
    yield config
    if isinstance(text := config.get("text_config"), dict):
        yield text


def _stored_nowhere(config: Mapping[str, Any]) -> str:
    """What the positions are if they are not rows of a matrix; empty if they may be."""
    attention = config.get("attn_config")  # MPT's
    alibi = config.get("alibi", attention.get("alibi") if isinstance(attention, dict) else None)
    if alibi is True:
        return ALIBI
    declared, kind = config.get("position_embedding_type"), config.get("model_type")
    if isinstance(declared, str) and declared in DECLARED:
        return DECLARED[declared]
    if config.get("sinusoidal_embeddings") is True:  # XLM's and Flaubert's
        return SINUSOIDAL
    if config.get("position_biased_input") is True or (kind == "mpt" and alibi is False):
        return ""
    if isinstance(kind, str) and kind in STORED_NOWHERE:
        return STORED_NOWHERE[kind]
    return ROTARY if any(config.get(key) is not None for key in ROTARY_KEYS) else ""


def _first_row(config: Mapping[str, Any]) -> int:
    kind, padding = str(config.get("model_type")), config.get("pad_token_id", 1)
    if kind in TWO_FIRST:
        return 2
    if kind in PADDING_FIRST:
        return padding + 1 if isinstance(padding, int) and padding >= 0 else 2
    return 0
