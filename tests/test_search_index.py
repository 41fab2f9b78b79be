"""`search --index`: its results, its recall, and when the index is built."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import Run
from embgeo import EmbeddingSpace, load
from embgeo.errors import UsageError
from embgeo.questions.passage_index import passage_index
from test_layers import sentence_model


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddingSpace:
    """A tiny sentence model with a store of its own, and 300 lines to search in lines.txt."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    words = np.random.default_rng(0).integers(3, 40, (300, 4)).tolist()
    (tmp_path / "lines.txt").write_text("".join(" ".join(f"w{n}" for n in line) + "\n" for line in words))
    return load(sentence_model(tmp_path / "model", "mean_tokens"))


def test_an_index_finds_what_exact_search_finds(tiny: EmbeddingSpace, tmp_path: Path) -> None:
    """At least nine of ten results with the same scores; an exact search reports no recall."""
    pytest.importorskip("usearch")
    file = tmp_path / "lines.txt"
    exact, found = tiny.search("w5 w6", [file]), tiny.search("w5 w6", [file], index=True)
    assert exact.recall is None
    assert found.recall is not None
    assert found.recall > 0.9
    assert found.recall_queries == 100
    scores = {(one.line, one.score) for one in tiny.search("w5 w6", [file], 300)}
    assert {(one.line, one.score) for one in found} <= scores
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({one.line for one in found} & {one.line for one in exact}) >= 9


def test_an_index_is_stored_and_reused(tiny: EmbeddingSpace, tmp_path: Path) -> None:
    """It is rebuilt if it is damaged or the passages differ; the store keeps only the last few."""
    pytest.importorskip("usearch")
    file = tmp_path / "lines.txt"
    first = tiny.search("w5 w6", [file], index=True)
    (stored,) = (tmp_path / "store").rglob("index-*.usearch")
    time = stored.stat().st_mtime_ns
    assert tiny.search("w5 w6", [file], index=True).results == first.results
    assert stored.stat().st_mtime_ns == time
    stored.write_bytes(b"broken")
    assert len(tiny.search("w5 w6", [file], index=True)) == len(first)
    assert stored.stat().st_size > 1000
    for count in (100, 150, 200, 250):
        (tmp_path / "less.txt").write_text("".join(file.read_text().splitlines(keepends=True)[:count]))
        assert tiny.search("w5 w6", [tmp_path / "less.txt"], index=True).passages == count
    assert len(list((tmp_path / "store").rglob("index-*.usearch"))) == 3


def test_recall_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that finds only even rows has the share of even rows among the true neighbors as recall."""
    usearch = pytest.importorskip("usearch.index")
    vectors = np.random.default_rng(1).standard_normal((60, 8)).astype(np.float32)
    real = usearch.Index.search

    def half(self: object, vector: np.ndarray, k: int) -> object:
        matches = real(self, vector, 60)
        matches.keys = np.array([number for number in matches.keys if number % 2 == 0][:k])
        return matches

    monkeypatch.setattr(usearch.Index, "search", half)
    index = passage_index(tmp_path, "key", vectors, lambda *_: None)
    expected = 0
    for query in range(60):
        others = [n for n in np.argsort(-(vectors @ vectors[query])) if n != query][:10]
        expected += sum(n % 2 == 0 for n in others)
    assert index.queries == 60
    assert index.recall == pytest.approx(expected / 600)


def test_a_single_passage_and_no_results(tiny: EmbeddingSpace, tmp_path: Path) -> None:
    """With one passage there is nothing to measure recall on; k = 0 gives an empty list."""
    pytest.importorskip("usearch")
    (tmp_path / "one.txt").write_text("w7 w8\n")
    one = tiny.search("w7", [tmp_path / "one.txt"], index=True)
    assert (len(one), one.recall, one.recall_queries) == (1, 1.0, 0)
    assert len(tiny.search("w7", [tmp_path / "lines.txt"], 0, index=True)) == 0


def test_without_usearch(tiny: EmbeddingSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(UsageError, match="--index needs usearch") as caught:
        tiny.search("w5", [tmp_path / "lines.txt"], index=True)
    assert "embgeo[index]" in caught.value.hint


def test_the_table_shows_the_recall(tiny: EmbeddingSpace, tmp_path: Path, run: Run) -> None:
    """In a line below the passages."""
    pytest.importorskip("usearch")
    assert tiny
    done = run("search", "w5 w6", str(tmp_path / "lines.txt"), "--index", "-m", str(tmp_path / "model"))
    assert "of the nearest others of 100 sampled passages" in done.stdout
