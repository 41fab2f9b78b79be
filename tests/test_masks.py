"""`next` for encoders: [MASK] filled by the head that the model was trained with, or refused with the reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from conftest import Run
from embgeo import EmbeddingSpace, load
from embgeo.cli.main import run as run_here
from embgeo.errors import UsageError
from embgeo.formats.safetensors import file_head, map_tensor, read_header
from embgeo.numerics.dtypes import as_bytes
from fakehub import FakeHub
from test_context import word
from test_schema import validator
from tiny_transformers import FAMILIES, FOLDER, ids_of, stored

MASKED = [family for family in FAMILIES if family.endswith("-masked")]


def masked(folder: Path, family: str, mask: str = "[MASK]") -> EmbeddingSpace:
    """A tiny model of two-letter words, whose mask is the last token of the text whose logits are stored."""
    shutil.copytree(FOLDER / family, folder, dirs_exist_ok=True)
    (folder / "states.safetensors").unlink()
    number = int(ids_of(family, 18)[-1])
    words = {word(n) if n != number else mask: n for n in range(40)}
    tokenizer = Tokenizer(models.WordLevel(words, word(0)))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens([mask])
    tokenizer.save(str(folder / "tokenizer.json"))
    return load(folder)


def text_of(family: str, mask: str = "[MASK]") -> str:
    """The text for which transformers' logits at the last token are stored."""
    ids = ids_of(family, 18)
    return " ".join(word(n) if n != ids[-1] else mask for n in ids)


@pytest.mark.parametrize("family", MASKED)
def test_logits_of_a_mask_are_those_of_transformers(tmp_path: Path, family: str) -> None:
    """All tokens with the stored logits and their softmax, most probable first, for both spellings of the mask."""
    space = masked(tmp_path, family)
    answer = space.next(text_of(family), k=40)
    logits = stored(family, "logits.18")
    assert logits is not None
    probabilities = np.exp(logits[0]) / np.exp(logits[0]).sum()
    last = answer.masks[-1]
    assert last.position == 17
    assert [token.id for token in last.results] == np.argsort(-logits[0]).tolist()
    assert [token.logit for token in last.results] == pytest.approx(np.sort(logits[0])[::-1], abs=1e-5)
    assert [token.probability for token in last.results] == pytest.approx(np.sort(probabilities)[::-1], abs=1e-6)
    assert last.entropy == pytest.approx(-(probabilities * np.log(probabilities)).sum(), abs=1e-6)
    assert space.next(text_of(family, "<mask>"), k=40).masks == answer.masks


def test_both_spellings_of_the_mask_are_read(tmp_path: Path) -> None:
    """RoBERTa's mask is <mask>; [MASK] means the same."""
    space = masked(tmp_path, "roberta-masked", "<mask>")
    text = text_of("roberta-masked")
    assert space.next(text).masks == space.next(text.replace("[MASK]", "<mask>")).masks


def test_several_masks_are_filled(tmp_path: Path) -> None:
    """In the order of the text; `results` are those of the first mask, and `continued` has both filled."""
    space = masked(tmp_path, "bert-masked")
    answer = space.next("ad [MASK] ae [MASK]", k=2)
    assert [mask.position for mask in answer.masks] == [1, 3]
    assert answer.results == answer.masks[0].results
    first, second = (mask.results[0].text for mask in answer.masks)
    assert answer.continued == f"ad {first} ae {second}"
    assert [(row["mask"], row["id"]) for row in answer.records()] == [
        (number, token.id) for number, mask in enumerate(answer.masks, 1) for token in mask.results
    ]
    assert "mask" not in space.next("ad [MASK]").records()[0]


def test_the_last_layer_of_the_lens_is_the_answer(tmp_path: Path) -> None:
    """The head is applied to the mask's state in each layer; `context --near lens` uses the same head."""
    space = masked(tmp_path, "bert-masked")
    answer = space.next("ad [MASK] ae", k=3, lens=True)
    assert [layer.layer for layer in answer.lens] == [0, 1, 2]
    assert (answer.lens[-1].results, answer.lens[-1].divergence) == (answer.results, 0)
    near = space.context(["ad [MASK] ae"], "[MASK]", k=3, near="lens").layers[-1].nearest[0]
    assert [(one.text, one.score) for one in near] == [(token.text, token.probability) for token in answer]


def test_masks_that_cannot_be_filled(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """Errors for a model without the head, a text without a mask, a mask that was cut off, and a continuation."""
    with pytest.raises(UsageError, match=r"minilm has no head that fills \[MASK\]"):
        minilm.next("Paris is the [MASK] of France.")
    space = masked(tmp_path, "bert-masked")
    with pytest.raises(UsageError, match="predicts no next token") as caught:
        space.next("ad ae")
    assert "Write [MASK]" in caught.value.hint
    with pytest.raises(UsageError, match=r"limit has no \[MASK\]"):
        space.next("ad " * 70 + "[MASK]", cut=True)
    with pytest.raises(UsageError, match="is an encoder and can't continue"):
        space.next("ad [MASK]", steps=2)


def test_tensorflow_names_of_norms(tmp_path: Path) -> None:
    """bert-base-uncased's file names a LayerNorm's weight and bias gamma and beta."""
    expected = masked(tmp_path / "new", "bert-masked").next("ad [MASK] ae")
    folder = tmp_path / "old"
    shutil.copytree(tmp_path / "new", folder)
    file = folder / "model.safetensors"
    old = {name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
           for name in read_header(file).tensors}  # fmt: skip
    tensors = {old[name]: (tensor, np.asarray(map_tensor(file, tensor))) for name, tensor in
               read_header(file).tensors.items()}  # fmt: skip
    head = file_head({name: (tensor.dtype, tensor.shape) for name, (tensor, _) in tensors.items()}, {})
    file.unlink()
    file.write_bytes(head + b"".join(as_bytes(array) for _, array in tensors.values()))
    assert load(folder).next("ad [MASK] ae").results == expected.results


def test_the_head_is_fetched_only_when_needed(tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hidden states don't need it; `next` fetches only its tensors."""
    masked(tmp_path / "model", "bert-masked")
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    hub.add("org/tiny", {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()},
            lfs={"model.safetensors"})  # fmt: skip
    space = load("org/tiny")
    space.hidden_states("ad")
    fetched = {name for file in (tmp_path / "store").rglob("layers-*") for name in read_header(file).tensors}
    assert not any(name.startswith("cls.") for name in fetched)
    assert len(space.next("ad [MASK]").masks) == 1
    names = [name for file in (tmp_path / "store").rglob("layers-*") for name in read_header(file).tensors]
    assert len(names) == len(set(names))
    assert {name for name in names if name not in fetched} == {
        name for name in read_header(FOLDER / "bert-masked" / "model.safetensors").tensors if name.startswith("cls.")
    }


def test_output_of_the_command(tmp_path: Path, run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    """The JSON follows its schema; the table has a list for each mask and the filled text."""
    masked(tmp_path, "distilbert-masked")
    answer = json.loads(run("next", "ad [MASK]", "-m", str(tmp_path), "--json").stdout)
    validator("next").validate(answer)
    assert answer["masks"][0]["results"] == answer["results"]
    assert run_here(["next", "[MASK] ad [MASK]", "-m", str(tmp_path), "-k", "1"]) == 0
    printed = capfd.readouterr().out
    assert printed.index("mask 1") < printed.index("mask 2") < printed.rindex("ad")
