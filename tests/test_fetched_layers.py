"""Layers from the Hub: their size, fetching some of them, verifying and removing them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embgeo import EmbeddingSpace, load
from embgeo.cli.main import run as run_here
from embgeo.formats.safetensors import map_tensor, read_header
from embgeo.questions.info import info
from embgeo.questions.models import models
from embgeo.questions.verify import verify
from embgeo.results.info import Info, Survey
from fakehub import FakeHub
from test_context import lettered
from test_layers import sentence_model

TEXTS = ["ad ae af", "ag ae"]


def lettered_files(folder: Path, family: str = "gpt2") -> dict[str, bytes]:
    """The files of a tiny model whose words are two letters."""
    lettered(folder, family)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "states.safetensors"}


def tensor_sizes(folder: Path) -> dict[str, int]:
    """Bytes of each tensor of a model's folder."""
    return {name: one.stop - one.start for name, one in read_header(folder / "model.safetensors").tensors.items()}


def fetched_bytes(hub: FakeHub) -> int:
    """Bytes of tensors that the Hub served: all ranges except those that start at 0, with the header."""
    spans = [
        request.range.removeprefix("bytes=").split("-")
        for request in hub.log
        if request.origin == "cdn" and request.range
    ]
    return sum(int(last) - int(first) + 1 for first, last in spans if first != "0")


@pytest.fixture
def tiny(tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A tiny GPT-2 on the Hub as org/tiny; the sizes of its tensors."""
    hub.add("org/tiny", lettered_files(tmp_path / "model"), lfs={"model.safetensors"})
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    return tensor_sizes(tmp_path / "model")


def test_info_gives_the_size_of_the_layers(tiny: dict[str, int], hub: FakeHub) -> None:
    """`info` gives the size of the layers before the model, or before they, are fetched, and after."""
    needed = sum(tiny.values()) - tiny["transformer.wte.weight"]
    before = info("org/tiny")
    assert isinstance(before, Survey)
    assert before.layer_bytes == needed
    space = load("org/tiny")
    hub.log.clear()
    alone = info("org/tiny")
    assert isinstance(alone, Info)
    assert (alone.layer_bytes, alone.layer_bytes_here, hub.log) == (needed, 0, [])
    space.hidden_states("ad")
    assert fetched_bytes(hub) == needed
    whole = info("org/tiny")
    assert isinstance(whole, Info)
    assert (whole.layer_bytes, whole.layer_bytes_here) == (needed, needed)


def test_info_of_models_without_layers(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """The size is null for word vectors and other matrices; local layers count as fetched."""
    vectors = tmp_path / "two.vec"
    vectors.write_text("2 2\ncat 1 2\ndog 3 4\n")
    assert load(vectors).info().layer_bytes is None
    assert load("minilm", side="position").info().layer_bytes is None
    assert minilm.info().layer_bytes == minilm.info().layer_bytes_here > 20_000_000
    sizes = tensor_sizes(lettered(tmp_path / "model", "llama").place and tmp_path / "model")
    result = load(tmp_path / "model").info()
    assert result.layer_bytes == sum(sizes.values()) - sizes["model.embed_tokens.weight"]


def test_only_named_layers_are_fetched(tiny: dict[str, int], hub: FakeHub, tmp_path: Path) -> None:
    """Only the named layers are fetched, the others later, none twice; the numbers are those of the whole model."""
    expected = load(tmp_path / "model").context(TEXTS, "ae", near="none")
    space = load("org/tiny")
    hub.log.clear()
    first = space.context(TEXTS, "ae", layers="0-1", near="none")
    second_layer = sum(size for name, size in tiny.items() if ".h.1." in name)
    rest = sum(tiny.values()) - tiny["transformer.wte.weight"] - second_layer
    assert fetched_bytes(hub) == rest
    result = info("org/tiny")
    assert isinstance(result, Info)
    assert result.layer_bytes == rest + second_layer
    assert result.layer_bytes_here == rest
    hub.log.clear()
    again = space.context(TEXTS, "ae", layers="1", near="none")
    assert (again.layers[0], hub.log) == (first.layers[1], [])
    assert [layer.cosines for layer in first.layers] == [layer.cosines for layer in expected.layers[:2]]
    assert [layer.unrelated for layer in first.layers] == [layer.unrelated for layer in expected.layers[:2]]
    whole = space.context(TEXTS, "ae", near="none")
    assert fetched_bytes(hub) == second_layer
    assert whole.layers == expected.layers


def test_words_are_run_up_to_the_requested_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are run up to the requested layer, and again for a later one; the answers are the same."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    space = lettered(tmp_path / "model", "bert")
    first = space.context(TEXTS, "ae", layers="0-1").layers
    (file,) = (tmp_path / "store" / "texts").rglob("words.safetensors")
    assert sorted(read_header(file).tensors) == ["layer.0", "layer.1"]
    assert space.context(TEXTS, "ae").layers[:2] == first
    assert sorted(read_header(file).tensors) == ["layer.0", "layer.1", "layer.2"]


def test_pull_fetches_layers_ahead_of_use(
    tiny: dict[str, int], hub: FakeHub, capfd: pytest.CaptureFixture[str]
) -> None:
    """Some layers, then all; after that a question makes no request."""
    assert run_here(["pull", "org/tiny", "--layers", "0-1", "--json", "-q"]) == 0
    answer = json.loads(capfd.readouterr().out)
    second_layer = sum(size for name, size in tiny.items() if ".h.1." in name)
    assert answer["layer_bytes"] - answer["layer_bytes_here"] == second_layer
    assert run_here(["pull", "org/tiny", "--layers", "all", "-q"]) == 0
    hub.log.clear()
    assert run_here(["next", "ad ae", "-m", "org/tiny", "-q"]) == 0
    assert hub.log == []
    assert run_here(["pull", "org/tiny", "--layers", "7"]) == 2
    assert "no such layers: '7'; they go from 0 to 2" in capfd.readouterr().err


def failed(space: EmbeddingSpace) -> list[tuple[str, str]]:
    """The names of the checks that failed, and what they found."""
    return [(check.name, check.found) for check in verify(space).checks if not check.passed]


def damage(file: Path, name: str, value: Any) -> None:
    """Overwrite the first number of a tensor."""
    tensor = read_header(file).tensors[name]
    data = bytearray(file.read_bytes())
    number = np.array(value, "<f2").tobytes()
    data[tensor.start : tensor.start + len(number)] = number
    file.write_bytes(data)


def test_verify_covers_layers(tiny: dict[str, int], tmp_path: Path) -> None:
    """Verify names a fetched layer with a flipped bit, and a local one with NaN."""
    assert tiny
    space = load("org/tiny")
    names = len(verify(space).checks)
    space.hidden_states("ad")
    assert failed(space) == []
    assert len(verify(space).checks) == names + 3
    (file,) = [one for one in (tmp_path / "store").rglob("layers-*.safetensors")
               if "transformer.ln_f.weight" in read_header(one).tensors]  # fmt: skip
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert [name for name, _ in failed(space)] == [f"{file.name}, SHA-256"]
    assert "embgeo models rm org/tiny@" in verify(space).notes[-1]
    local = load(tmp_path / "model")
    assert failed(local) == []
    damage(tmp_path / "model" / "model.safetensors", "transformer.h.1.ln_1.bias", np.nan)
    assert failed(load(tmp_path / "model")) == [("layers with NaN or infinity", "transformer.h.1.ln_1.bias")]


def test_verify_names_a_missing_layer(tmp_path: Path) -> None:
    """Verify reports a config.json with more layers than there are tensors."""
    lettered(tmp_path, "gpt2")
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "n_layer": 3}))
    ((name, result),) = failed(load(tmp_path))
    assert (name, "layer 2 of 3" in result) == ("layers", True)


def test_models_lists_and_removes_layers(
    tiny: dict[str, int], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Layers, word states and text vectors are listed separately, and `models rm` removes all of them."""
    assert tiny
    store = tmp_path / "store"
    load("org/tiny").context(TEXTS, "ae", near="words")
    files = {file: file.stat().st_size for file in (store / "hub").rglob("*+layers/*")}
    listed = next(one for one in models().models if one.model == "org/tiny")
    assert (listed.layer_bytes, listed.text_bytes) == (sum(files.values()), 0)
    assert listed.word_bytes == sum(file.stat().st_size for file in store.rglob("words.safetensors"))
    assert run_here(["models", "-q"]) == 0
    assert "words " in capfd.readouterr().out
    before = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    assert run_here(["models", "rm", "org/tiny", "--json", "-q"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert [file.name for file in store.rglob("*.safetensors")] == []
    left = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    assert left < 100  # the name of the commit
    assert abs(before - left - answer["bytes"]) < 100


@pytest.mark.slow
def test_vectors_of_texts_are_freed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """`models rm` removes text vectors of a local folder, which stays, and of the bundled model."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    (tmp_path / "a.txt").write_text("w5 w6\nw7 w8\n")
    folder = sentence_model(tmp_path / "model", "mean_tokens")
    for model in (folder, "minilm"):
        load(model).search("w5", [tmp_path / "a.txt"])
        sizes = [one.text_bytes for one in models().models if one.model == str(model)]
        assert sizes[0] > 100
        capfd.readouterr()
        assert run_here(["models", "rm", str(model), "-q"]) == 0
        printed = capfd.readouterr().out
        assert printed.endswith("B freed\n")
        assert (len(printed.splitlines()) == 1) == (model == "minilm")
        assert list((tmp_path / "store").rglob("passages-*")) == []
    assert (folder / "model.safetensors").is_file()
    capfd.readouterr()
    assert run_here(["models", "rm", "minilm"]) == 2
    assert "part of embgeo" in capfd.readouterr().err


def test_verify_compares_bundled_layers(minilm: EmbeddingSpace) -> None:
    """The SHA-256 of the bundled files is compared with SHA256SUMS."""
    names = [check.name for check in verify(minilm).checks if check.source == "SHA256SUMS"]
    assert names == ["embedding.safetensors, SHA-256", "layers.safetensors, SHA-256"]
    file = minilm.place / "layers.safetensors"
    tensor = next(iter(read_header(file).tensors.values()))
    assert np.isfinite(np.asarray(map_tensor(file, tensor))).all()
