"""The real all-MiniLM-L6-v2, compared with plain NumPy in float64 and with gensim."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from conftest import data_folder, write_model
from embgeo import EmbeddingSpace, load
from embgeo.formats.token_marks import WORD
from embgeo.models import loader
from embgeo.questions.verify import FACTS
from make_minilm import make

Floats = NDArray[np.float64]
METRICS = ("cosine", "dot", "euclidean")


def plain_scores(rows: Floats, queries: Floats, metric: str) -> Floats:
    """Textbook scores [queries, rows]: higher is better."""
    dots = queries @ rows.T  # [queries, dims] @ [dims, rows] -> [queries, rows]
    lengths, others = np.linalg.norm(queries, axis=1)[:, None], np.linalg.norm(rows, axis=1)
    if metric == "euclidean":
        return -np.sqrt(np.maximum(lengths**2 + others**2 - 2 * dots, 0))
    return dots if metric == "dot" else dots / lengths / others


def plain_list(scores: Floats, groups: list[str], without: int, *, raw: bool) -> list[int]:
    """The ten best rows, ties by id; folded lists show each group once and none from the input's group."""
    best = np.argpartition(-scores, 200)[:200]
    chosen: list[int] = []
    seen = set() if raw else {groups[without]}
    for row in best[np.lexsort((best, -scores[best]))].tolist():
        if row != without and (raw or groups[row] not in seen):
            chosen.append(row)
            seen.add(groups[row])
    return chosen[:10]


def check_against_plain(space: EmbeddingSpace, count: int) -> None:
    """Compare random whole words: same ids in the same order, scores within 1e-5, for all metrics, folded and raw."""
    rows = np.asarray(space.matrix).astype(np.float64)
    table = space.vocabulary.table
    groups = [table.key(row).strip().decode().casefold() for row in range(len(rows))]
    words = np.random.default_rng(7).choice(np.flatnonzero(table.flags & WORD), count, replace=False)
    for metric in METRICS:
        sign = -1 if metric == "euclidean" else 1
        for row, scores in zip(words.tolist(), plain_scores(rows, rows[words], metric), strict=True):
            for raw in (False, True):
                answer = space.neighbors(f"id:{row}", metric=metric, raw=raw, pieces=True)
                expected = plain_list(scores, groups, row, raw=raw)
                assert [n.id for n in answer] == expected, (row, metric, raw)
                assert np.allclose([n.score for n in answer], sign * scores[expected], atol=1e-5)


@pytest.mark.slow
def test_bundled_equals_plain_numpy(minilm: EmbeddingSpace) -> None:
    """The float16 matrix: 60 random words."""
    check_against_plain(minilm, 60)


@pytest.mark.slow
def test_float32_equals_plain_numpy(minilm_float32: EmbeddingSpace) -> None:
    """The published float32 matrix: 300 random words."""
    check_against_plain(minilm_float32, 300)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (
            "3cosadd",
            [("queen", 0.50153), ("kings", 0.45113), ("monarch", 0.40662), ("monarchy", 0.36914), ("queens", 0.36878)],
        ),
        ("3cosmul", [("queen", 0.85974), ("monarch", 0.79441), ("kings", 0.79153)]),
    ],
)
def test_king_and_queen_as_in_gensim(
    minilm_float32: EmbeddingSpace, method: str, expected: list[tuple[str, float]]
) -> None:
    """King - man + woman matches gensim 4.4.0 on these vectors (raw: gensim doesn't fold)."""
    answer = minilm_float32.analogy("king", "man", "woman", k=len(expected), method=method, raw=True)
    assert [(n.piece, round(n.score, 5)) for n in answer] == expected


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # gensim calls its own deprecated method
def test_analogies_and_neighbors_equal_gensims(minilm_float32: EmbeddingSpace) -> None:
    """most_similar and most_similar_cosmul on the same rows, with pieces as words: same order, same scores."""
    gensim = pytest.importorskip("gensim.models", reason="gensim is not installed")
    table = minilm_float32.vocabulary.table
    vectors = gensim.KeyedVectors(384)
    vectors.add_vectors([table.pieces[row].decode() for row in range(len(table))], np.asarray(minilm_float32.matrix))
    for a, b, c in (("paris", "france", "italy"), ("walked", "walk", "swim"), ("bigger", "big", "small")):
        found = minilm_float32.analogy(a, b, c, raw=True)
        same_list(found, vectors.most_similar([a, c], [b], topn=10))
        found = minilm_float32.analogy(a, b, c, raw=True, method="3cosmul")
        same_list(found, vectors.most_similar_cosmul([a, c], [b], topn=10))
    same_list(minilm_float32.neighbors("cat", raw=True), vectors.most_similar("cat", topn=10))


def same_list(found: Any, expected: list[tuple[str, float]]) -> None:
    """Same pieces in the same order, scores within 1e-5."""
    assert [n.piece for n in found] == [piece for piece, _ in expected]
    assert np.allclose([n.score for n in found], [score for _, score in expected], atol=1e-5)


def test_numbers_increase_along_the_plural_direction(minilm: EmbeddingSpace) -> None:
    """One < two < three < four along cats - cat, on the bundled model."""
    answer = minilm.direction("cats", "cat").score(["one", "two", "three", "four"])
    assert answer.order == "increasing"


def test_the_bundle_is_the_published_model_in_float16(minilm: EmbeddingSpace, minilm_float32: EmbeddingSpace) -> None:
    """Every number of the bundle is the published one, rounded to float16."""
    assert np.array_equal(np.asarray(minilm.matrix), np.asarray(minilm_float32.matrix).astype(np.float16))


def test_the_bundle_is_reproducible(tmp_path: Path) -> None:
    """tools/make_minilm.py reproduces the committed files byte for byte."""
    published = data_folder("EMBGEO_TEST_MINILM", "the published all-MiniLM-L6-v2 files")
    make(published, tmp_path)
    made = ("embedding.safetensors", "layers.safetensors", "prepared.safetensors")
    for name in (*made, "tokenizer.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json"):
        assert (tmp_path / name).read_bytes() == (loader.BUNDLE / name).read_bytes(), name


@pytest.mark.slow
def test_gpt2_vocabulary(tmp_path: Path) -> None:
    """GPT-2's real vocabulary: `The cat` is 464, 3797; the published ids; 32,064 words of ASCII letters."""
    folder = data_folder("EMBGEO_TEST_GPT2", "GPT-2's vocab.json and merges.txt")
    tokenizer = Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    space = load(save_with(tokenizer, write_model(tmp_path, np.ones((50257, 2), np.float32), [])))
    assert [token.id for token in space.tokens("The cat").tokens] == [464, 3797]
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    for text, token in facts["ids"].items():
        assert space.vocabulary.resolve(f'"{text}"').ids == (token,)
    table = space.vocabulary.table
    words = [table.texts[row] for row in np.flatnonzero(table.flags & WORD)]
    assert sum(word.isascii() for word in words) == 32_064


def save_with(tokenizer: Any, folder: Path) -> Path:
    """Put a tokenizer into a model's folder."""
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
