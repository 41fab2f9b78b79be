"""config.json as the forward pass needs it; every key or value that the pass doesn't know is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from embgeo.errors import ModelError, any_of
from embgeo.transformer.activations import ACTIVATIONS
from embgeo.transformer.config import MAX_VALUE, Config, unknown_value
from embgeo.transformer.families import ROWS, Family
from embgeo.transformer.per_layer import rotary_of, windows_of
from embgeo.transformer.rotary import Rotary

MAX_LAYERS: Final = 10_000  # a number without bounds would be memory without bounds
MAX_BUCKETS: Final = 508  # a quarter of them is for exact distances, which end before 128


class Settings(NamedTuple):
    """The numbers of one model.

    Attributes:
        family: the row of `families.ROWS`.
        layers, width, heads, kv_heads, head_dim, inner: sizes; `kv_heads` of keys and values, `inner` of the MLP.
        embedding_width: of the embedding, which ELECTRA's and OPT's layers may not share.
        epsilon: added to variances.
        activation: of the MLP.
        limit: the most tokens of a text, for which positions are stored or trained.
        padding: the padding token's id, for positions that count from it.
        buckets: of MPNet's distances.
        windows: per layer, how far a token sees; None for everything.
        rotary: per layer; None for a layer without.
        embedding_scale, residual_scale, score_scale, logit_scale: factors of the embedding, of what layers add, of
            attention's scores and of logits.
        tied: whether the embedding is the unembedding of a model without one of its own.
        head_activation: of an encoder's head that predicts masked tokens.
        score_cap, logit_cap: scores and logits are squeezed between -cap and cap by tanh; None: not at all.
    """

    family: Family
    layers: int
    width: int
    embedding_width: int
    heads: int
    kv_heads: int
    head_dim: int
    inner: int
    epsilon: float
    activation: str
    limit: int
    padding: int
    buckets: int
    windows: tuple[int | None, ...]
    rotary: tuple[Rotary | None, ...]
    embedding_scale: float = 1.0
    residual_scale: float = 1.0
    score_scale: float = 1.0
    logit_scale: float = 1.0
    tied: bool = True
    head_activation: str = "gelu"
    score_cap: float | None = None
    logit_cap: float | None = None


def read_settings(values: Mapping[str, Any], file: str = "config.json") -> Settings:
    """Read a model's config.json.

    Args:
        file: its name in errors.

    Raises:
        ModelError: a family, a key or a value that the pass doesn't know; the message names it.
    """
    family = choose_family(values, file)
    given = {name: value for name, value in values.items() if value is not None}
    config = Config({**family.defaults, **given}, file)
    config.read.update(family.expects)
    width = config.count("hidden_size", "n_embd", "d_model", "dim")
    layers = config.counted("num_hidden_layers", "n_layer", "num_layers", "n_layers", least=1, most=MAX_LAYERS)
    heads = config.count("num_attention_heads", "n_head", "num_heads", "n_heads")
    kv_heads = _kv_heads(config, family, heads)
    head_dim = config.count("head_dim", default=width // heads or 1)
    if heads % kv_heads or (width % heads and "head_dim" not in values):
        raise ModelError(f"{file} has {width} dimensions, {heads} heads and {kv_heads} of keys, which don't divide")
    settings = Settings(
        family, layers, width, config.count("embedding_size", "word_embed_proj_dim", default=width),
        heads, kv_heads, head_dim,
        config.count("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size", "hidden_dim", default=4 * width),
        epsilon=config.number("layer_norm_eps", "rms_norm_eps", "layer_norm_epsilon", "norm_eps", "norm_epsilon"),
        activation=_activation(config), head_activation=_head_activation(config, family),
        limit=config.count("max_position_embeddings", "n_positions", "seq_length", default=1 << 30),
        padding=config.counted("pad_token_id", least=0, most=MAX_VALUE, default=1) if family.first < 0 else 0,
        buckets=config.counted("relative_attention_num_buckets", least=4, most=MAX_BUCKETS, default=32),
        windows=windows_of(config, family, layers), rotary=rotary_of(config, family, layers, head_dim),
    )  # fmt: skip
    if family.first < 0:  # RoBERTa's table begins with rows for padding
        settings = settings._replace(limit=settings.limit - settings.padding - 1)
    settings = _with_factors(config, settings)
    config.refuse_unread(family.type)
    return settings


def choose_family(values: Mapping[str, Any], file: str) -> Family:
    """The row whose type and expected values a config.json has.

    Raises:
        ModelError: no family, or a value that none of its rows expects.
    """
    kind = values.get("model_type")
    rows = [row for row in ROWS if row.type == kind]
    if not rows:
        raise ModelError(
            f"embgeo runs no layers of model_type '{kind!s:.40}' ({file})",
            f"It runs those of {any_of(dict.fromkeys(row.type for row in ROWS))}.",
        )
    for row in rows:
        if all(_as_expected(values, name, allowed) for name, allowed in row.expects.items()):
            return row
    name = next(name for name, allowed in rows[-1].expects.items() if not _as_expected(values, name, allowed))
    raise unknown_value(file, name, values[name], str(kind))


def _as_expected(values: Mapping[str, Any], name: str, allowed: tuple[Any, ...]) -> bool:
    value = values.get(name)
    return value is None or value in allowed


def _kv_heads(config: Config, family: Family, heads: int) -> int:
    if family.type == "falcon":
        config.read.add("multi_query")
        if config.get("new_decoder_architecture", default=False):
            return config.count("num_kv_heads", default=heads)
        config.read.add("num_kv_heads")
        return 1 if config.get("multi_query", default=True) else heads
    return config.count("num_key_value_heads", default=heads)


def _activation(config: Config) -> str:
    name = config.get("hidden_act", "hidden_activation", "activation_function", "activation")
    names = ("hidden_activation", "hidden_act") if config.values.get("hidden_activation") else ("hidden_act",)
    return _checked_activation(config, config.get(*names, default=name))


def _head_activation(config: Config, family: Family) -> str:
    """Of the head that predicts masked tokens."""
    name = family.mask_head.activation if family.mask_head else "gelu"
    if name.endswith("_activation"):
        return _checked_activation(config, config.get(name, default="gelu"))
    return name or _activation(config)


def _checked_activation(config: Config, name: Any) -> str:
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ModelError(f"{config.file} names the activation '{name!s:.40}'; embgeo knows {any_of(ACTIVATIONS)}")
    return name


def _with_factors(config: Config, settings: Settings) -> Settings:
    """The settings with the factors and caps that some families have."""
    gemma = settings.family.type.startswith("gemma")
    root = config.number("query_pre_attn_scalar", default=settings.head_dim) ** -0.5 if settings.family.scaled else 1.0
    caps = [
        config.number(name) if config.get(name, default=None) else None
        for name in ("attn_logit_softcapping", "final_logit_softcapping")
    ]
    return settings._replace(
        embedding_scale=settings.width**0.5 if gemma else config.number("embedding_multiplier", default=1.0),
        residual_scale=config.number("residual_multiplier", default=1.0),
        score_scale=config.number("attention_multiplier", default=root),
        logit_scale=1 / config.number("logits_scaling", default=1.0),
        tied=config.get("tie_word_embeddings", default=True) is not False, score_cap=caps[0], logit_cap=caps[1],
    )  # fmt: skip
