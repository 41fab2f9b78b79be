"""Tensor names of each architecture: one row per family, and the rule that picks a tensor."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from embgeo.errors import ModelError, NoMatrixError, first_of
from embgeo.models.choice import EMBEDDING, POSITION, POSITIONS, Choice

if TYPE_CHECKING:  # that a model's name can be read without NumPy
    from embgeo.formats.safetensors import Header, Tensor


class Layout(NamedTuple):
    """Tensor names of one family, without the prefixes that task heads add.

    Attributes:
        family: its name on model cards.
        embedding: name of the input embedding.
        unembedding: name of the output matrix, if it can be separate.
        bare: the embedding's name never has a prefix.
        positions: name of the position embedding, if it is learned and stored.
        normalized: the sum of token and position is normalized before the first layer.
        head: pattern of the tensors of an encoder's output head. If a model has none of them, it has no unembedding.
            None for decoders, which always have one.
    """

    family: str
    embedding: str
    unembedding: str | None = None
    bare: bool = False
    positions: str | None = None
    normalized: bool = False
    head: str | None = None


NO_HEAD: Final = r"(?!)"  # matches nothing
BERT_HEAD: Final = (
    r"(^|\.)(cls\.predictions|predictions|lm_head|vocab_(transform|layer_norm|projector)|pred_layer|"
    r"generator_(lm_head|predictions))\."
)
# In order of preference if a file has several: T5's `shared` precedes its copies, which are called `embed_tokens`.
LAYOUTS: Final = (
    Layout("gpt2, gpt_neo, gpt_bigcode", "wte.weight", "lm_head.weight", positions="wpe.weight"),
    Layout("openai-gpt", "tokens_embed.weight", "lm_head.weight", positions="positions_embed.weight"),
    Layout("gpt_neox, pythia", "gpt_neox.embed_in.weight", "embed_out.weight"),
    Layout(
        "bert, roberta, distilbert, mpnet, esm", "embeddings.word_embeddings.weight",
        positions="embeddings.position_embeddings.weight", normalized=True, head=BERT_HEAD,
    ),
    Layout("modernbert", "embeddings.tok_embeddings.weight", head=r"(^|\.)(head\.dense|decoder)\."),
    Layout("bloom, falcon", "word_embeddings.weight", "lm_head.weight"),
    Layout("mamba", "backbone.embeddings.weight", "lm_head.weight"),
    Layout("mamba2", "backbone.embedding.weight", "lm_head.weight"),
    Layout(
        "clip text", "embeddings.token_embedding.weight", positions="embeddings.position_embedding.weight",
        head=NO_HEAD,
    ),
    Layout(
        "t5, bart", "shared.weight", "lm_head.weight",
        positions="encoder.embed_positions.weight", normalized=True, head=r"(^|\.)decoder\.",
    ),
    Layout(
        "llama, mistral, qwen, gemma, phi, deepseek, opt", "embed_tokens.weight", "lm_head.weight",
        positions="embed_positions.weight",
    ),
    Layout("model2vec", "embeddings", bare=True, head=NO_HEAD),
    Layout("static embedding", "embedding.weight", bare=True, head=NO_HEAD),
)  # fmt: skip

NO_EMBEDDING: Final = re.compile(r"position|token_type|vision|visual|experts|per_layer")
FLOATING: Final = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
WIDTH_KEYS: Final = ("hidden_size", "n_embd", "d_model", "dim", "embedding_size", "word_embed_proj_dim")
NO_POSITIONS: Final = re.compile(r"vision|visual|audio")
PATCH_POSITIONS: Final = re.compile(r"(^|\.)(vision_model\.embeddings\.position_embedding\.weight|"
                                    r"embeddings\.position_embeddings)$")  # fmt: skip


def candidates(names: Iterable[str], choice: Choice) -> list[str]:
    """Names of the tensors that may be the chosen matrix, the likeliest first."""
    names = list(names)
    if choice.tensor is not None:
        return [choice.tensor] if choice.tensor in names else []
    if choice.side == POSITION:
        return _position_embeddings(names, patches=choice.patches)
    if choice.side == "output" and (heads := unembeddings(names)):
        return heads
    fitting = ([name for name in names if _fits(name, layout) and not NO_EMBEDDING.search(name)] for layout in LAYOUTS)
    return list(dict.fromkeys(name for group in fitting for name in group))


def unembeddings(names: Iterable[str]) -> list[str]:
    """Names of the output matrices; none if input and output are tied, whatever the config says."""
    heads = {layout.unembedding for layout in LAYOUTS if layout.unembedding}
    return [name for name in names if any(_ends_with(name, head) for head in heads)]


def is_headless(names: Iterable[str], embedding: str) -> bool:
    """Whether a model with these tensors is an encoder without an output head, which has no unembedding."""
    head = next((layout.head for layout in LAYOUTS if _fits(embedding, layout)), None)
    return head is not None and not any(re.search(head, name) for name in names)


def is_normalized(positions: str) -> bool:
    """Whether a model whose position embedding has this name normalizes the sum of token and position."""
    return any(layout.normalized and _ends_with(positions, str(layout.positions)) for layout in LAYOUTS)


def _position_embeddings(names: list[str], *, patches: bool) -> list[str]:
    """Names of the position embeddings; an encoder's before its decoder's, a text's before an image's unless `patches`.

    Those of ViT, DeiT and DINOv2 are tensors [1, positions, dims].
    """
    vision = [name for name in names if PATCH_POSITIONS.search(name)]
    suffixes = (layout.positions for layout in LAYOUTS if layout.positions)
    fitting = ([n for n in names if _ends_with(n, suffix) and not NO_POSITIONS.search(n)] for suffix in suffixes)
    text = [name for group in fitting for name in group]
    return list(dict.fromkeys([*vision, *text] if patches else [*text, *vision]))


def choose(header: Header, config: Mapping[str, Any], file: str, choice: Choice = EMBEDDING) -> Tensor:
    """Pick the tensor [rows, dims] of a matrix.

    Args:
        header: header of the weights file.
        config: the model's config.json, `{}` if there is none.
        file: its name for error messages.
        choice: which matrix.

    Raises:
        NoMatrixError: no tensor fits.
        ModelError: several fit equally well.
    """
    if choice.tensor is not None:
        return _named(header, choice.tensor, file)
    names = candidates(header.tensors, choice) or _aliased(header, choice)
    tensors = (header.tensors[name] for name in names)
    if choice.side == POSITION:
        tensors = (flat(tensor) if len(tensor.shape) == 3 else tensor for tensor in tensors)
    matrices = [tensor for tensor in tensors if _is_matrix(tensor)]
    if choice.side == POSITION and matrices:
        return matrices[0]
    for fitting in _by_shape(matrices, config):
        if len(fitting) == 1 or (fitting and _family(fitting[0]) != _family(fitting[1])):
            return fitting[0]
    if not matrices:
        raise NoMatrixError(f"no {_what(choice)} found in '{file}'", _list_matrices(header, choice))
    listed = ", ".join(f"{tensor.name} {list(tensor.shape)}" for tensor in matrices)
    raise ModelError(f"several tensors of '{file}' could be the {_what(choice)}: {listed}", "Choose with --tensor.")


def _what(choice: Choice) -> str:
    return {"input": "token embedding", "output": "token unembedding"}.get(choice.side, "position embedding")


def _by_shape(matrices: list[Tensor], config: Mapping[str, Any]) -> Iterable[list[Tensor]]:
    """Selections from narrow to wide: the config's exact shape, at least its number of rows, all."""
    rows, dims = _shape(config)
    yield [tensor for tensor in matrices if tensor.shape == (rows, dims)]
    yield [tensor for tensor in matrices if rows is not None and tensor.shape[0] >= rows]
    yield matrices


def _family(tensor: Tensor) -> int:
    """Number of the first layout that a tensor's name fits."""
    return next((number for number, layout in enumerate(LAYOUTS) if _fits(tensor.name, layout)), -1)


def _fits(name: str, layout: Layout) -> bool:
    return name == layout.embedding if layout.bare else _ends_with(name, layout.embedding)


def _aliased(header: Header, choice: Choice) -> list[str]:
    """Tied tensors may be stored once; the file's metadata then maps the omitted name to the stored one."""
    omitted = candidates(header.metadata, choice)
    return [header.metadata[name] for name in omitted if header.metadata[name] in header.tensors]


def _is_matrix(tensor: Tensor) -> bool:
    return len(tensor.shape) == 2 and tensor.dtype in FLOATING


def is_filters(tensor: Tensor) -> bool:
    """Whether a tensor holds filters, as a vision transformer's patch embedding [filters, channels, height, width]."""
    return len(tensor.shape) == 4 and tensor.dtype in FLOATING


def flat(tensor: Tensor) -> Tensor:
    """The same numbers as a matrix: of [filters, ...] a row a filter, of [1, positions, dims] a row a position."""
    return tensor._replace(shape=matrix_shape(tensor.shape))


def matrix_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a tensor as a matrix, where it is one of filters or of positions."""
    if len(shape) == 3 and shape[0] == 1:
        return shape[1:]
    return (shape[0], math.prod(shape[1:])) if len(shape) == 4 else shape


def _ends_with(name: str, suffix: str) -> bool:
    return name == suffix or name.endswith("." + suffix)


def _shape(config: Mapping[str, Any]) -> tuple[int | None, int | None]:
    text = config.get("text_config")
    for table in (config, text if isinstance(text, dict) else {}):
        rows = table.get("vocab_size")
        if isinstance(rows, int):
            return rows, next((table[key] for key in WIDTH_KEYS if isinstance(table.get(key), int)), None)
    return None, None


def _named(header: Header, name: str, file: str) -> Tensor:
    tensor = header.tensors.get(name)
    if tensor is None:
        raise ModelError(f"'{file}' has no tensor '{name}'", _list_matrices(header))
    if is_filters(tensor):
        return flat(tensor)
    if not _is_matrix(tensor):
        raise ModelError(f"'{name}' in '{file}' is {tensor.dtype} {list(tensor.shape)}, not a matrix of floats")
    return tensor


def _list_matrices(header: Header, choice: Choice = EMBEDDING) -> str:
    names = [tensor.name for tensor in header.tensors.values() if _is_matrix(tensor)]
    if not names:
        return "It has no matrix of floats: is it a language model?"
    return f"Its matrices are {first_of(names)}{'.' if choice == POSITIONS else '; choose with --tensor.'}"
