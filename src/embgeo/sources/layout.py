"""Where each architecture keeps its embedding: one frozen row a family, and the rule that picks the tensor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from embgeo.errors import ModelError
from embgeo.tensorfile import Header, Tensor


class Layout(NamedTuple):
    """Tensor names of one family, without the optional prefix that a task head puts before them."""

    family: str
    embedding: str
    unembedding: str | None


LAYOUTS: Final = (
    Layout("gpt2", "wte.weight", "lm_head.weight"),
    Layout("gpt_neox", "gpt_neox.embed_in.weight", "embed_out.weight"),
    Layout("llama", "embed_tokens.weight", "lm_head.weight"),
    Layout("bert", "embeddings.word_embeddings.weight", None),
    Layout("modernbert", "embeddings.tok_embeddings.weight", None),
    Layout("t5", "shared.weight", "lm_head.weight"),
    Layout("bloom", "word_embeddings.weight", "lm_head.weight"),
    Layout("mamba", "backbone.embeddings.weight", "lm_head.weight"),
    Layout("mamba2", "backbone.embedding.weight", "lm_head.weight"),
    Layout("clip", "text_model.embeddings.token_embedding.weight", None),
    Layout("model2vec", "embeddings", None),
    Layout("static", "embedding.weight", None),
)

NO_EMBEDDING: Final = re.compile(r"position|wpe|token_type|lm_head|embed_out|vision|visual|experts|per_layer")
FLOATING: Final = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
WIDTH_KEYS: Final = ("hidden_size", "n_embd", "d_model", "dim", "embedding_size", "word_embed_proj_dim")


def choose_embedding(header: Header, config: Mapping[str, Any], file: str, name: str | None = None) -> Tensor:
    """The tensor of shape [rows, dims] that holds the token embedding.

    Args:
        header: of the file that is looked into.
        config: the model's config.json, `{}` where there is none.
        file: the name that errors give.
        name: a tensor asked for by name, which ends the search.

    Raises:
        ModelError: none, or several that nothing tells apart.
    """
    if name is not None:
        return _named(header, name, file)
    found = [tensor for tensor in header.tensors.values() if _is_candidate(tensor)]
    wanted = _shape(config)
    exact = [tensor for tensor in found if tensor.shape == wanted]
    chosen = exact or found
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        raise ModelError(f"no token embedding found in '{file}'", _list_matrices(header))
    names = ", ".join(f"{tensor.name} {list(tensor.shape)}" for tensor in chosen)
    raise ModelError(f"several tensors of '{file}' could be the token embedding: {names}")


def is_tied(header: Header) -> bool:
    """Whether the file holds no unembedding of its own, whatever the config claims."""
    outputs = {layout.unembedding for layout in LAYOUTS if layout.unembedding}
    return not any(_ends_with(name, output) for name in header.tensors for output in outputs)


def _is_candidate(tensor: Tensor) -> bool:
    fits = len(tensor.shape) == 2 and tensor.dtype in FLOATING and not NO_EMBEDDING.search(tensor.name)
    return fits and any(_ends_with(tensor.name, layout.embedding) for layout in LAYOUTS)


def _ends_with(name: str, suffix: str) -> bool:
    return name == suffix or name.endswith("." + suffix)


def _shape(config: Mapping[str, Any]) -> tuple[int, int] | None:
    text = config.get("text_config")
    for table in (config, text if isinstance(text, dict) else {}):
        rows = table.get("vocab_size")
        dims = next((table[key] for key in WIDTH_KEYS if isinstance(table.get(key), int)), None)
        if isinstance(rows, int) and dims is not None:
            return rows, dims
    return None


def _named(header: Header, name: str, file: str) -> Tensor:
    tensor = header.tensors.get(name)
    if tensor is None:
        raise ModelError(f"'{file}' has no tensor '{name}'", _list_matrices(header))
    if len(tensor.shape) != 2 or tensor.dtype not in FLOATING:
        raise ModelError(f"'{name}' in '{file}' is {tensor.dtype} {list(tensor.shape)}, not a matrix of floats")
    return tensor


def _list_matrices(header: Header) -> str:
    names = [t.name for t in header.tensors.values() if len(t.shape) == 2 and t.dtype in FLOATING]
    if not names:
        return "It has no matrix of floats at all: is this a language model?"
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"Its matrices are {', '.join(names[:5])}{more}."
