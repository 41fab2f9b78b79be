"""Position embeddings: in every family of models, by hand, against plain NumPy, and GPT-2's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import Run, data_folder, word_tokenizer
from embgeo import EmbeddingSpace, ModelError, TermError, UsageError, load
from embgeo.numerics.dtypes import shortest
from embgeo.space import peek
from fakehub import FakeHub, safetensors_bytes

WORDS = ["cat", "dog", "king"]
TOKENS = np.array([[3, 0], [0, 2], [1, 1], [0, 0]], np.float32)  # the last one is for the unknown token
PLACES = np.array([[0, 4], [3, 4], [5, 0], [0, -1]], np.float32)
# Dot products of GPT-2's positions 0 to 7 with each other, from the published file; each row from the diagonal on.
GPT2_FIRST = [
    [97.5275, 26.8806, 22.7357, 21.5709, 20.6483, 19.6081, 18.8135, 18.1000],
    [26.9585, 21.8188, 19.4944, 18.0564, 17.0182, 16.2084, 15.5482],
    [21.0247, 19.4867, 18.3942, 17.4202, 16.6301, 15.9281],
    [18.8043, 17.9787, 17.2295, 16.5637, 15.9456],
    [17.4812, 16.8888, 16.3795, 15.8774],
    [16.4890, 16.0870, 15.6931],
    [15.8077, 15.4923],
    [15.2742],
]


def files(tensors: Mapping[str, NDArray[Any]], **config: object) -> dict[str, bytes]:
    """A model's files."""
    dtypes = {"<f4": "F32", "<f2": "F16"}
    tensor_bytes = {name: (dtypes[rows.dtype.str], rows.shape, rows.tobytes()) for name, rows in tensors.items()}
    return {
        "config.json": json.dumps(config).encode(), "tokenizer.json": word_tokenizer(WORDS).encode(),
        "model.safetensors": safetensors_bytes(tensor_bytes),
    }  # fmt: skip


def folder(path: Path, tensors: Mapping[str, NDArray[Any]], **config: object) -> Path:
    """Write a model's files into a folder."""
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files(tensors, **config).items():
        (path / name).write_bytes(data)
    return path


@pytest.fixture
def small(tmp_path: Path) -> EmbeddingSpace:
    """Three words and four positions in the plane."""
    return load(folder(tmp_path / "small", {"wte.weight": TOKENS, "wpe.weight": PLACES}))


def test_lengths_and_cosines_by_hand(small: EmbeddingSpace) -> None:
    """Lengths 4, 5, 5, 1. One apart: 4/5, 3/5, 0; two apart: 0 and -4/5."""
    found = small.positions()
    assert (found.tensor, found.positions, found.dimensions, found.offset) == ("wpe.weight", 4, 2, 0)
    assert found.norms == (4, 5, 5, 1)
    assert (found.norm, found.shortest.position, found.longest.position) == (3.75, 3, 1)
    by_hand = [(1, 3, (0.8 + 0.6 + 0) / 3, 0, 0.8), (2, 2, -0.4, -0.8, 0)]
    assert [(a.distance, a.pairs) for a in found.apart] == [row[:2] for row in by_hand]
    numbers = [(a.cosine, a.lowest, a.highest) for a in found.apart]
    assert np.allclose(numbers, [row[2:] for row in by_hand], atol=1e-7)
    assert found.order == "decreasing"


def test_a_token_at_a_position_by_hand(small: EmbeddingSpace) -> None:
    """Cat (3, 0) at 0, (0, 4): (3, 4), of length 5. King (1, 1) has 7 / (5 sqrt 2), dog (0, 2) 4/5, cat itself 3/5."""
    found = small.positions("cat", 0)
    assert np.asarray(found).tolist() == [3, 4]
    assert (found.token_norm, found.position_norm, found.norm) == (3, 4, 5)
    assert (found.between, found.cosine) == (0, shortest(3 / 5))
    expected = [(" king", shortest(7 / (5 * 2**0.5))), (" dog", shortest(4 / 5))]
    assert [(n.text, n.score) for n in found] == expected
    assert [(out.text, out.score, out.rank) for out in found.excluded] == [(" cat", shortest(3 / 5), 3)]
    assert found.kept == 2
    assert small.positions("cat", 0, k=1).kept == 1


def test_the_position_may_change_the_neighbors(small: EmbeddingSpace) -> None:
    """Cat's nearest is king; with (0, 200) added it is dog, and none of cat's own list remains."""
    far = load(folder(Path(small.info().path).parent / "far", {"wte.weight": TOKENS, "wpe.weight": 50 * PLACES}))
    assert [n.text for n in small.neighbors("cat", k=1)] == [" king"]
    found = far.positions("cat", 0, k=1)
    assert ([n.text for n in found], found.kept) == ([" dog"], 0)


def test_kept_neighbors_are_counted_as_words(tmp_path: Path) -> None:
    """`dog` for the token and `Dog` for the sum are one word, which counts as kept."""
    words = ["cat", "dog", "Dog", "king"]
    tokens = np.array([[1, 0], [2, 1], [2, 3], [-1, 0], [-1, 0]], np.float32)
    path = folder(tmp_path, {"wte.weight": tokens, "wpe.weight": np.array([[0, 4]], np.float32)})
    (path / "tokenizer.json").write_text(word_tokenizer(words))
    space = load(path)
    alone, found = space.neighbors("cat", k=1), space.positions("cat", 0, k=1)
    assert ([n.text for n in alone], [n.text for n in found], found.kept) == ([" dog"], [" Dog"], 1)
    assert space.positions("cat", 0, k=1, raw=True).kept == 0


def test_notes_of_a_transformed_space_name_the_tensor() -> None:
    """A transformed space is a file of its own; the note names the model's tensor."""
    note = "the position embedding answers: embeddings.position_embeddings.weight"
    assert load("minilm", side="position", transform="center").neighbors("3", k=1).notes[0] == note


def test_minilm_against_numpy(minilm: EmbeddingSpace) -> None:
    """All cosines of the bundled positions by diagonals, and the neighbors of a sum over the whole vocabulary."""
    rows = np.asarray(load("minilm", side="position").matrix).astype(np.float64)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    every = units @ units.T  # [positions, dims] @ [dims, positions]
    found = minilm.positions()
    assert [one.distance for one in found.apart] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    for one in found.apart:
        diagonal = np.diagonal(every, one.distance)
        assert np.allclose([one.cosine, one.lowest, one.highest], [diagonal.mean(), diagonal.min(), diagonal.max()])
    assert np.allclose(found.norms, np.linalg.norm(rows, axis=1))
    tokens = np.asarray(minilm.matrix).astype(np.float64)
    total = tokens[4937] + rows[7]
    cosines = tokens @ total / np.linalg.norm(tokens, axis=1) / np.linalg.norm(total)
    answer = minilm.positions("cat", 7, k=20, raw=True)
    assert [n.id for n in answer] == [row for row in np.argsort(-cosines).tolist() if row != 4937][:20]
    assert np.allclose([n.score for n in answer], cosines[[n.id for n in answer]])
    assert np.array_equal(np.asarray(answer), total.astype(np.float32))


FAMILIES: dict[str, tuple[str, str, dict[str, Any], int, float]] = {
    "gpt2": ("wte.weight", "wpe.weight", {"model_type": "gpt2"}, 0, 1),
    "gpt2 with a head": ("transformer.wte.weight", "transformer.wpe.weight", {"model_type": "gpt2"}, 0, 1),
    "gpt": ("tokens_embed.weight", "positions_embed.weight", {"model_type": "openai-gpt"}, 0, 1),
    "bert": (
        "bert.embeddings.word_embeddings.weight", "bert.embeddings.position_embeddings.weight",
        {"model_type": "bert", "position_embedding_type": "absolute", "pad_token_id": 0}, 0, 1,
    ),
    "roberta": (
        "roberta.embeddings.word_embeddings.weight", "roberta.embeddings.position_embeddings.weight",
        {"model_type": "roberta", "pad_token_id": 1}, 2, 1,
    ),
    "opt": ("model.decoder.embed_tokens.weight", "model.decoder.embed_positions.weight", {"model_type": "opt"}, 2, 1),
    "bart": ("model.shared.weight", "model.encoder.embed_positions.weight", {"model_type": "bart"}, 2, 1),
    "mbart": (
        "model.shared.weight", "model.encoder.embed_positions.weight",
        {"model_type": "mbart", "scale_embedding": True}, 2, 2**0.5,
    ),
    "clip": (
        "text_model.embeddings.token_embedding.weight", "text_model.embeddings.position_embedding.weight",
        {"model_type": "clip", "text_config": {"model_type": "clip_text_model"}}, 0, 1,
    ),
}  # fmt: skip
OTHERS = ("vision_model.embeddings.position_embedding.weight", "model.decoder.embed_positions.weight")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family(tmp_path: Path, family: str) -> None:
    """The right tensor, first row and scale; the sum is the one that transformers' own code computes."""
    tokens, places, config, first, scale = FAMILIES[family]
    others = {name: np.full((5, 2), 9, np.float32) for name in OTHERS if name != places}
    path = folder(tmp_path, {tokens: TOKENS, **others, places: PLACES}, **config)
    found = load(path).positions()
    assert (found.tensor, found.positions, found.offset) == (places, 4 - first, first)
    answer = load(path).positions("dog", 1)
    assert (answer.row, answer.tensor, answer.position) == (first + 1, places, 1)
    assert np.allclose(np.asarray(answer), scale * TOKENS[1] + PLACES[first + 1])
    assert answer.scale == shortest(scale)


NONE: dict[str, tuple[dict[str, Any], str]] = {
    "llama": ({"model_type": "llama"}, "rotary"),
    "gemma3": ({"model_type": "gemma3", "text_config": {"model_type": "gemma3_text"}}, "rotary"),
    "one unknown": ({"model_type": "new", "rope_theta": 10000.0}, "rotary"),
    "a newer unknown": ({"model_type": "new", "rope_parameters": {"rope_type": "default"}}, "rotary"),
    "falcon": ({"model_type": "falcon", "alibi": False}, "rotary"),
    "falcon-rw": ({"model_type": "falcon", "alibi": True}, "ALiBi"),
    "bloom": ({"model_type": "bloom"}, "ALiBi"),
    "mpt": ({"model_type": "mpt", "attn_config": {"alibi": True}}, "ALiBi"),
    "t5": ({"model_type": "t5"}, "relative"),
    "marian": ({"model_type": "marian"}, "fixed sinusoids"),
    "mamba": ({"model_type": "mamba"}, "one token after the other"),
    "esm-2": ({"model_type": "esm", "position_embedding_type": "rotary"}, "rotary"),
}


@pytest.mark.parametrize("model", NONE)
def test_models_without_a_position_embedding(hub: FakeHub, model: str) -> None:
    """The config decides, without reading the weights, even if they contain an unused table."""
    config, kind = NONE[model]
    unused = {"wte.weight": TOKENS, "embeddings.position_embeddings.weight": PLACES}
    hub.add("org/model", files(unused, **config), lfs={"model.safetensors"})
    with pytest.raises(ModelError, match=f"'org/model' stores no position embedding: its positions.*{kind}") as refusal:
        load("org/model", side="position")
    assert refusal.value.exit_code == 4
    assert [request for request in hub.log if "safetensors" in request.path] == []


@pytest.mark.parametrize("config", [{}, {"model_type": "gpt2"}, {"model_type": "mpt", "attn_config": {"alibi": False}}])
def test_no_position_embedding_is_found(tmp_path: Path, config: dict[str, Any]) -> None:
    """If the config doesn't explain why, the error lists the matrices that exist."""
    path = folder(tmp_path, {"wte.weight": TOKENS}, **config)
    with pytest.raises(ModelError, match="no position embedding found in") as refusal:
        load(path).positions()
    assert refusal.value.hint == "Its matrices are wte.weight."


@pytest.mark.parametrize("config", [{"model_type": ["gpt2"]}, {"rope_theta": None}, {"attn_config": 3, "alibi": None}])
def test_invalid_values_in_the_config(tmp_path: Path, config: dict[str, Any]) -> None:
    """Values that aren't names or numbers are ignored."""
    path = folder(tmp_path, {"wte.weight": TOKENS, "wpe.weight": PLACES}, **config)
    assert load(path).positions().positions == 4


def test_only_the_position_embedding_is_fetched(hub: FakeHub, own_store: Path) -> None:
    """No token embedding and no tokenizer is fetched; a second load makes no request."""
    tensors = {"wte.weight": np.zeros((50_000, 2), np.float32), "wpe.weight": PLACES}
    commit = hub.add("org/model", files(tensors, model_type="gpt2"), lfs={"model.safetensors"})
    assert load("org/model", side="position").shape == (4, 2)
    assert hub.sent() < 70_000 < tensors["wte.weight"].nbytes
    assert [request for request in hub.log if "tokenizer" in request.path] == []
    (stored,) = own_store.glob("hub/*/*/embedding.safetensors")
    assert stored.parent.name == f"{commit}+position"
    requests = len(hub.log)
    assert load("org/model", side="position").info().tensor == "wpe.weight"
    assert len(hub.log) == requests


def test_positions_of_a_revision(hub: FakeHub) -> None:
    """A space's positions come from its own commit, wherever the branch has moved since."""
    old = hub.add("org/model", files({"wte.weight": TOKENS, "wpe.weight": PLACES}), lfs={"model.safetensors"})
    space = load("org/model")
    hub.add("org/model", files({"wte.weight": TOKENS, "wpe.weight": 2 * PLACES}), lfs={"model.safetensors"})
    assert (space.positions().revision, space.positions().norms) == (old, (4, 5, 5, 1))


def test_rotary_positions_are_refused_before_any_fetch(hub: FakeHub, run: Run) -> None:
    """Neither the position embedding nor the token embedding is fetched."""
    hub.add("org/model", files({"wte.weight": TOKENS}, model_type="llama"), lfs={"model.safetensors"})
    done = run("positions", "cat", "--at", "1", "-m", "org/model")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("embgeo: 'org/model' stores no position embedding: its positions are rotary (RoPE)")
    assert [request for request in hub.log if "safetensors" in request.path] == []


def test_a_token_at_a_position_of_a_model_on_the_hub(hub: FakeHub, run: Run) -> None:
    """Both matrices are fetched once, from the same commit, and the answer names it."""
    tensors = {"wte.weight": TOKENS, "wpe.weight": PLACES}
    commit = hub.add("org/model", files(tensors, model_type="gpt2"), lfs={"model.safetensors"})
    done = run("positions", "cat", "--at", "1", "-m", "org/model", "--json")
    answer = json.loads(done.stdout)
    assert (answer["values"], answer["revision"], answer["notes"]) == ([6, 4], commit, [])
    requests = len(hub.log)
    assert run("positions", "cat", "--at", "1", "-m", "org/model", "--json").stdout == done.stdout
    assert len(hub.log) == requests


def test_rotary_positions_are_recognized_offline(hub: FakeHub, run: Run) -> None:
    """The stored config says so; no request is made."""
    hub.add("org/model", files({"wte.weight": TOKENS}, model_type="llama"), lfs={"model.safetensors"})
    load("org/model")
    requests = len(hub.log)
    done = run("positions", "cat", "-m", "org/model", HF_HUB_OFFLINE="1")
    assert (done.returncode, done.stdout, len(hub.log)) == (4, "", requests)
    assert "its positions are rotary" in done.stderr


def test_positions_are_named_by_their_numbers(small: EmbeddingSpace) -> None:
    """With side="position" the terms are position numbers; OPT's padding rows have none."""
    places = load("minilm", side="position")
    assert {n.text for n in places.neighbors("100", k=2)} == {"99", "101"}
    assert places.notes == ("the position embedding answers: embeddings.position_embeddings.weight",)
    path = folder(Path(small.info().path).parent / "opt", {"wpe.weight": PLACES}, model_type="opt")
    opt = load(path, side="position")
    assert (np.asarray(opt["0"]).tolist(), opt.info().tokens) == ([5, 0], 2)
    with pytest.raises(TermError, match="'2' is not in this model's vocabulary"):
        opt.vector("2")


@pytest.mark.parametrize(
    ("at", "error", "message"),
    [(4, TermError, "has no position 4"), (-1, UsageError, "invalid position '-1'")],
)
def test_invalid_positions(small: EmbeddingSpace, at: int, error: type[Exception], message: str) -> None:
    """A position after the last or before the first is an error."""
    with pytest.raises(error, match=message):
        small.positions("cat", at)


def test_token_and_position_widths_differ(tmp_path: Path) -> None:
    """In models that project the tokens first, like opt-350m, the sum is undefined."""
    path = folder(tmp_path, {"wte.weight": TOKENS, "wpe.weight": np.ones((3, 5), np.float32)})
    with pytest.raises(TermError, match="have 2 and 5 dimensions"):
        load(path).positions("cat", 0)


def test_a_sum_of_zero(tmp_path: Path) -> None:
    """A position that cancels out the token leaves no direction."""
    path = folder(tmp_path, {"wte.weight": TOKENS, "wpe.weight": -TOKENS})
    with pytest.raises(TermError, match="'cat at 0' has no direction"):
        load(path).positions("cat", 0)


def test_nan_and_zero_positions(tmp_path: Path) -> None:
    """They have no cosines and aren't counted in pairs; the norm of a NaN row is None."""
    rows = np.array([[np.nan, 0], [1, 0], [0, 0], [2, 0], [1, 0]], np.float32)
    found = load(folder(tmp_path, {"wte.weight": TOKENS, "wpe.weight": rows})).positions()
    assert found.norms == (None, 1, 0, 2, 1)
    assert [(one.distance, one.pairs) for one in found.apart] == [(1, 1), (2, 1)]
    bad = folder(tmp_path / "bad", {"wte.weight": TOKENS, "wpe.weight": rows[:1]})
    with pytest.raises(TermError, match="no position"):
        load(bad).positions()


def test_one_position(tmp_path: Path) -> None:
    """There is nothing to compare, and no error."""
    found = load(folder(tmp_path, {"wte.weight": TOKENS, "wpe.weight": PLACES[:1]})).positions()
    assert (found.apart, found.order) == ((), "none")


def test_errors_of_positions(tmp_path: Path, hub: FakeHub) -> None:
    """Word vectors have no positions; --tensor can't select them; a peek has only tokens."""
    (tmp_path / "words.vec").write_text("1 2\ncat 1 2\n")
    with pytest.raises(ModelError, match="no positions"):
        load(tmp_path / "words.vec").positions()
    with pytest.raises(UsageError, match="not by --tensor"):
        load(tmp_path, side="position", tensor="wpe.weight")
    hub.add("org/model", files({"wte.weight": TOKENS, "wpe.weight": PLACES}), lfs={"model.safetensors"})
    with pytest.raises(UsageError, match="not of positions"), peek("org/model", side="position"):
        pass


def test_a_folder_named_gpt2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positions of ./gpt2 come from the folder, not from the model on the Hub."""
    folder(tmp_path / "gpt2", {"wte.weight": TOKENS, "wpe.weight": PLACES})
    monkeypatch.chdir(tmp_path)
    assert load("./gpt2").positions().norms == (4, 5, 5, 1)


def test_a_changed_config(tmp_path: Path) -> None:
    """The config says which row is position 0, so another config gives another answer."""
    path = folder(tmp_path, {"wte.weight": TOKENS, "embed_positions.weight": PLACES}, model_type="gpt2")
    assert load(path).positions().offset == 0
    (path / "config.json").write_text('{"model_type": "opt"}')
    assert load(path).positions().offset == 2


def test_commands(run: Run) -> None:
    """They print what the library returns, and a note says that the model normalizes the sum."""
    found = json.loads(run("positions", "-m", "minilm", "--json").stdout)
    assert (found["positions"], found["offset"], len(found["norms"])) == (512, 0, 512)
    done = run("positions", "cat", "--at", "7", "-m", "minilm", "--json")
    answer = json.loads(done.stdout)
    assert (answer["position"], len(answer["values"])) == (7, 384)
    assert "normalizes this sum" in done.stderr


def test_the_bundled_model_answers_offline(run: Run) -> None:
    """Offline and without -m: MiniLM's positions, and a note about GPT-2's."""
    done = run("positions", "--json", HF_HUB_OFFLINE="1")
    assert json.loads(done.stdout)["model"] == "minilm"
    assert "GPT-2's positions are not on this machine" in done.stderr


def test_gpt2s_first_positions(tmp_path: Path) -> None:
    """Eight rows with the lengths and angles of GPT-2's first eight: position 0 is nearly twice as long as the next."""
    gram = np.zeros((8, 8))
    gram[np.triu_indices(8)] = [value for row in GPT2_FIRST for value in row]
    gram = gram + gram.T - np.diag(np.diag(gram))
    values, vectors = np.linalg.eigh(gram)
    rows = (vectors * np.sqrt(values)).astype(np.float32)  # rows whose dot products are GPT-2's
    words = {"wte.weight": np.zeros((4, 8), np.float32), "wpe.weight": rows}
    found = load(folder(tmp_path, words)).positions()
    lengths = np.sqrt(np.diag(gram))
    cosines = gram / np.outer(lengths, lengths)
    assert np.allclose(found.norms, lengths, atol=1e-4)
    assert found.longest.position == 0
    assert np.allclose(found.longest.norm / found.norms[1], 1.902, atol=1e-3)
    for one in found.apart:
        assert one.cosine == pytest.approx(np.diagonal(cosines, one.distance).mean(), abs=1e-5)
    assert [round(one.cosine, 4) for one in found.apart] == [0.9144, 0.88, 0.7901]


def test_all_of_gpt2s_positions() -> None:
    """GPT-2's own file: its published digest, the long first position, the untrained last one, and the helix."""
    folder_ = data_folder("EMBGEO_TEST_GPT2", "GPT-2's vocabulary and wpe.safetensors")
    if not (folder_ / "wpe.safetensors").is_file():
        pytest.skip("$EMBGEO_TEST_GPT2 has no wpe.safetensors, GPT-2's position embedding (see CONTRIBUTING.md)")
    space = load(folder_ / "wpe.safetensors", side="position")
    assert space.info().sha256 == "29c69587e2af826b7c159c38620a32e549a925e6d9a0dc37cb563f377f5be772"
    found = space.positions()
    assert (found.positions, found.dimensions) == (1024, 768)
    assert (found.longest.position, found.shortest.position) == (0, 1023)
    lengths = (found.longest.norm, found.norms[1], found.shortest.norm, found.norm)
    assert lengths == pytest.approx((9.875602, 5.192155, 0.1179292, 3.3900621), abs=1e-6)
    expected = [
        0.9973745,
        0.9970208,
        0.9955731,
        0.9904622,
        0.9725400,
        0.9126465,
        0.7295315,
        0.2593284,
        -0.4456718,
        0.2755763,
    ]
    assert [one.cosine for one in found.apart] == pytest.approx(expected, abs=1e-6)
    assert found.order == "none"
    assert {n.text for n in space.neighbors("500", k=2)} == {"498", "502"}  # 499 and 501 are slightly further away
