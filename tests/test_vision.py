"""Vision transformers' patches and positions, and a protein model's tokens: the same geometry for other tokens."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from conftest import Run
from embgeo import load
from embgeo.errors import ModelError
from embgeo.questions.verify import verify
from fakehub import FakeHub
from test_schema import validator

FOLDER = Path(__file__).parent / "data" / "vision"
PATCHES = {
    "vit": "embeddings.patch_embeddings.projection.weight", "clip": "vision_model.embeddings.patch_embedding.weight",
    "siglip": "embeddings.patch_embedding.weight",
}  # fmt: skip
POSITIONS = {
    "vit": "embeddings.position_embeddings", "clip": "vision_model.embeddings.position_embedding.weight",
    "siglip": "embeddings.position_embedding.weight",
}  # fmt: skip


@pytest.mark.parametrize("name", PATCHES)
def test_patch_filters_are_rows(name: str) -> None:
    """A row has a filter's channels and pixels; its name is its number, without a tokenizer; `verify` passes."""
    space = load(FOLDER / name, tensor=PATCHES[name])
    stored = load_file(FOLDER / name / "model.safetensors")[PATCHES[name]]
    assert np.array_equal(np.asarray(space.matrix), stored.reshape(8, 48))
    flat = stored.reshape(8, 48).astype(np.float64)
    units = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    nearest = space.neighbors("3", 7)
    assert [int(one.text) for one in nearest] == [n for n in np.argsort(-(units @ units[3])) if n != 3]
    assert all(check.passed for check in verify(space).checks)


@pytest.mark.parametrize(("name", "first", "side"), [("vit", 1, 3), ("clip", 1, 3), ("siglip", 0, 4)])
def test_the_grid_matches_numpy(name: str, first: int, side: int) -> None:
    """Cosines of the patches' positions; those of a class token are separate."""
    answer = load(FOLDER / name, side="position").patch_positions()
    rows = load_file(FOLDER / name / "model.safetensors")[POSITIONS[name]].astype(np.float64).reshape(-1, 8)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    patches = units[first:]
    cosines = patches @ patches.T
    assert (answer.tensor, answer.rows, answer.columns, len(answer.special)) == (POSITIONS[name], side, side, first)
    for one in answer.maps:
        expected = cosines[one.row * side + one.column].reshape(side, side)
        assert np.abs(np.array(one.cosines) - expected).max() < 1e-6
    assert {(one.row, one.column) for one in answer.maps} == {(r, c) for r in range(side) for c in range(side)}
    if first:
        assert answer.special[0] == pytest.approx((patches @ units[0]).mean(), abs=1e-6)
    place = [(n // side, n % side) for n in range(side * side)]
    row = [cosines[a, b] for a in range(side**2) for b in range(a) if place[a][0] == place[b][0]]
    assert answer.same_row == pytest.approx(np.mean(row), abs=1e-6)


def plane(folder: Path, height: int, width: int, **config: object) -> Path:
    """A vision transformer whose positions are a row's vector plus a column's, all perpendicular to each other."""
    rows, columns = np.divmod(np.arange(height * width), width)
    patches = np.hstack([np.eye(height)[rows], np.eye(width)[columns], np.zeros((height * width, 1))])
    special = np.zeros((1, height + width + 1))
    special[0, -1] = 1
    folder.mkdir()
    save_file({"vit.embeddings.position_embeddings": np.vstack([special, patches])[None].astype(np.float32)},
              folder / "model.safetensors")  # fmt: skip
    (folder / "config.json").write_text(json.dumps({"model_type": "vit", **config}))
    return folder


def test_positions_by_row_and_column(tmp_path: Path, run: Run) -> None:
    """Two patches in a row or a column share half of their vectors, others nothing; the picture shows a cross."""
    folder = plane(tmp_path / "model", 3, 5, image_size=[24, 40], patch_size=8)
    answer = load(folder, side="position").patch_positions()
    assert (answer.rows, answer.columns, answer.special) == (3, 5, (0.0,))
    means = (answer.adjacent, answer.same_row, answer.same_column, answer.elsewhere)
    assert means == pytest.approx((0.5, 0.5, 0.5, 0), abs=1e-7)
    printed = run("positions", "--grid", "-m", str(folder)).stdout
    assert "+████  █+███  ██+██" in printed
    assert "\n█" + " " * 7 + "█" + " " * 7 + "█" in printed
    assert "class token" in printed
    validator("positions").validate(json.loads(run("positions", "--grid", "-m", str(folder), "--json").stdout))


def test_an_image_size_that_differs_from_the_config(tmp_path: Path) -> None:
    """After training on larger images, the grid is the square that the positions form without the class token."""
    folder = plane(tmp_path / "model", 4, 4, image_size=16, patch_size=8)
    answer = load(folder, side="position").patch_positions()
    assert (answer.rows, answer.columns, len(answer.special)) == (4, 4, 1)


def test_models_without_a_grid(tmp_path: Path, run: Run) -> None:
    """A text model, positions that don't form a grid, and a word with --grid."""
    with pytest.raises(ModelError, match="is not a vision transformer"):
        load("minilm").patch_positions()
    folder = plane(tmp_path / "model", 2, 3, image_size=32, patch_size=8)
    with pytest.raises(ModelError, match=r"7 positions of .* don.t fill a grid of 4 x 4 patches"):
        load(folder, side="position").patch_positions()
    done = run("positions", "3", "--grid", "-m", str(folder))
    assert (done.returncode, "can't be combined" in done.stderr) == (2, True)


def test_clip_has_positions_of_texts_and_of_images(run: Run) -> None:
    """`positions` shows those of texts, `--grid` those of images."""
    folder = str(FOLDER / "clip")
    assert "text_model.embeddings.position_embedding" in run("positions", "-m", folder).stdout
    assert "vision_model.embeddings.position_embedding" in run("positions", "--grid", "-m", folder).stdout


def test_patches_from_the_hub(tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters and positions of a model without a tokenizer; the second load makes no request."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    hub.add("org/vit", {path.name: path.read_bytes() for path in (FOLDER / "vit").iterdir()}, lfs={"model.safetensors"})
    space = load("org/vit", tensor=PATCHES["vit"])
    assert np.array_equal(np.asarray(space.matrix), np.asarray(load(FOLDER / "vit", tensor=PATCHES["vit"]).matrix))
    hub.log.clear()
    assert load("org/vit", tensor=PATCHES["vit"]).neighbors("3", 1)[0].text.isdigit()
    assert hub.log == []
    here, there = (load(name, side="position").patch_positions() for name in (FOLDER / "vit", "org/vit"))
    assert here.maps == there.maps


def test_patches_in_the_hugging_face_cache_need_no_network(
    run: Run, tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another tool's copy of a model without a tokenizer: filters and positions answer, and the Hub isn't asked."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "cache" / "models--org--vit"
    commit = "0123456789" * 4
    shutil.copytree(FOLDER / "vit", place / "snapshots" / commit)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(commit)
    space = load("org/vit", tensor=PATCHES["vit"])
    assert (space.manifest.source, space.manifest.revision, space.shape) == ("cache", commit, (8, 48))
    assert load("org/vit", side="position").patch_positions().rows == 3
    assert hub.log == []
    weights = place / "snapshots" / commit / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    done = run("info", "-m", "org/vit", "--tensor", PATCHES["vit"], HF_ENDPOINT="http://127.0.0.1:9")
    assert (done.returncode, str(weights) in done.stderr) == (4, True)


def test_a_protein_models_tokens(tmp_path: Path) -> None:
    """ESM-2 splits a sequence into residues, and its matrix can be queried like any other."""
    folder = tmp_path / "esm"
    shutil.copytree(FOLDER / "esm", folder)
    space = load(folder)
    assert [token.text for token in space.tokens("MKTAYI").tokens] == list("MKTAYI")
    assert space.vocabulary.splitter.encode("MK").ids == [0, 20, 15, 2]
    rows = load_file(folder / "model.safetensors")["esm.embeddings.word_embeddings.weight"].astype(np.float64)
    leucine, isoleucine = rows[4], rows[12]
    expected = leucine @ isoleucine / np.linalg.norm(leucine) / np.linalg.norm(isoleucine)
    assert space.dot("L", "I").pairs[0].cosine == pytest.approx(expected, abs=1e-6)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("L\tI\t2\nL\tD\t-4\nK\tR\t2\nW\tG\t-2\n")
    (scores,) = space.eval_similarity(pairs).models
    assert (scores.asked, scores.outside) == (4, 0)
