"""Local models: folders and files, names of tensors, errors, and files that change."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Run, write_model
from embgeo import FormatError, ModelError, load
from embgeo.formats.safetensors import file_head
from embgeo.models.choice import Choice
from embgeo.models.places import local_place
from embgeo.numerics.dtypes import as_bytes

ROWS = np.array([(1, 0), (1, 1), (0, 1)], np.float32)
WORDS = ["a", "b"]


def test_a_folder_and_its_file_load_the_same_model(tmp_path: Path) -> None:
    """A folder, or the .safetensors file in it, with its tokenizer.json."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    for place in (folder, folder / "model.safetensors"):
        space = load(place)
        assert space.neighbors("a")[0].text == " b"
        assert (space.info().source, space.info().path) == ("local", str(folder / "model.safetensors"))
        assert space.info().revision == ""


@pytest.mark.parametrize(
    "parts",
    [("short",), ("ä b+output%2F",), ("a\n'\"\\\udcff. ",), ("long" * 30, "long" * 30), ("x" * 250,)],
    ids=["short", "escaped", "odd", "long", "longest"],
)
def test_each_path_has_its_own_folder_in_the_store(tmp_path: Path, own_store: Path, parts: tuple[str, ...]) -> None:
    """Its name is the model's full path and the matrix, or a digest if that is too long."""
    folder = write_model(tmp_path.joinpath(*parts), ROWS, WORDS)
    other = write_model(tmp_path.joinpath(*parts[:-1], f"{parts[-1]}2"), 2 * ROWS, WORDS)
    for _ in range(2):
        assert load(folder).vector("a").values.tolist() == [1, 0]
        assert load(folder, side="output").vector("a").values.tolist() == [1, 0]
        assert load(other).vector("a").values.tolist() == [2, 0]
    assert len(list(own_store.glob("local/*/"))) == 3


NAMES = st.text(st.sampled_from("aAéÉ%2f. +/~\\\n\udcff"), min_size=1, max_size=6)


@given(NAMES, st.sampled_from(["{0}.", "{0} ", "{1}", "%2F{0}", "{0}+output"]))
def test_places_differ_on_every_file_system(name: str, change: str) -> None:
    """Two paths have two places, also where capitals don't count, or where a name's last dots and spaces are dropped.

    A name also leaves room for that of its lock in an encrypted home folder, which takes 143 characters.
    """
    paths = [Path(os.path.realpath(f"/models/{one}")) for one in (name, change.format(name, name.swapcase()))]
    names = [local_place(path).name.rstrip(". ").lower() for path in paths]
    assert (paths[0] == paths[1]) == (names[0] == names[1])
    assert max(map(len, names)) <= 143 - len(".lock")


def test_tensors_that_differ_in_capitals(tmp_path: Path) -> None:
    """Each has its own place too, wherever the store is."""
    places = [local_place(tmp_path, Choice(tensor=name).variant).name.lower() for name in ("h.Wte", "h.wte", "h.wte.")]
    assert len(set(places)) == 3


@pytest.mark.parametrize(
    "name",
    [
        "wte.weight", "transformer.wte.weight", "model.embed_tokens.weight", "bert.embeddings.word_embeddings.weight",
        "gpt_neox.embed_in.weight", "shared.weight",
    ],
)  # fmt: skip
def test_names_of_the_embedding(tmp_path: Path, name: str) -> None:
    """The tensor is found by its name, with or without a prefix."""
    assert load(write_model(tmp_path, ROWS, WORDS, name)).info().tensor == name


def test_the_shape_in_the_config_decides(tmp_path: Path) -> None:
    """Of two candidates the one with the config's shape is chosen; without a config they are listed."""
    folder = write_model(tmp_path, ROWS, WORDS)
    tensors = {"encoder.embed_tokens.weight": ("F32", (2, 2)), "decoder.embed_tokens.weight": ("F32", (3, 2))}
    data = file_head(tensors, {}) + bytes(16) + as_bytes(ROWS).tobytes()
    (folder / "model.safetensors").write_bytes(data)
    assert load(folder).info().tensor == "decoder.embed_tokens.weight"
    (folder / "config.json").unlink()
    (folder / "model.safetensors").touch()
    with pytest.raises(ModelError, match=r"encoder.embed_tokens.weight \[2, 2\], decoder.embed_tokens.weight \[3, 2\]"):
        load(folder)


def test_an_untied_head_is_detected(tmp_path: Path) -> None:
    """Tied or not is decided by the tensors, whatever the config says."""
    folder = write_model(tmp_path, ROWS, WORDS)
    assert load(folder).info().tied
    head = file_head({"lm_head.weight": ("F32", (3, 2)), "wte.weight": ("F32", (3, 2))}, {})
    (folder / "model.safetensors").write_bytes(head + 2 * as_bytes(ROWS).tobytes())
    (folder / "config.json").write_text(json.dumps({"vocab_size": 3, "n_embd": 2, "tie_word_embeddings": True}))
    assert not load(folder).info().tied


def test_a_tensor_with_the_name_of_a_side(tmp_path: Path, run: Run) -> None:
    """Tensors named `output` and `position` aren't the model's sides, and a side isn't a file format."""
    folder = write_model(tmp_path, ROWS, WORDS)
    tensors = dict.fromkeys(("wte.weight", "lm_head.weight", "output", "gguf"), ("F32", (3, 2)))
    data = b"".join(as_bytes(ROWS * factor).tobytes() for factor in (1, 2, 3, 4))
    (folder / "model.safetensors").write_bytes(file_head(tensors, {}) + data)
    assert load(folder, tensor="output")["a"].norm == 3
    assert load(folder, side="output")["a"].norm == 2
    assert load(folder, tensor="gguf")["a"].norm == 4
    for form in ("output", "gguf", "+tensor=gguf"):
        done = run("dot", "a", "b", "-m", str(folder), "--file-format", form)
        assert (done.returncode, done.stdout) in ((2, ""), (4, "")), done.stderr


def test_a_tensor_name_that_is_not_unicode(tmp_path: Path, run: Run) -> None:
    """An option with bytes that aren't UTF-8 is reported as a missing tensor."""
    done = run("dot", "a", "b", "-m", str(write_model(tmp_path, ROWS, WORDS)), "--tensor", "\udcff")
    assert (done.returncode, done.stdout) == (4, "")
    assert "has no tensor '\\udcff'. Its matrices are wte.weight" in done.stderr


def test_a_changed_file_is_prepared_again(tmp_path: Path) -> None:
    """New numbers in a file of the same name and size are used, with new norms."""
    folder = write_model(tmp_path, ROWS, WORDS)
    assert load(folder)["a"].norm == 1
    write_model(folder, ROWS * 2, WORDS)
    os.utime(folder / "model.safetensors", ns=(1, 1))
    assert load(folder)["a"].norm == 2
    assert load(folder).neighbors("a", metric="dot")[0].score == 4


def damaged(folder: Path, what: str) -> None:
    """Damage a valid folder."""
    weights = folder / "model.safetensors"
    match what:
        case "tokenizer":
            (folder / "tokenizer.json").unlink()
        case "garbled tokenizer":
            (folder / "tokenizer.json").write_text('{"model": 3}')
        case "weights":
            weights.unlink()
        case "pickle":
            weights.rename(folder / "pytorch_model.bin")
        case "truncated":
            weights.write_bytes(weights.read_bytes()[:-1])
        case "empty":
            weights.write_bytes(b"")
        case "config":
            (folder / "config.json").write_text("{")
        case "integers":
            weights.write_bytes(file_head({"wte.weight": ("I32", (3, 2))}, {}) + bytes(24))
        case "vision":
            weights.write_bytes(file_head({"patch_embed.weight": ("F32", (3, 2, 1, 1))}, {}) + bytes(24))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("tokenizer", "no tokenizer.json in"),
        ("garbled tokenizer", "is not a valid tokenizer.json"),
        ("weights", "no model.safetensors in"),
        ("pickle", "only as 'pytorch_model.bin', a pickle"),
        ("truncated", "its tensors end at byte"),
        ("empty", "less than the 8"),
        ("config", "is not valid JSON"),
        ("integers", "no token embedding found"),
        ("vision", "no token embedding found"),
    ],
)
def test_damaged_folders(tmp_path: Path, run: Run, what: str, message: str) -> None:
    """Each gives a one-line error that names the folder, exit code 4, and nothing on stdout."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    damaged(folder, what)
    done = run("neighbors", "a", "-m", str(folder))
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("embgeo: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert str(folder) in done.stderr


def test_a_file_truncated_after_it_was_prepared(tmp_path: Path) -> None:
    """It is refused, and never read past its end."""
    folder = write_model(tmp_path, ROWS, WORDS)
    load(folder)
    os.truncate(folder / "model.safetensors", 100)
    with pytest.raises(FormatError, match="not a complete safetensors file"):
        load(folder)


def test_results_are_frozen(tmp_path: Path) -> None:
    """Assigning to an attribute of a result raises."""
    answer = load(write_model(tmp_path, ROWS, WORDS)).neighbors("a")
    with pytest.raises(AttributeError):
        answer.results[0].score = 2.0  # type: ignore[misc]
