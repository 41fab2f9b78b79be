"""The layers of real and tiny models: finding and fetching them, hidden states of texts, and sentence vectors."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from conftest import data_folder
from embgeo import EmbeddingSpace, load
from embgeo.cli.main import run as run_here
from embgeo.errors import FormatError, ModelError, NetworkError, TermError, UsageError
from embgeo.formats.safetensors import file_head, map_tensor, read_header
from embgeo.models.loader import BUNDLE
from embgeo.numerics.dtypes import as_bytes
from embgeo.questions.running import runner
from fakehub import FakeHub
from tiny_transformers import FOLDER, ids_of, relative, stored

TEXTS = ["The dog bit the man.", "The man bit the dog.", "It is raining.", "It is not raining.", "The dog bit the man."]


def tiny_folder(folder: Path, family: str) -> Path:
    """A tiny model in a folder of its own, whose words are w0, w1, ...; BERT's has a template with special tokens."""
    shutil.copytree(FOLDER / family, folder, dirs_exist_ok=True)
    tokenizer = Tokenizer(models.WordLevel({f"w{number}": number for number in range(40)}, "w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if family == "bert":
        tokenizer.post_processor = processors.TemplateProcessing(
            single="w1 $A w2", special_tokens=[("w1", 1), ("w2", 2)]
        )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "states.safetensors").unlink(missing_ok=True)
    return folder


def words(ids: Any) -> str:
    """The text that splits into these ids."""
    return " ".join(f"w{number}" for number in ids)


@pytest.mark.parametrize("family", ["gpt2", "bert", "llama"])
def test_hidden_states_of_a_local_model(tmp_path: Path, family: str) -> None:
    """They are those of transformers; the template's special tokens are added unless `special` is false."""
    space = load(tiny_folder(tmp_path, family))
    ids = ids_of(family, 18)
    expected = stored(family, "states.18")
    assert expected is not None
    assert relative(space.hidden_states(words(ids), special=False), expected) < 1e-12
    assert space.hidden_states(words(ids)).shape[1] == (20 if family == "bert" else 18)


def test_sharded_weights(tmp_path: Path) -> None:
    """A model in two files next to model.safetensors.index.json gives the same states."""
    folder = tiny_folder(tmp_path, "gpt2")
    text = words(ids_of("gpt2", 18))
    expected = load(folder).hidden_states(text)
    whole = folder / "model.safetensors"
    tensors = read_header(whole).tensors
    index: dict[str, str] = {}
    for number, names in enumerate((sorted(tensors)[::2], sorted(tensors)[1::2])):
        head = file_head({name: (tensors[name].dtype, tensors[name].shape) for name in names}, {})
        body = b"".join(as_bytes(np.asarray(map_tensor(whole, tensors[name]))) for name in names)
        (folder / f"part-{number}.safetensors").write_bytes(head + body)
        index |= dict.fromkeys(names, f"part-{number}.safetensors")
    whole.unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    assert np.array_equal(load(folder).hidden_states(text), expected)
    (folder / "part-1.safetensors").unlink()
    with pytest.raises(ModelError, match=r"part-[01]\.safetensors"):
        load(folder).hidden_states(text)


def test_word_vectors_and_single_matrices_have_no_layers(tmp_path: Path) -> None:
    """The refusal says what the model is."""
    vectors = tmp_path / "two.vec"
    vectors.write_text("2 2\ncat 1 2\ndog 3 4\n")
    with pytest.raises(ModelError, match="word vectors, which has no layers"):
        load(vectors).hidden_states("cat")
    with pytest.raises(UsageError, match="--side position"):
        load("minilm", side="position").hidden_states("cat")
    with pytest.raises(UsageError, match="center"):
        load("minilm", transform="center").hidden_states("cat")


@pytest.mark.slow
def test_invalid_texts(minilm: EmbeddingSpace) -> None:
    """Empty text, invalid Unicode and text beyond the model's limit; `cut` truncates it, special tokens included."""
    for text in ("", "  \n"):
        with pytest.raises(TermError, match="empty text"):
            minilm.encode([text])
    with pytest.raises(TermError, match="not valid Unicode"):
        minilm.hidden_states("\ud800")
    long = "cat " * 600
    with pytest.raises(UsageError, match=r"602 tokens.*at most 512"):
        minilm.hidden_states(long)
    with pytest.raises(UsageError, match=r"602 tokens.*at most 256"):
        minilm.encode([long])
    assert minilm.hidden_states(long, cut=True, precision="float32").shape == (7, 512, 384)
    cut, same = minilm.encode([long, "cat " * 254], cut=True)
    assert np.abs(cut - same).max() < 1e-6
    with pytest.raises(UsageError, match="unknown precision 'half'"):
        minilm.hidden_states("cat", precision="half")


def test_the_bundled_model_encodes_as_sentence_transformers_does(minilm: EmbeddingSpace) -> None:
    """Cosines of sentence-transformers on the published model (0.9778 and 0.9335), within the rounding to float16."""
    vectors = minilm.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[1] == pytest.approx(0.97783, abs=5e-4)
    assert vectors[2] @ vectors[3] == pytest.approx(0.93353, abs=5e-4)
    assert np.array_equal(vectors[0], vectors[4])


@pytest.mark.slow
def test_published_weights_encode_as_transformers_does() -> None:
    """Cosines of transformers 5.24 in float64: the mean of the last hidden states, normalized."""
    space = load(data_folder("EMBGEO_TEST_MINILM", "the published all-MiniLM-L6-v2 files"))
    vectors = space.encode(TEXTS, precision="float64").astype(np.float64)
    assert vectors[0] @ vectors[1] == pytest.approx(0.9778306563, abs=1e-7)
    assert vectors[2] @ vectors[3] == pytest.approx(0.9335318359, abs=1e-7)
    bundled = load("minilm").encode(TEXTS)
    assert np.abs((bundled * vectors).sum(axis=1) - 1).max() < 1e-5
    single = space.encode(TEXTS)
    assert np.abs(single - vectors).max() < 1e-6


def test_bundled_layers_are_the_published_ones_rounded() -> None:
    """Every number of layers.safetensors."""
    published = data_folder("EMBGEO_TEST_MINILM", "the published all-MiniLM-L6-v2 files") / "model.safetensors"
    ours, theirs = BUNDLE / "layers.safetensors", read_header(published).tensors
    for name, tensor in read_header(ours).tensors.items():
        expected = np.asarray(map_tensor(published, theirs[name])).astype(np.float16)
        assert np.array_equal(np.asarray(map_tensor(ours, tensor)), expected), name


def test_layers_from_the_hub(
    tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Only the layers are downloaded, once, without masks and embedding; `models rm` removes all of it."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    folder = tiny_folder(tmp_path / "model", "gpt2")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    weights, masks = folder / "model.safetensors", 4 * 64 * 64
    tensors = {
        name: (tensor.dtype, tensor.shape, np.asarray(map_tensor(weights, tensor)).tobytes())
        for name, tensor in read_header(weights).tensors.items()
    }
    tensors |= {f"transformer.h.{n}.attn.bias": ("F32", (1, 1, 64, 64), bytes(masks)) for n in range(2)}
    tensors = dict(sorted(tensors.items()))
    head = file_head({name: (dtype, shape) for name, (dtype, shape, _) in tensors.items()}, {})
    files["model.safetensors"] = head + b"".join(data for _, _, data in tensors.values())
    hub.add("org/tiny", files, lfs={"model.safetensors"})
    space = load("org/tiny")
    text = words(ids_of("gpt2", 18))
    hub.log.clear()
    found = space.hidden_states(text)
    expected = stored("gpt2", "states.18")
    assert expected is not None
    assert relative(found, expected) < 1e-12
    needed = sum(len(data) for name, (*_, data) in tensors.items() if not name.endswith((".attn.bias", "wte.weight")))
    spans = [request.range for request in hub.log if request.origin == "cdn" and request.range]
    lengths = [int(last) - int(first) + 1 for first, last in (span.removeprefix("bytes=").split("-") for span in spans)]
    assert sum(lengths[1:]) == needed  # the first is the header
    hub.log.clear()
    assert np.array_equal(space.hidden_states(text), found)
    assert hub.log == []
    assert (run_here(["models", "rm", "org/tiny", "-q"]), capfd.readouterr().err) == (0, "")
    assert list((tmp_path / "store").rglob("*.safetensors")) == []


def test_layers_without_a_network(tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedding is stored, the layers aren't: offline is a network error, and online the layers are fetched."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    files = {path.name: path.read_bytes() for path in tiny_folder(tmp_path / "model", "gpt2").iterdir()}
    hub.add("org/tiny", files, lfs={"model.safetensors"})
    space = load("org/tiny")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(NetworkError, match="only the embedding of 'org/tiny' is on this machine"):
        space.hidden_states("w5")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    assert space.hidden_states("w5").shape == (3, 1, 16)


def test_unsupported_models_are_refused_before_their_layers_are_fetched(
    tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown family, and `encode` on a model without modules.json: no layer is downloaded."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    files = {path.name: path.read_bytes() for path in tiny_folder(tmp_path / "model", "gpt2").iterdir()}
    hub.add("org/tiny", files, lfs={"model.safetensors"})
    config = {**json.loads(files["config.json"]), "model_type": "mamba"}
    hub.add("org/other", {**files, "config.json": json.dumps(config).encode()}, lfs={"model.safetensors"})
    tiny, other = load("org/tiny"), load("org/other")
    hub.log.clear()
    with pytest.raises(ModelError, match="runs no layers of model_type 'mamba'"):
        other.hidden_states("w5")
    with pytest.raises(ModelError, match=r"no modules\.json"):
        tiny.encode(["w5"])
    assert [request for request in hub.log if request.origin == "cdn"] == []
    assert tiny.hidden_states("w5").shape == (3, 1, 16)
    next((tmp_path / "store").rglob("layers-*.safetensors")).unlink()
    assert tiny.hidden_states("w5").shape == (3, 1, 16)  # fetched again


def test_layers_that_change_while_open_are_refused(tmp_path: Path) -> None:
    """Old and new layers must not mix, even if the new file has the same modification time."""
    folder = tiny_folder(tmp_path, "gpt2")
    ready = runner(load(folder))
    (text,) = ready.read(["w5 w6"])
    before = ready.states(text)
    file = folder / "model.safetensors"
    other, times = tmp_path / "other", file.stat()
    other.write_bytes(file.read_bytes())
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(file)
    with pytest.raises(ModelError, match=r"model\.safetensors' was changed while"):
        ready.states(text)
    assert np.array_equal(runner(load(folder)).states(text), before)


def test_stored_vectors_depend_on_the_tokenizer(tmp_path: Path) -> None:
    """Vectors that were stored with another tokenizer are computed again."""
    folder = sentence_model(tmp_path / "model", "mean_tokens")
    (tmp_path / "a.txt").write_text("w5 w6\nw7 w8\n")
    found = load(folder).search("w5", [tmp_path / "a.txt"])
    assert load(folder).search("w5", [tmp_path / "a.txt"]).computed == 0
    content = json.loads((folder / "tokenizer.json").read_text())
    names = content["model"]["vocab"]
    names["w5"], names["w9"] = names["w9"], names["w5"]
    (folder / "tokenizer.json").write_text(json.dumps(content))
    again = load(folder).search("w5", [tmp_path / "a.txt"])
    assert again.computed == 2
    assert [one.score for one in again] != [one.score for one in found]


POOLED = {
    "cls_token": lambda states: states[0],
    "mean_tokens": lambda states: states.mean(axis=0),
    "max_tokens": lambda states: states.max(axis=0),
    "mean_sqrt_len_tokens": lambda states: states.sum(axis=0) / np.sqrt(len(states)),
    "lasttoken": lambda states: states[-1],
}


def sentence_model(folder: Path, mode: str, **settings: Any) -> Path:
    """The tiny BERT as a sentence model without Normalize."""
    tiny_folder(folder, "bert")
    kinds = {"": "Transformer", "1_Pooling": "Pooling"}
    modules = [{"path": path, "type": f"sentence_transformers.models.{kind}"} for path, kind in kinds.items()]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    modes = {f"pooling_mode_{name}": name == mode for name in POOLED}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 16, **modes}))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 8, **settings}))
    return folder


@pytest.mark.parametrize("mode", POOLED)
def test_pooling_modes(tmp_path: Path, mode: str) -> None:
    """Each mode pools the last hidden states, special tokens included, whatever the order of the texts."""
    space = load(sentence_model(tmp_path, mode))
    texts = ["w5 w6 w7", "w9", "w6 w5 w7"]
    expected = [POOLED[mode](space.hidden_states(text)[-1]) for text in texts]
    assert np.abs(space.encode(texts) - expected).max() < 1e-5
    for name in ("sentence_bert_config.json", "sentence_roberta_config.json"):  # both names of the settings file
        (tmp_path / "sentence_bert_config.json").rename(tmp_path / name)
        with pytest.raises(UsageError, match="at most 8"):
            space.encode(["w5 " * 7])


def test_encoding_in_threads_gives_the_same_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one BLAS thread, batches run in threads; the vectors are those of one thread."""
    space = load(sentence_model(tmp_path, "mean_tokens"))
    texts = [" ".join(f"w{5 + (n + k) % 30}" for k in range(1 + n % 6)) for n in range(60)]
    expected = space.encode(texts)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr("embgeo.questions.running.TOKENS_AT_ONCE", 16)
    assert np.abs(space.encode(texts) - expected).max() < 1e-6


def test_unsupported_sentence_models(tmp_path: Path) -> None:
    """The error names the module, pooling mode or setting that embgeo doesn't support, or the file that is missing."""
    folder = sentence_model(tmp_path, "mean_tokens")
    cases = {
        "modules.json": ('[{"type": "a.Transformer"}, {"type": "a.Pooling"}, {"type": "a.Dense"}]', "Dense"),
        "1_Pooling/config.json": ('{"pooling_mode_weightedmean_tokens": true}', "weightedmean_tokens"),
        "sentence_bert_config.json": ('{"max_seq_length": 8, "window": 3}', "window = 3"),
        "config_sentence_transformers.json": ('{"default_prompt_name": "query"}', "prompt 'query'"),
    }
    for name, (content, why) in cases.items():
        file = folder / name
        before = file.read_text() if file.exists() else "{}"
        file.write_text(content)
        with pytest.raises(ModelError, match=why):
            load(folder).encode(["w5"])
        file.write_text(before)
    (folder / "1_Pooling" / "config.json").write_text("[")
    with pytest.raises(FormatError, match="is not valid JSON"):
        load(folder).encode(["w5"])
    if hasattr(os, "mkfifo"):
        (folder / "1_Pooling" / "config.json").unlink()
        os.mkfifo(folder / "1_Pooling" / "config.json")
        with pytest.raises(ModelError, match=r"is a (FIFO|pipe)"):
            load(folder).encode(["w5"])
    (folder / "modules.json").unlink()
    with pytest.raises(ModelError, match=r"no modules\.json"):
        load(folder).encode(["w5"])
