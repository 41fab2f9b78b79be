"""Models of every architecture on a loopback Hub: the real client finds and fetches the right matrix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import vocabularies
from conftest import word_tokenizer
from embgeo import EmbgeoError, FormatError, ModelError, load
from embgeo.models.weights import shard_names
from embgeo.numerics.dtypes import from_float32, to_float32
from fakehub import FakeHub, safetensors_bytes

WORDS = [f"word{row}" for row in range(58)] + ["cat", "dog"]
ROWS, DIMS = 64, 16  # 60 words, the unknown token, three rows of padding
NUMBERS = np.random.default_rng(11).standard_normal((ROWS, DIMS), np.float32)


class Repository(NamedTuple):
    """A model as published: config, the embedding's name and dtype, and other tensors with similar names."""

    config: dict[str, Any]
    embedding: str
    dtype: str = "F32"
    unembedding: str = ""
    others: tuple[str, ...] = ()
    sharded: bool = False
    headless: bool = False

    @property
    def tied(self) -> bool | None:
        """Whether input and output share a matrix, as `info` should report it."""
        return None if self.headless else not self.unembedding


TEXT = {"vocab_size": ROWS, "hidden_size": DIMS}
PUBLISHED = {
    "gpt2": Repository({"vocab_size": ROWS, "n_embd": DIMS}, "wte.weight", others=("wpe.weight",)),
    "gpt2 with a head": Repository({"n_embd": DIMS}, "transformer.wte.weight", others=("transformer.wpe.weight",)),
    "pythia": Repository(TEXT, "gpt_neox.embed_in.weight", "F16", "embed_out.weight"),
    "llama": Repository(TEXT, "model.embed_tokens.weight", "BF16", "lm_head.weight", sharded=True),
    "qwen, tied": Repository(TEXT, "model.embed_tokens.weight", "BF16", sharded=True),
    "fp8": Repository(TEXT, "model.embed_tokens.weight", "F8_E4M3", "lm_head.weight"),
    "fp8, e5m2": Repository(TEXT, "model.embed_tokens.weight", "F8_E5M2"),
    "gemma3": Repository(
        {"text_config": TEXT}, "language_model.model.embed_tokens.weight", "BF16",
        others=("vision_tower.vision_model.embeddings.position_embedding.weight",),
    ),
    "gemma3, newer": Repository({"text_config": TEXT}, "model.language_model.embed_tokens.weight", "BF16"),
    "gemma3n": Repository(
        TEXT, "model.embed_tokens.weight", "BF16", others=("model.embed_tokens_per_layer.weight",)
    ),
    "bert": Repository(
        TEXT, "bert.embeddings.word_embeddings.weight",
        others=("bert.embeddings.position_embeddings.weight", "bert.embeddings.token_type_embeddings.weight"),
        headless=True,
    ),
    "bert classifier": Repository(
        TEXT, "bert.embeddings.word_embeddings.weight", others=("classifier.weight", "cls.seq_relationship.weight"),
        headless=True,
    ),
    "bert masked LM": Repository(
        TEXT, "bert.embeddings.word_embeddings.weight", others=("cls.predictions.transform.dense.weight",)
    ),
    "distilbert masked LM": Repository(
        TEXT, "distilbert.embeddings.word_embeddings.weight", others=("vocab_transform.weight",)
    ),
    "roberta": Repository(TEXT, "embeddings.word_embeddings.weight", headless=True),
    "roberta masked LM, sharded": Repository(
        TEXT, "roberta.embeddings.word_embeddings.weight", others=("lm_head.dense.weight",), sharded=True
    ),
    "modernbert": Repository(TEXT, "model.embeddings.tok_embeddings.weight", headless=True),
    "modernbert masked LM": Repository(
        TEXT, "model.embeddings.tok_embeddings.weight", others=("head.dense.weight",)
    ),
    "t5": Repository(
        {"vocab_size": ROWS, "d_model": DIMS}, "shared.weight",
        others=("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"),
    ),
    "t5 encoder": Repository(
        {"vocab_size": ROWS, "d_model": DIMS}, "shared.weight", others=("encoder.embed_tokens.weight",), headless=True
    ),
    "t5 v1.1": Repository({"vocab_size": ROWS, "d_model": DIMS}, "shared.weight", "F32", "lm_head.weight"),
    "opt": Repository(
        TEXT, "model.decoder.embed_tokens.weight", "F16", others=("model.decoder.embed_positions.weight",)
    ),
    "opt-350m": Repository(
        {"vocab_size": ROWS, "hidden_size": 2 * DIMS, "word_embed_proj_dim": DIMS}, "decoder.embed_tokens.weight"
    ),
    "bloom": Repository({"vocab_size": ROWS, "n_embed": DIMS}, "word_embeddings.weight", "F16"),
    "falcon": Repository(TEXT, "transformer.word_embeddings.weight", "BF16"),
    "mamba": Repository({"vocab_size": ROWS, "d_model": DIMS}, "backbone.embeddings.weight"),
    "mamba2": Repository({"vocab_size": ROWS, "d_model": DIMS}, "backbone.embedding.weight"),
    "clip": Repository({"text_config": TEXT}, "text_model.embeddings.token_embedding.weight", headless=True),
    "static": Repository({}, "embedding.weight", headless=True),
    "plain model2vec": Repository({}, "embeddings", headless=True),
}  # fmt: skip


def bits(dtype: str, scale: float = 1.0) -> np.ndarray[Any, Any]:
    """The numbers in a dtype, as stored."""
    if dtype.startswith("F8"):
        return np.arange(ROWS * DIMS).reshape(ROWS, DIMS).astype(np.uint8) % 120
    return from_float32(NUMBERS * np.float32(scale), dtype)


def files_of(repository: Repository) -> dict[str, bytes]:
    """The repository's files: small files, and the weights in one file or two shards."""
    shape, filler = (ROWS, DIMS), ("F32", (ROWS, DIMS), bytes(4 * ROWS * DIMS))
    tensors = {"layers.0.weight": ("F32", (256, 256), bytes(4 * 256 * 256)), **dict.fromkeys(repository.others, filler)}
    if repository.unembedding:
        tensors[repository.unembedding] = ("F16", shape, bits("F16", 2).tobytes())
    matrix = {repository.embedding: (repository.dtype, shape, bits(repository.dtype).tobytes())}
    small = {"config.json": json.dumps(repository.config).encode(), "tokenizer.json": word_tokenizer(WORDS).encode()}
    if not repository.sharded:
        return {**small, "model.safetensors": safetensors_bytes(tensors | matrix)}
    names = {"model-00001-of-00002.safetensors": matrix, "model-00002-of-00002.safetensors": tensors}
    index = {"metadata": {}, "weight_map": {tensor: file for file, contents in names.items() for tensor in contents}}
    shards = {name: safetensors_bytes(contents) for name, contents in names.items()}
    return {**small, "model.safetensors.index.json": json.dumps(index).encode(), **shards}


@pytest.fixture(params=PUBLISHED)
def published(request: pytest.FixtureRequest, hub: FakeHub) -> tuple[Repository, str]:
    """Each model in turn, on the loopback Hub as org/model."""
    repository = PUBLISHED[request.param]
    files = files_of(repository)
    commit = hub.add("org/model", files, lfs={name for name in files if name.endswith(".safetensors")})
    return repository, commit


def test_only_the_embedding_is_fetched(hub: FakeHub, published: tuple[Repository, str]) -> None:
    """The right tensor, rows and revision are found; only a header and the matrix are fetched, from one shard."""
    repository, commit = published
    space = load("org/model")
    info = space.info()
    assert (info.revision, info.tensor, info.dtype) == (commit, repository.embedding, repository.dtype)
    assert (info.rows, info.dimensions, info.tokens) == (ROWS, DIMS, len(WORDS) + 1)
    assert (info.tied, info.unembedding) == (repository.tied, repository.unembedding)
    expected = to_float32(bits(repository.dtype), repository.dtype)[WORDS.index("cat")]
    assert np.array_equal(np.asarray(space["cat"]), expected)
    assert all(neighbor.text != "" for neighbor in space.neighbors("cat", k=100, metric="dot"))
    ranges = [request.range for request in hub.log if request.origin == "cdn"]
    assert ranges[0] == "bytes=0-65535"
    assert len(ranges) == 2
    assert not any("model-00002" in request.path for request in hub.log)


def test_output_side(published: tuple[Repository, str]) -> None:
    """--side output uses the unembedding if there is one, else the embedding, with a note that says why."""
    repository, _ = published
    space = load("org/model", side="output")
    assert space.info().tensor == (repository.unembedding or repository.embedding)
    (note,) = space.info().notes
    assert ("the two are tied" in note) == bool(repository.tied)
    assert (note == "org/model is an encoder without an output head; its embedding stands in") == repository.headless
    if repository.unembedding:
        expected = bits("F16", 2)[WORDS.index("cat")].astype(np.float32)
        assert np.array_equal(np.asarray(space["cat"]), expected)
        assert not np.array_equal(expected, np.asarray(load("org/model")["cat"]))


def test_ambiguous_and_missing_embeddings(hub: FakeHub) -> None:
    """The error lists the candidates, or all tensors if there is none; --tensor selects one."""
    both = Repository(TEXT, "a.wte.weight", others=("b.wte.weight",))
    hub.add("org/model", files_of(both), lfs={"model.safetensors"})
    with pytest.raises(ModelError, match=r"b.wte.weight \[64, 16\], a.wte.weight \[64, 16\]"):
        load("org/model")
    assert load("org/model", tensor="a.wte.weight").info().tensor == "a.wte.weight"
    with pytest.raises(ModelError, match=r"has no tensor 'c\.weight'") as refusal:
        load("org/model", tensor="c.weight")
    assert "b.wte.weight" in refusal.value.hint
    hub.add("org/vision", files_of(Repository({}, "patch_embed.weight")), lfs={"model.safetensors"})
    with pytest.raises(ModelError, match=r"no token embedding found in 'org/vision/model\.safetensors'") as refusal:
        load("org/vision")
    assert "layers.0.weight" in refusal.value.hint


@pytest.mark.parametrize("shard", ["../secret", "/etc/passwd", "a\\b", "\\\\host\\x", "", 3, None, "https://x/y"])
def test_shards_outside_the_repository(hub: FakeHub, shard: object) -> None:
    """A weight_map is untrusted text: only plain file names in the same folder are accepted."""
    files = files_of(PUBLISHED["llama"])
    index = {"weight_map": {"model.embed_tokens.weight": shard}}
    hub.add("org/model", {**files, "model.safetensors.index.json": json.dumps(index).encode()})
    with pytest.raises(ModelError, match="which is not a file next to it"):
        load("org/model")


def test_damaged_index(hub: FakeHub) -> None:
    """An invalid index, or one without an embedding, gives an error that names it."""
    files = files_of(PUBLISHED["llama"])
    for text, message in (
        (b"[]", "index.json of .org/model. is not a JSON object"),
        (b'{"weight_map": {"x": "y"}}', "names no tensor"),
    ):
        hub.add("org/model", {**files, "model.safetensors.index.json": text})
        with pytest.raises(EmbgeoError, match=message):
            load("org/model")


def test_local_folder_of_shards(tmp_path: Path) -> None:
    """The matrix is mapped from its shard; the other shards aren't opened."""
    for name, data in files_of(PUBLISHED["llama"]).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "model-00002-of-00002.safetensors").write_bytes(b"never read")
    space = load(tmp_path)
    assert space.info().path.endswith("model-00001-of-00002.safetensors")
    assert space.info().unembedding == "lm_head.weight"


@pytest.mark.parametrize(
    ("kind", "names", "term"),
    [
        ("byte-level", ("vocab.json", "merges.txt"), "cat"),
        ("wordpiece", ("vocab.txt", "tokenizer_config.json"), "Dogs"),
    ],
)
def test_older_tokenizer_files(hub: FakeHub, kind: str, names: tuple[str, ...], term: str, tmp_path: Path) -> None:
    """vocab.json with merges.txt, or vocab.txt, gives the same ids as the original tokenizer."""
    tokenizer = vocabularies.KINDS[kind]()
    tokenizer.model.save(str(tmp_path))
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    size = tokenizer.get_vocab_size()
    weights = safetensors_bytes({"wte.weight": ("F32", (size, 2), np.ones((size, 2), np.float32).tobytes())})
    hub.add("org/model", {"model.safetensors": weights, **{name: (tmp_path / name).read_bytes() for name in names}})
    text = " " + term if kind == "byte-level" else term
    expected = tokenizer.encode(text, add_special_tokens=False).ids
    assert [token.id for token in load("org/model").vector(term).term.tokens] == expected
    folder = tmp_path / "local"
    folder.mkdir()
    for name in ("model.safetensors", *names):
        data = weights if name == "model.safetensors" else (tmp_path / name).read_bytes()
        (folder / name).write_bytes(data)
    assert [token.id for token in load(folder).vector(term).term.tokens] == expected


@pytest.mark.parametrize("tables", [("mapping", "weights"), ("mapping",), ("weights",)])
@pytest.mark.parametrize("local", [True, False], ids=["local", "hub"])
def test_model2vec(hub: FakeHub, tmp_path: Path, tables: tuple[str, ...], local: bool) -> None:
    """A token's vector is embeddings[mapping] * weight, computed by hand here."""
    rng = np.random.default_rng(2)
    shared = NUMBERS[: 5 if "mapping" in tables else ROWS]
    mapping = rng.integers(0, 5, ROWS) if "mapping" in tables else np.arange(ROWS)
    weights = rng.random(ROWS) if "weights" in tables else np.ones(ROWS)
    tensors = {"embeddings": ("F32", shared.shape, shared.tobytes())}
    if "mapping" in tables:
        tensors["mapping"] = ("I64", (ROWS,), mapping.astype("<i8").tobytes())
    if "weights" in tables:
        tensors["weights"] = ("F64", (ROWS,), weights.astype("<f8").tobytes())
    files = {"tokenizer.json": word_tokenizer(WORDS).encode(), "model.safetensors": safetensors_bytes(tensors)}
    hub.add("org/model", files)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    space = load(tmp_path if local else "org/model")
    cat = WORDS.index("cat")
    assert space.shape == (ROWS, DIMS)
    assert np.allclose(np.asarray(space["cat"]), shared[mapping[cat]] * np.float32(weights[cat]), atol=1e-7)


def test_a_changed_static_model_is_converted_again(tmp_path: Path) -> None:
    """A composed matrix is rebuilt when the file it was made from changes."""
    (tmp_path / "tokenizer.json").write_text(word_tokenizer(["a"]))
    for value in (1.0, 3.0):
        rows = np.array([[value, 0]], np.float32)
        tensors = {"embeddings": ("F32", (1, 2), rows.tobytes()), "weights": ("F32", (1,), rows[0, :1].tobytes())}
        (tmp_path / "model.safetensors").write_bytes(safetensors_bytes(tensors))
        assert load(tmp_path)["a"].norm == value * value


def test_model2vec_mapping_out_of_range(tmp_path: Path) -> None:
    """A mapping to rows that don't exist is an error."""
    tensors = {"embeddings": ("F32", (1, 2), bytes(8)), "mapping": ("I64", (1,), (7).to_bytes(8, "little"))}
    (tmp_path / "model.safetensors").write_bytes(safetensors_bytes(tensors))
    (tmp_path / "tokenizer.json").write_text(word_tokenizer(["a"]))
    with pytest.raises(ModelError, match="points outside its 1 rows"):
        load(tmp_path)


def test_static_embedding_in_a_subfolder(hub: FakeHub) -> None:
    """sentence-transformers stores a StaticEmbedding in its own subfolder."""
    files = files_of(PUBLISHED["static"])
    module = {f"0_StaticEmbedding/{name}": data for name, data in files.items() if name != "config.json"}
    hub.add("org/model", {**module, "modules.json": b"[]"})
    assert load("org/model").info().tensor == "embedding.weight"


@pytest.mark.parametrize("names", [[3, 4], [None, None], ["a", 3], [[], {}], [True, False]])
def test_shard_names_that_are_not_text(names: list[object]) -> None:
    """An index whose shards are numbers or lists is refused, for the layers too."""
    index = json.dumps({"weight_map": {"h.0": names[0], "h.1": names[1]}}).encode()
    with pytest.raises(FormatError, match=r"not a file next to it|is not an index of shards"):
        shard_names(index, "index")
