"""Where each architecture keeps its embedding: one frozen row a family, and the rule that picks the tensor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from embgeo.errors import ModelError, UsageError
from embgeo.formats.safetensors import Header, Tensor


class Layout(NamedTuple):
    """Tensor names of one family; before them may stand whatever prefix a task head adds.

    Attributes:
        family: as model cards call it.
        embedding: the input embedding's name.
        unembedding: the output's, where a model of this family has one of its own.
        bare: the name stands alone, without any prefix.
        positions: the position embedding's, where one is learnt and stored.
    """

    family: str
    embedding: str
    unembedding: str | None = None
    bare: bool = False
    positions: str | None = None


# In the order in which they are preferred where a file holds several (T5's copies of `shared` come last).
LAYOUTS: Final = (
    Layout("gpt2, gpt_neo, gpt_bigcode", "wte.weight", "lm_head.weight", positions="wpe.weight"),
    Layout("openai-gpt", "tokens_embed.weight", "lm_head.weight", positions="positions_embed.weight"),
    Layout("gpt_neox, pythia", "gpt_neox.embed_in.weight", "embed_out.weight"),
    Layout(
        "bert, roberta, distilbert, mpnet, esm", "embeddings.word_embeddings.weight",
        positions="embeddings.position_embeddings.weight",
    ),
    Layout("modernbert", "embeddings.tok_embeddings.weight"),
    Layout("bloom, falcon", "word_embeddings.weight", "lm_head.weight"),
    Layout("mamba", "backbone.embeddings.weight", "lm_head.weight"),
    Layout("mamba2", "backbone.embedding.weight", "lm_head.weight"),
    Layout("clip text", "embeddings.token_embedding.weight", positions="embeddings.position_embedding.weight"),
    Layout("t5, bart", "shared.weight", "lm_head.weight", positions="encoder.embed_positions.weight"),
    Layout(
        "llama, mistral, qwen, gemma, phi, deepseek, opt", "embed_tokens.weight", "lm_head.weight",
        positions="embed_positions.weight",
    ),
    Layout("model2vec", "embeddings", bare=True),
    Layout("static embedding", "embedding.weight", bare=True),
)  # fmt: skip

NO_EMBEDDING: Final = re.compile(r"position|wpe|token_type|lm_head|embed_out|vision|visual|experts|per_layer")
FLOATING: Final = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
WIDTH_KEYS: Final = ("hidden_size", "n_embd", "d_model", "dim", "embedding_size", "word_embed_proj_dim")
NO_POSITIONS: Final = re.compile(r"vision|visual|audio")
POSITION: Final = "position"
SIDES: Final = ("input", "output", POSITION)


class Choice(NamedTuple):
    """Which matrix of a model is asked for.

    Attributes:
        side: `input`, the embedding; `output`, the unembedding (the embedding again where the two are tied); or
            `position`, the position embedding, whose words are the numbers of the positions (see `positions`).
        tensor: a tensor's own name, which overrides the side.
        file_format: of a vector file, where its content doesn't decide (`formats.detect.FORMATS`).
    """

    side: str = "input"
    tensor: str | None = None
    file_format: str | None = None

    @property
    def variant(self) -> str:
        """What tells the prepared form of this matrix from that of the embedding; empty for that."""
        form = f"+format={_quoted(self.file_format)}" if self.file_format else ""
        if self.tensor is not None:  # a tensor can be called as a side is
            return f"{form}+tensor={_quoted(self.tensor)}"
        return form if self.side == "input" else form + "+" + self.side

    def check(self) -> None:
        """Refuse a side that there is not.

        Raises:
            UsageError: none of `SIDES`, or positions by a tensor's name.
        """
        if self.side not in SIDES:
            raise UsageError(
                f"'{self.side}' is no side of a model", "Use input (embedding), output (unembedding) or position."
            )
        if self.side == POSITION and self.tensor is not None:
            raise UsageError("positions are found by the model's family, not by --tensor", "Leave out one of the two.")


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")  # bytes of a command line that are no text


EMBEDDING: Final = Choice()
POSITIONS: Final = Choice(POSITION)


def candidates(names: Iterable[str], choice: Choice) -> list[str]:
    """The tensor names that may hold what is asked for, the likeliest first; told from the names alone."""
    names = list(names)
    if choice.tensor is not None:
        return [choice.tensor] if choice.tensor in names else []
    if choice.side == POSITION:
        return _position_embeddings(names)
    if choice.side == "output" and (heads := unembeddings(names)):
        return heads
    fitting = ([name for name in names if _fits(name, layout) and not NO_EMBEDDING.search(name)] for layout in LAYOUTS)
    return list(dict.fromkeys(name for group in fitting for name in group))


def unembeddings(names: Iterable[str]) -> list[str]:
    """The names of output matrices; none where input and output are tied, whatever the config claims."""
    heads = {layout.unembedding for layout in LAYOUTS if layout.unembedding}
    return [name for name in names if any(_ends_with(name, head) for head in heads)]


def _position_embeddings(names: list[str]) -> list[str]:
    """As `candidates`; an encoder's before its decoder's."""
    known = (layout.positions for layout in LAYOUTS if layout.positions)
    fitting = ([n for n in names if _ends_with(n, known_name) and not NO_POSITIONS.search(n)] for known_name in known)
    return list(dict.fromkeys(name for group in fitting for name in group))


def choose(header: Header, config: Mapping[str, Any], file: str, choice: Choice = EMBEDDING) -> Tensor:
    """The tensor of shape [rows, dims] that is asked for.

    Args:
        header: of the file that is looked into.
        config: the model's config.json, `{}` where there is none.
        file: the name that errors give.
        choice: which one.

    Raises:
        ModelError: none, or several that nothing tells apart.
    """
    if choice.tensor is not None:
        return _named(header, choice.tensor, file)
    names = candidates(header.tensors, choice) or _aliased(header, choice)
    found = [header.tensors[name] for name in names if _is_matrix(header.tensors[name])]
    if choice.side == POSITION and found:
        return found[0]
    for fitting in _by_shape(found, config):
        if len(fitting) == 1 or (fitting and _family(fitting[0]) != _family(fitting[1])):
            return fitting[0]
    if not found:
        raise ModelError(f"no {_what(choice)} found in '{file}'", _list_matrices(header, choice))
    listed = ", ".join(f"{tensor.name} {list(tensor.shape)}" for tensor in found)
    raise ModelError(f"several tensors of '{file}' could be the {_what(choice)}: {listed}", "Choose with --tensor.")


def _what(choice: Choice) -> str:
    return {"input": "token embedding", "output": "token unembedding"}.get(choice.side, "position embedding")


def _by_shape(found: list[Tensor], config: Mapping[str, Any]) -> Iterable[list[Tensor]]:
    """Ever wider selections: exactly the config's shape, at least its number of rows, all."""
    rows, dims = _shape(config)
    yield [tensor for tensor in found if tensor.shape == (rows, dims)]
    yield [tensor for tensor in found if rows is not None and tensor.shape[0] >= rows]
    yield found


def _family(tensor: Tensor) -> int:
    """Which layout a tensor's name fits first."""
    return next((number for number, layout in enumerate(LAYOUTS) if _fits(tensor.name, layout)), -1)


def _fits(name: str, layout: Layout) -> bool:
    return name == layout.embedding if layout.bare else _ends_with(name, layout.embedding)


def _aliased(header: Header, choice: Choice) -> list[str]:
    """Tied tensors are written once, and the notes of the file say under which name: {left out: kept}."""
    left_out = candidates(header.metadata, choice)
    return [header.metadata[name] for name in left_out if header.metadata[name] in header.tensors]


def _is_matrix(tensor: Tensor) -> bool:
    return len(tensor.shape) == 2 and tensor.dtype in FLOATING


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
    if not _is_matrix(tensor):
        raise ModelError(f"'{name}' in '{file}' is {tensor.dtype} {list(tensor.shape)}, not a matrix of floats")
    return tensor


def _list_matrices(header: Header, choice: Choice = EMBEDDING) -> str:
    names = [tensor.name for tensor in header.tensors.values() if _is_matrix(tensor)]
    if not names:
        return "It has no matrix of floats at all: is this a language model?"
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"Its matrices are {', '.join(names[:5])}{more}" + (
        "." if choice == POSITIONS else "; choose with --tensor."
    )
