"""The forward pass: token ids in, the hidden states of every layer out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from embgeo.errors import FormatError, UsageError
from embgeo.formats.safetensors import Place
from embgeo.numerics.dtypes import Ids
from embgeo.transformer.activations import Floats, activate
from embgeo.transformer.attention import Visibility, attend
from embgeo.transformer.norms import norm_of
from embgeo.transformer.rotary import distance_buckets, rotate
from embgeo.transformer.settings import Settings, read_settings
from embgeo.transformer.weights import RowCallback, Weights


class Transformer(NamedTuple):
    """A model's settings and its tensors."""

    settings: Settings
    weights: Weights


class Group(NamedTuple):
    """Texts of equal length that lie one after the other: rows `at` to `at + texts * length` of a state."""

    at: int
    texts: int
    length: int


class Past:
    """The keys and values of a text so far, so that its next tokens alone go through a decoder's layers.

    Attributes:
        length: how many tokens there have been.
        layers: of each layer, keys and values [2, 1, heads of keys, `length` or more, head dims].
    """

    def __init__(self) -> None:
        self.length = 0
        self.layers: dict[int, Floats] = {}

    def extended(self, n: int, k: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Layer n's keys and values with those of the next tokens, which are kept."""
        length = self.length + k.shape[2]
        if n not in self.layers or self.layers[n].shape[3] < length:
            longer = np.empty((2, *k.shape[:2], 2 * length, k.shape[3]), k.dtype)  # copied seldom: it doubles each time
            if n in self.layers:
                longer[:, :, :, : self.length] = self.layers[n][:, :, :, : self.length]
            self.layers[n] = longer
        known = self.layers[n][:, :, :, :length]  # [2, 1, heads of keys, length, head dims]
        known[0, :, :, self.length :], known[1, :, :, self.length :] = k, v
        return known[0], known[1]


def open_transformer(
    config: Mapping[str, Any], places: Mapping[str, Place], dtype: Any = np.float64, file: str = "config.json",
    depth: int | None = None,
) -> Transformer:  # fmt: skip
    """A transformer from its config.json and where its tensors are.

    Args:
        file: name of config.json in errors.
        dtype: float64 or float32, to compute in.
        depth: how many of its layers will be run, and must be there; None for all.

    Raises:
        ModelError: config.json or the layers hold what embgeo's pass doesn't know.
    """
    settings = read_settings(config, file)
    weights = Weights(places, settings.family, dtype)
    weights.check_layers(settings.layers, settings.layers if depth is None else depth)
    return Transformer(settings, weights)


def hidden_states(model: Transformer, texts: Sequence[Ids], past: Past | None = None) -> Iterator[Floats]:
    """The hidden states of texts, layer after layer.

    Args:
        texts: ids of each text; texts of equal length are fastest next to each other.
        past: of a decoder's one text, whose next tokens these are; they are added to it.

    Yields:
        [tokens of all texts, dims]: first the input of the first layer, then what each layer gives; the last is after
        the final norm, as in transformers.

    Raises:
        UsageError: an empty text, or one longer than the model's limit.
        FormatError: a tensor of another shape than config.json implies, or a layer that gives NaN or infinity.
    """
    settings = model.settings
    before = past.length if past else 0
    for ids in texts:
        check_length(settings, before + len(ids) if len(ids) else 0)
    groups, at = list[Group](), 0
    for length, equal in groupby(map(len, texts)):
        groups.append(Group(at, len(list(equal)), length))
        at += groups[-1].texts * length
    x = embed(model, texts, before)  # [tokens, dims]
    yield finite_or_raise(x, "the embedding")
    for n in range(settings.layers):
        x = finite_or_raise(layer(model, n, x, groups, past), f"layer {n + 1}")  # [tokens, dims]
        last = n + 1 == settings.layers
        if past and last:
            past.length += len(texts[0])
        yield finite_or_raise(final_norm(model, x), "the final norm") if last else x


def check_length(settings: Settings, tokens: int) -> None:
    """Raise an error for a text that is empty, or longer than the model's limit; errors as for `hidden_states`."""
    if not tokens:
        raise UsageError("a text without tokens", "Give at least one word.")
    if tokens > settings.limit:
        raise UsageError(f"a text of {tokens:,} tokens; the model takes at most {settings.limit:,}")


def finite_or_raise(x: Floats, where: str) -> Floats:
    """A state; a `FormatError` that says which layer gave it if it holds NaN or infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        whole = np.isfinite(x.sum())  # at once; the sum of finite numbers may overflow
    if not whole and not np.isfinite(x).all():
        raise FormatError(f"{where} gives NaN or infinity")
    return x


def embed(model: Transformer, texts: Sequence[Ids], before: int = 0) -> Floats:
    """The input of the first layer [tokens, dims]: tokens and positions added up, and normalized where that is done.

    Args:
        before: how many tokens of the text come before these.
    """
    (settings, weights), tensors = model, model.settings.family.tensors
    ids = np.concatenate(texts)  # [tokens]
    x = weights.rows(tensors.embedding, ids, settings.embedding_width)  # [tokens, embedding width]
    x = x * x.dtype.type(settings.embedding_scale)
    if tensors.positions:
        places = np.concatenate([_places(settings, one) for one in texts]) + before  # [tokens]
        x += weights.rows(tensors.positions, places, settings.embedding_width)
    if tensors.types and weights.has(f"{tensors.types}.weight"):
        x += weights.rows(tensors.types, np.zeros_like(ids), settings.embedding_width)  # every token is in segment 0
    x = norm(model, tensors.embedding_norm, x)
    if weights.has(f"{tensors.project_in}.weight"):
        x = weights.linear(x, tensors.project_in, settings.width)  # [tokens, embedding width] -> [tokens, dims]
    return x


def layer(model: Transformer, n: int, x: Floats, groups: Sequence[Group], past: Past | None = None) -> Floats:
    """One layer: [tokens, dims] -> [tokens, dims]."""
    tensors, residual = model.settings.family.tensors, model.settings.family.residual
    start = tensors.layer.format(n)

    def normed(name: str, x: Floats) -> Floats:
        return x if residual == "post" else norm(model, _in(start, name), x)

    y = normed(tensors.before_attention, x)
    y = attention(model, n, y, groups, past, then=_added(model, x, _in(start, tensors.after_attention)))
    x = normed(tensors.before_mlp, x if residual == "parallel" else y)
    return mlp(model, n, x, then=_added(model, y, _in(start, tensors.after_mlp)))


def _added(model: Transformer, x: Floats, name: str) -> RowCallback:
    """The sum of x [tokens, dims] and what attention or the MLP gives; its norm, or the sum with the norm of that."""
    settings = model.settings
    scale, post = settings.residual_scale, settings.family.residual == "post"
    normed = norm_of(*model, name, settings.width)

    def then(rows: slice, y: Floats) -> None:
        if not post:
            normed(y, out=y)
        if scale != 1:
            y *= scale
        y += x[rows]
        if post:
            normed(y, out=y)

    return then


def attention(
    model: Transformer, n: int, x: Floats, groups: Sequence[Group], past: Past | None = None,
    then: RowCallback | None = None,
) -> Floats:  # fmt: skip
    """What the tokens of each text take from each other: [tokens, dims] -> [tokens, dims]."""
    settings, family = model.settings, model.settings.family
    q, k, v = _queries_keys_values(model, n, x)  # each [tokens, heads, head dims]
    mixed = np.empty((len(x), settings.heads * settings.head_dim), x.dtype)  # [tokens, heads * head dims]
    for at, texts, length in groups:
        one_q, one_k, one_v, out = (
            y[at : at + texts * length].reshape(texts, length, -1, settings.head_dim).swapaxes(1, 2)
            for y in (q, k, v, mixed)
        )  # [texts, heads, length, head dims]
        if (turn := settings.rotary[n]) is not None:
            for y in (one_q, one_k):
                rotate(y, turn, pairs=family.pairs, first=past.length if past else 0)
        if past:
            one_k, one_v = past.extended(n, one_k, one_v)
        seen = Visibility(
            family.causal, settings.windows[n], settings.score_scale, settings.score_cap,
            family.positions == "alibi", _bias(model, length),
        )  # fmt: skip
        attend(one_q, one_k, one_v, seen, out)
    name = family.tensors.layer.format(n) + family.tensors.out
    return model.weights.linear(mixed, name, settings.width, then)  # [tokens, heads * head dims] -> [tokens, dims]


def mlp(model: Transformer, n: int, x: Floats, then: RowCallback | None = None) -> Floats:
    """What each token makes of itself: [tokens, dims] -> [tokens, inner] -> [tokens, dims]."""
    (settings, weights), tensors = model, model.settings.family.tensors
    start, inner = tensors.layer.format(n), settings.inner

    def active(rows: slice, y: Floats) -> None:
        activate(y, settings.activation)
        if gated is not None:
            y *= gated[rows]

    gated = None  # [tokens, inner]
    if tensors.gate_up:
        both = weights.linear(x, start + tensors.gate_up, 2 * inner)  # [tokens, 2 * inner]
        y = activate(np.ascontiguousarray(both[:, :inner]), settings.activation) * both[:, inner:]
    elif tensors.gate:
        gated = weights.linear(x, start + tensors.up, inner)
        y = weights.linear(x, start + tensors.gate, inner, active)
    else:
        y = weights.linear(x, start + tensors.up, inner, active)
    return weights.linear(y, start + tensors.down, settings.width, then)  # [tokens, inner] -> [tokens, dims]


def norm(model: Transformer, name: str, x: Floats) -> Floats:
    """A norm over the last axis; without a name, x itself."""
    return norm_of(*model, name, x.shape[-1])(x)


def final_norm(model: Transformer, x: Floats) -> Floats:
    """The norm after the last layer, where there is one."""
    return norm(model, model.settings.family.tensors.final_norm, x)


def _places(settings: Settings, ids: Ids) -> Ids:
    """Rows [length] of a text's positions in their table."""
    first = settings.family.first
    if first >= 0:
        return np.arange(len(ids)) + first
    real = ids != settings.padding  # RoBERTa counts from the padding token's id, and gives padding its row
    places: Ids = np.cumsum(real) * real + settings.padding
    return places


def _queries_keys_values(model: Transformer, n: int, x: Floats) -> tuple[Floats, Floats, Floats]:
    """Queries [tokens, heads, head dims], keys and values [tokens, heads of keys, head dims]."""
    (settings, weights), tensors = model, model.settings.family.tensors
    heads, kv, dims, start = settings.heads, settings.kv_heads, settings.head_dim, tensors.layer.format(n)
    if not tensors.qkv:
        q, k, v = (
            weights.linear(x, start + name, count * dims)
            for name, count in ((tensors.q, heads), (tensors.k, kv), (tensors.v, kv))
        )
    else:
        both = weights.linear(x, start + tensors.qkv, (heads + 2 * kv) * dims)  # [tokens, (heads + 2 kv) * head dims]
        if settings.family.qkv == "heads":
            apart = both.reshape(len(x), kv, heads // kv + 2, dims)
            q, k, v = apart[:, :, :-2], apart[:, :, -2], apart[:, :, -1]
        else:
            q, k, v = np.split(both, [heads * dims, (heads + kv) * dims], axis=1)
    if settings.family.qk_norm == "width":
        q, k = norm(model, _in(start, tensors.q_norm), q), norm(model, _in(start, tensors.k_norm), k)
    q, k, v = (y.reshape(len(x), -1, dims) for y in (q, k, v))
    if settings.family.qk_norm == "head":
        q, k = norm(model, _in(start, tensors.q_norm), q), norm(model, _in(start, tensors.k_norm), k)
    return q, k, v


def _in(start: str, name: str) -> str:
    return start + name if name else ""


def _bias(model: Transformer, length: int) -> Floats | None:
    """MPNet's biases of scores by distance [heads, length, length]."""
    (settings, weights), name = model, model.settings.family.tensors.bias_table
    if not name:
        return None
    table = weights.rows(name, np.arange(settings.buckets), settings.heads)  # [buckets, heads]
    return np.ascontiguousarray(np.moveaxis(table[distance_buckets(length, settings.buckets)], -1, 0))
