"""The forward pass: every family's states and logits equal those of transformers, and unknown settings are errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import erf

from embgeo.errors import EmbgeoError, FormatError, ModelError, UsageError
from embgeo.formats.safetensors import Place, file_head, map_tensor, read_header
from embgeo.numerics.dtypes import as_bytes, to_float32
from embgeo.transformer import forward
from embgeo.transformer.activations import activate
from embgeo.transformer.attention import Visibility, attend
from embgeo.transformer.families import ROWS
from embgeo.transformer.forward import Past, hidden_states, open_transformer
from embgeo.transformer.head import logits
from embgeo.transformer.rotary import alibi_slopes
from embgeo.transformer.settings import read_settings
from tiny_transformers import FAMILIES, FOLDER, LENGTHS, config, ids_of, places, relative, stored, tiny

EXACT = 1e-12
SINGLE = 2e-6  # float32; 7.5e-7 was the largest error measured


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("family", FAMILIES)
def test_states_are_those_of_transformers(family: str, length: int) -> None:
    """All layers agree in float64 to 1e-12, and in float32 to its own rounding."""
    expected = stored(family, f"states.{length}")
    assert expected is not None
    for dtype, bound in ((np.float64, EXACT), (np.float32, SINGLE)):
        found = np.stack(list(hidden_states(tiny(family, dtype), [ids_of(family, length)])))
        assert found.dtype == dtype
        assert relative(found, expected) < bound


@pytest.mark.parametrize("family", [name for name in FAMILIES if tiny(name).settings.family.causal])
def test_a_text_in_parts_gives_the_same_states(family: str) -> None:
    """With cached keys and values: 7 tokens, then 1, then 10, in both precisions."""
    ids, expected = ids_of(family, 18), stored(family, "states.18")
    assert expected is not None
    for dtype, close in ((np.float64, EXACT), (np.float32, 1e-4)):
        model, past = tiny(family, dtype), Past()
        parts = [np.stack(list(hidden_states(model, [ids[a:b]], past))) for a, b in ((0, 7), (7, 8), (8, 18))]
        assert relative(np.concatenate(parts, axis=1), expected) < close
        assert past.length == 18


def test_a_text_in_parts_has_the_same_limit() -> None:
    """The limit counts the tokens of all parts."""
    model, past = tiny("gpt2"), Past()
    list(hidden_states(model, [np.full(64, 5)], past))
    with pytest.raises(UsageError, match="65 tokens; the model takes at most 64"):
        next(hidden_states(model, [np.array([5])], past))


@pytest.mark.parametrize("family", [name for name in FAMILIES if stored(name, "logits.1") is not None])
def test_logits_are_those_of_transformers(family: str) -> None:
    """The unembedding, its bias, scale and cap."""
    model = tiny(family)
    for length in LENGTHS:
        *_, last = hidden_states(model, [ids_of(family, length)])
        expected = stored(family, f"logits.{length}")
        assert expected is not None
        assert relative(logits(model, last[-1:], expected.shape[1]), expected) < EXACT


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.slow
def test_a_batch_of_texts_gives_the_same_states(family: str) -> None:
    """Texts of several lengths in one pass don't see each other."""
    model, ids = tiny(family), ids_of(family, 18)
    texts = [ids[:5], ids[5:10], ids[10:11], ids, ids[2:7]]
    together = np.stack(list(hidden_states(model, texts)))
    alone = np.concatenate([np.stack(list(hidden_states(model, [one]))) for one in texts], axis=1)
    assert relative(together, alone) < EXACT


def test_blocks_give_the_same_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attention on few queries at a time, and conversion of few rows at a time."""
    for family in ("bert", "mistral", "bloom", "mpnet"):
        whole = np.stack(list(hidden_states(tiny(family), [ids_of(family, 18)])))
        with monkeypatch.context() as patch:
            patch.setattr("embgeo.transformer.attention.MAX_SCORES", 1)
            patch.setattr("embgeo.transformer.weights.BLOCK_NUMBERS", 1)
            in_blocks = np.stack(list(hidden_states(tiny(family), [ids_of(family, 18)])))
        assert relative(in_blocks, whole) < EXACT


def test_every_family_has_a_tiny_model() -> None:
    """Each family is selected by a config in tests/data; XLM-R is RoBERTa under another name."""
    chosen = {id(tiny(family).settings.family) for family in FAMILIES}
    chosen.add(id(read_settings(config("roberta") | {"model_type": "xlm-roberta"}).family))
    assert [row.type for row in ROWS if id(row) not in chosen] == []


@pytest.mark.parametrize("dtype", ["F32", "F64"])
@pytest.mark.parametrize("shift", [0, 1])
def test_dtypes_and_odd_addresses_change_nothing(tmp_path: Path, dtype: str, shift: int) -> None:
    """The same numbers in a wider dtype, and at odd addresses as in GPT-2's published file, give the same states."""
    file = FOLDER / "gpt2" / "model.safetensors"
    wide = {"F32": np.float32, "F64": np.float64}[dtype]
    arrays = {
        name: to_float32(np.asarray(map_tensor(file, tensor)), tensor.dtype).astype(wide)
        for name, tensor in read_header(file).tensors.items()
    }
    copy = tmp_path / "model.safetensors"
    head = file_head({name: (dtype, array.shape) for name, array in arrays.items()}, {"odd": "x" * shift}, align=1)
    copy.write_bytes(head + b"".join(as_bytes(array) for array in arrays.values()))
    found = {name: Place(copy, tensor) for name, tensor in read_header(copy).tensors.items()}
    for precision in (np.float64, np.float32):
        expected = list(hidden_states(tiny("gpt2", precision), [ids_of("gpt2", 18)]))[-1]
        model = open_transformer(config("gpt2"), found, precision)
        assert relative(list(hidden_states(model, [ids_of("gpt2", 18)]))[-1], expected) < 1e-6


def test_gelu_equals_scipys() -> None:
    """float64 is exact; float32's polynomial has an error below 2e-7."""
    x = np.concatenate([np.linspace(-12, 12, 200_001), np.geomspace(1e-20, 1, 1000)])
    expected = x * (1 + erf(x / np.sqrt(2))) / 2
    assert np.abs(activate(x.copy(), "gelu") - expected).max() < 1e-15
    single = activate(x.astype(np.float32), "gelu")
    assert (np.abs(single - expected) <= 2e-7 * np.maximum(1, np.abs(x))).all()


def test_alibi_slopes_of_the_paper() -> None:
    """Press et al. 2022: 8 heads have 1/2, 1/4, ..., 1/256; 12 heads take those and every other one of 16 heads."""
    assert alibi_slopes(8).tolist() == [2.0**-n for n in range(1, 9)]
    assert np.allclose(alibi_slopes(12)[8:], [2**-0.5, 2**-1.5, 2**-2.5, 2**-3.5])


LINEAR = {"type": "linear", "factor": 2}
OLD = {"rope_parameters": None}  # as before transformers 5
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "an unknown key": ("llama", {"num_experts": 8}, "num_experts = 8"),
    "an unknown value": ("gpt2", {"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx = true"),
    "a decoder made of an encoder": ("bert", {"is_decoder": True}, "is_decoder = true"),
    "relative positions": ("bert", {"position_embedding_type": "relative_key"}, "relative_key"),
    "yarn": ("llama", {"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "rope_theta": 1e4}}, "'yarn'"),
    "old yarn": ("mistral", OLD | {"rope_scaling": {"type": "yarn", "factor": 4.0}}, "'yarn'"),
    "longrope": ("phi3", OLD | {"rope_scaling": {"type": "longrope", "long_factor": [1.0]}}, "'longrope'"),
    "a key of rotary positions": (
        "llama-plain",
        OLD | {"rope_scaling": {"type": "linear", "factor": 2, "x": 1}},
        "x = 1",
    ),
    "no family": ("gpt2", {"model_type": "mamba"}, "'mamba'"),
    "an activation": ("bert", {"hidden_act": "mish"}, "'mish'"),
    "no width": ("bert", {"hidden_size": None}, "hidden_size"),
    "a width that is a text": ("bert", {"hidden_size": "16"}, 'hidden_size = "16"'),
    "a count by the name that the file has": ("gpt2", {"n_layer": -1}, "n_layer = -1"),
    "a number that no float64 holds": ("bert", {"layer_norm_eps": 10**400}, "layer_norm_eps = 1000"),
    "heads that don't divide": ("bert", {"num_attention_heads": 5}, "5 heads"),
    "types of other layers": ("gemma2", {"layer_types": ["full_attention"]}, "types of 1 layers, and has 2"),
    "a type of layer": ("gemma2", {"layer_types": ["full_attention", "linear_attention"]}, "'linear_attention'"),
    "too many layers": ("bert", {"num_hidden_layers": 3}, "layer 2 of 3"),
    "too few layers": ("bert", {"num_hidden_layers": 1}, "there is a layer 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_unknown_settings_are_errors(case: str) -> None:
    """The error names the setting, so that no other model is computed silently."""
    family, change, named = REFUSED[case]
    with pytest.raises(ModelError) as caught:
        open_transformer(config(family) | change, places(family))
    assert named in caught.value.message


def test_old_rotary_keys_are_those_of_transformers_5() -> None:
    """rope_theta, rope_scaling with `type`, and Gemma 3's two bases, as older files have them."""
    old = config("llama")
    new = old.pop("rope_parameters")
    scaled = {name: value for name, value in new.items() if name != "rope_theta"}
    assert read_settings(old | {"rope_theta": new["rope_theta"], "rope_scaling": scaled}) == tiny("llama").settings
    old = config("gemma3_text")
    two = old.pop("rope_parameters")
    old |= {"rope_theta": two["full_attention"]["rope_theta"], "rope_scaling": {"type": "linear", "factor": 8.0}}
    old |= {"rope_local_base_freq": two["sliding_attention"]["rope_theta"]}
    assert read_settings(old) == tiny("gemma3_text").settings


@pytest.mark.parametrize(
    ("name", "why"),
    [("h.0.attn.c_attn.weight", "lacks"), ("h.1.attn.c_attn.bias", "lacks"), ("wte.weight", "no tensor named")],
)
def test_a_missing_tensor_is_named(name: str, why: str) -> None:
    """A layer without a tensor that others have, or without one that the family has, is refused."""
    found = places("gpt2")
    del found[f"transformer.{name}"]
    with pytest.raises(ModelError, match=why):
        open_transformer(config("gpt2"), found)


def test_an_unused_tensor_is_an_error() -> None:
    """Qwen 3's query norms under Llama's name are an error; masks of older files are ignored."""
    found = places("qwen3")
    with pytest.raises(ModelError, match=r"self_attn\.[qk]_norm"):
        open_transformer(config("llama"), found)
    found = places("gpt2")
    masks = dict.fromkeys(("h.0.attn.bias", "h.1.attn.masked_bias"), found["transformer.wte.weight"])
    open_transformer(config("gpt2"), {**found, **{f"transformer.{name}": place for name, place in masks.items()}})


def test_a_config_with_wrong_sizes() -> None:
    """The error gives the tensor, its shape, and the shape that config.json implies."""
    model = open_transformer(config("bert") | {"intermediate_size": 48}, places("bert"))
    with pytest.raises(FormatError, match=r"intermediate\.dense\.weight' has shape \[24, 16\]; .* \[48, 16\]"):
        list(hidden_states(model, [np.array([3, 4])]))


def test_invalid_texts() -> None:
    """No tokens, more tokens than positions, or ids beyond the embedding."""
    model = tiny("bert")
    cases: list[tuple[Any, type[EmbgeoError], str]] = [
        (np.array([], int), UsageError, "without tokens"), (np.arange(65) % 30, UsageError, "65 tokens.* at most 64"),
        (np.array([3, 40]), FormatError, "40 rows, and row 40"),
    ]  # fmt: skip
    for ids, kind, why in cases:
        with pytest.raises(kind, match=why):
            list(hidden_states(model, [ids]))


def test_nan_in_a_layer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the layer."""
    real = forward.mlp

    def broken(model: Any, n: int, x: Any, then: Any) -> Any:
        return real(model, n, x, then) * (np.nan if n == 1 else 1)

    monkeypatch.setattr(forward, "mlp", broken)
    with pytest.raises(FormatError, match="layer 2 gives NaN"):
        list(hidden_states(tiny("gpt2"), [np.array([3, 4])]))


def test_every_float16_is_converted_as_in_numpy() -> None:
    """All 65,536 values, with subnormal numbers, infinities and NaN; contiguous and strided."""
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = halves[np.isfinite(halves)]
    for some in (halves, finite, finite[:1000].reshape(10, 100), finite[::3], finite[:0]):
        assert to_float32(some, "F16").tobytes() == some.astype(np.float32).tobytes()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_softmax_of_any_scores(dtype: Any) -> None:
    """Scores that would overflow exp, or make every weight 0, give the right weights."""
    rng = np.random.default_rng(0)
    for scale in (1.0, 30.0, 200.0, 3000.0):
        q, k, v = (rng.standard_normal((5, 2, 7, 4)).astype(dtype) for _ in range(3))
        k[1] = -np.abs(k[1])
        q[1] = np.abs(q[1])  # all its scores are negative
        scores = np.einsum("thqd,thkd->thqk", q, k).astype(np.float64) * scale
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        expected = weights / weights.sum(axis=-1, keepdims=True) @ v
        out = np.empty_like(q)
        attend(q, k, v, Visibility(causal=False, window=None, scale=scale), out)
        assert relative(out, expected) < (1e-12 if dtype is np.float64 else 1e-6 * scale)
