"""Models with wrong values in config.json or tensors: an error names them; never a crash, NaN or a wrong answer."""

from __future__ import annotations

import contextlib
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from conftest import Run
from embgeo.errors import EmbgeoError, ModelError, UsageError
from embgeo.formats.safetensors import Place, file_head, map_tensor, read_header
from embgeo.numerics.dtypes import as_bytes
from embgeo.transformer.forward import hidden_states, open_transformer
from embgeo.transformer.head import logits
from embgeo.transformer.settings import read_settings
from test_context import lettered
from tiny_transformers import config, places, tiny

WRONG = ("x", [1], {"a": 1}, -1, 1.5, 10**12, True)
MORE = ("rope_scaling", "rope_parameters", "layer_types", "sliding_window", "partial_rotary_factor", "head_dim")
FAMILIES = ("bert", "gemma3_text", "gpt_neo", "llama", "modernbert", "mpnet", "qwen2", "smollm3")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.slow
def test_wrong_values_are_refused(family: str) -> None:
    """Any value in place of a number or a list gives an answer or an error, in little memory."""
    for name, value in itertools.product((*config(family), *MORE), WRONG):
        with contextlib.suppress(EmbgeoError), np.errstate(all="ignore"):
            model = open_transformer({**config(family), name: value}, places(family))
            list(hidden_states(model, [np.arange(5)]))
    with pytest.raises(ModelError, match="expected a whole number from 1 to 10,000"):
        read_settings({**config("llama"), "num_hidden_layers": 2_000_000_000})


def test_null_is_the_default() -> None:
    """As in transformers, which writes null for unset options."""
    assert read_settings({**config("bert"), "add_cross_attention": None}) == read_settings(config("bert"))


def with_nan(folder: Path, family: str, *names: str) -> None:
    """Write a tiny model with words and a NaN in each of these tensors."""
    lettered(folder, family)
    file = folder / "model.safetensors"
    tensors = read_header(file).tensors
    arrays = {name: np.array(map_tensor(file, tensor)) for name, tensor in tensors.items()}
    for name in names:
        arrays[name].reshape(-1)[0] = 0x7FC0 if tensors[name].dtype == "BF16" else np.nan
    head = file_head({name: (tensors[name].dtype, array.shape) for name, array in arrays.items()}, {})
    file.write_bytes(head + b"".join(as_bytes(array) for array in arrays.values()))


@pytest.mark.parametrize(
    ("name", "where"),
    [("model.norm.weight", "the final norm"), ("lm_head.weight", "the unembedding"),
     ("model.layers.1.mlp.up_proj.weight", "layer 2")],
)  # fmt: skip
def test_the_error_names_where_nan_appears(run: Run, tmp_path: Path, name: str, where: str) -> None:
    """In a layer, the final norm or the unembedding: one line, exit code 4, and no NumPy warning."""
    with_nan(tmp_path, "llama", name)
    done = run("next", "ad ae", "-m", str(tmp_path))
    assert (done.returncode, done.stdout) == (4, "")
    assert f"{where} gives NaN or infinity" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_unembedding_is_an_error_unless_tied() -> None:
    """With untied embeddings a missing lm_head is an error; with tied ones the embedding is used."""
    tensors = {name: Place(*place) for name, place in places("llama").items() if name != "lm_head.weight"}
    untied = open_transformer({**config("llama"), "tie_word_embeddings": False}, tensors)
    *_, last = hidden_states(untied, [np.arange(5)])
    with pytest.raises(ModelError, match=r"no tensor 'lm_head\.weight'"):
        logits(untied, last, 40)
    assert logits(untied._replace(settings=untied.settings._replace(tied=True)), last, 40).shape == (5, 40)
    assert tiny("llama").settings == untied.settings


def test_invalid_options_of_next(run: Run, tmp_path: Path) -> None:
    """A negative seed and more steps than the model's limit are usage errors."""
    space = lettered(tmp_path, "llama")
    with pytest.raises(UsageError, match="invalid seed '-1'"):
        space.next("ad", steps=1, seed=-1)
    done = run("next", "ad", "-m", str(tmp_path), "--steps", str(10**15))
    assert (done.returncode, "takes at most 64" in done.stderr) == (2, True)
    assert json.loads(run("next", "ad", "-m", str(tmp_path), "--json").stdout)["tokens"][0]["text"] == "ad"
