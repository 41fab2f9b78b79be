"""`--reference gensim` gives the counts and correlations of gensim 4 on the same vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from conftest import SpaceOf, data_folder
from embgeo import EmbeddingSpace
from embgeo.formats.benchmarks import read_analogies, read_odd, read_rated
from embgeo.numerics.correlation import pearson, ranks
from embgeo.questions.evaluation.analogies import evaluate_analogies
from embgeo.questions.evaluation.odd_one_out import evaluate_odd
from embgeo.questions.evaluation.similarity import evaluate_similarity
from embgeo.questions.odd import odd

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # gensim calls its own deprecated functions
MEASURED = {
    "capital-common-countries": (436, 506), "capital-world": (1191, 1500), "currency": (4, 54),
    "city-in-state": (1180, 1823), "family": (320, 380), "gram1-adjective-to-adverb": (438, 930),
    "gram2-opposite": (116, 182), "gram3-comparative": (1117, 1190), "gram4-superlative": (315, 380),
    "gram5-present-participle": (703, 930), "gram6-nationality-adjective": (1295, 1299),
    "gram7-past-tense": (711, 1482), "gram8-plural": (961, 992), "gram9-plural-verbs": (384, 506),
}  # fmt: skip  # by gensim 4.4.0 on all-MiniLM-L6-v2 in float32


def benchmarks() -> Path:
    """The folder with the benchmark files."""
    return data_folder("EMBGEO_TEST_BENCHMARKS", "questions-words.txt, wordsim353.tsv and simlex999.txt")


def gensim_of(space: EmbeddingSpace) -> Any:
    """The same vectors in gensim, with the vocabulary's pieces as words."""
    models = pytest.importorskip("gensim.models", reason="gensim is not installed")
    table = space.vocabulary.table
    vectors = models.KeyedVectors(space.shape[1])
    vectors.add_vectors([table.pieces[row].decode() for row in range(len(table))], np.asarray(space.matrix))
    return vectors


@pytest.mark.slow
def test_google_set_as_gensim(minilm_float32: EmbeddingSpace) -> None:
    """Gensim counted 9,171 right of 12,154 questions; embgeo counts the same in every section."""
    file = read_analogies(benchmarks() / "questions-words.txt")
    result, misses = evaluate_analogies(minilm_float32, file, reference="gensim")
    assert {score.section: (score.right, score.asked) for score in result.sections} == MEASURED
    assert (result.total.right, result.total.asked, result.total.outside) == (9171, 12154, 19544 - 12154)
    assert len(misses) == 12154 - 9171


@pytest.mark.slow
@pytest.mark.parametrize("restrict", [300_000, 20_000])
def test_every_tenth_question_as_gensim(minilm_float32: EmbeddingSpace, tmp_path: Path, restrict: int) -> None:
    """On every tenth question of the Google set, embgeo and gensim count the same in each section."""
    lines = (benchmarks() / "questions-words.txt").read_text().splitlines()
    sample = [line for number, line in enumerate(lines) if line.startswith(":") or number % 10 == 0]
    path = tmp_path / "questions.txt"
    path.write_text("\n".join(sample) + "\n")
    _, expected = gensim_of(minilm_float32).evaluate_word_analogies(str(path), restrict_vocab=restrict)
    result, _ = evaluate_analogies(minilm_float32, read_analogies(path), reference="gensim", restrict=restrict)
    counts = [(score.section, score.right, score.asked) for score in result.sections]
    assert counts == [
        (section["section"], len(section["correct"]), len(section["correct"]) + len(section["incorrect"]))
        for section in expected[:-1]
    ]


def test_spellings_of_inputs_as_gensim(space_of: SpaceOf, tmp_path: Path) -> None:
    """Gensim considers five rows; if all five are spellings of inputs it answers with the fifth, which may be right."""
    rows = {"aa": (1, 0, 0), "bb": (1, 1, 0), "cc": (0, 1, 0.1), "dd": (0, 1, 0.9)}
    rows |= {word: (0, 1, 0.05 + n / 20) for n, word in enumerate(["Bb", "bB", "BB", "Cc", "cC"])}
    space = space_of(rows)
    (tmp_path / "q.txt").write_text(": s\n▁aa ▁bb ▁cc ▁dd\n▁aa ▁bb ▁cc ▁bb\n▁aa ▁bb ▁cc ▁cc\n▁bb ▁aa ▁dd ▁cc\n")
    _, expected = gensim_of(space).evaluate_word_analogies(str(tmp_path / "q.txt"))
    result, misses = evaluate_analogies(space, read_analogies(tmp_path / "q.txt"), reference="gensim")
    assert result.total.asked == 4
    assert result.total.right == len(expected[-1]["correct"])
    assert [(*miss.question.upper().split(), miss.expected.upper()) for miss in misses] == expected[-1]["incorrect"]
    assert ("▁AA", "▁BB", "▁CC", "▁CC") in expected[-1]["correct"]


@pytest.mark.parametrize(
    ("name", "pearson_measured", "spearman_measured", "outside"),
    [("wordsim353.tsv", 0.7180, 0.7752, 6.80), ("simlex999.txt", 0.5197, 0.4951, 3.60)],
)
@pytest.mark.slow
def test_similarity_as_gensim(
    minilm_float32: EmbeddingSpace, name: str, pearson_measured: float, spearman_measured: float, outside: float
) -> None:
    """Pearson and Spearman equal gensim's within 1e-6, and the figures measured with gensim 4.4.0."""
    path = benchmarks() / name
    expected = gensim_of(minilm_float32).evaluate_word_pairs(str(path))
    result = evaluate_similarity(minilm_float32, read_rated(path), reference="gensim")
    assert result.pearson == pytest.approx(expected[0][0], abs=1e-6)
    assert result.spearman == pytest.approx(expected[1][0], abs=1e-6)
    assert 100 * result.outside_share == pytest.approx(expected[2])
    assert (round(result.pearson or 0, 4), round(result.spearman or 0, 4)) == (pearson_measured, spearman_measured)
    assert round(100 * result.outside_share, 2) == outside


def test_cosmul_as_gensim(minilm_float32: EmbeddingSpace) -> None:
    """Ten analogies by 3CosMul have the same top ten, with scores within 1e-5."""
    vectors = gensim_of(minilm_float32)
    lines = (benchmarks() / "questions-words.txt").read_text().lower().splitlines()
    questions = [line.split() for line in lines[1::1900] if not line.startswith(":")]
    for a, b, c, _ in (words for words in questions if all(word in vectors for word in words)):
        result = minilm_float32.analogy(b, a, c, method="3cosmul", raw=True)
        expected = vectors.most_similar_cosmul([b, c], [a], topn=10)
        assert [one.piece for one in result] == [word for word, _ in expected]
        assert np.allclose([one.score for one in result], [score for _, score in expected], atol=1e-5)


def test_odd_one_out_as_gensim(minilm: EmbeddingSpace) -> None:
    """The order and scores equal those of `rank_by_centrality` on the same float32 vectors."""
    models = pytest.importorskip("gensim.models", reason="gensim is not installed")
    words = ["breakfast", "cereal", "dinner", "lunch", "car", "toast"]
    vectors = models.KeyedVectors(minilm.shape[1])
    vectors.add_vectors(words, np.array([minilm[word].values for word in words], np.float32))
    result = odd(minilm, words)
    assert result.odd == vectors.doesnt_match(words)
    expected = vectors.rank_by_centrality(words)[::-1]
    assert [one.term for one in result.words] == [word for _, word in expected]
    assert np.allclose([one.centrality for one in result.words], [score for score, _ in expected], atol=1e-5)


def test_odd_lines_as_gensim(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """Lines with unknown words, upper-case words and ties give the answers of `doesnt_match`."""
    models = pytest.importorskip("gensim.models", reason="gensim is not installed")
    known = ["breakfast", "dinner", "lunch", "car", "king", "queen", "man"]
    vectors = models.KeyedVectors(minilm.shape[1])
    vectors.add_vectors(known, np.array([minilm[word].values for word in known], np.float32))
    lines = [
        "breakfast lunch dinner car", "zzyzx king queen car", "King queen man car", "car car king king",
        "zzyzx qqqqqq ☃☃", "king queen man zzyzx", "king zzyzx king", "king lunch zzyzx", "lunch zzyzx king",
        "car king king car",
    ]  # fmt: skip
    path = tmp_path / "odd.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    model, misses = evaluate_odd(minilm, read_odd(path), reference="gensim")
    questions = [line.split() for line in lines if any(word in vectors for word in line.split())]
    wrong = [(" ".join(line), result) for line in questions if (result := vectors.doesnt_match(line)) != line[-1]]
    assert [(miss.question, miss.answered) for miss in misses] == wrong
    assert (model.right, model.asked, model.outside) == (len(questions) - len(wrong), len(questions), 1)


def test_correlations_as_scipy() -> None:
    """Ranks and both correlations equal SciPy's, with many ties too."""
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 9, 200).astype(float), rng.integers(0, 5, 200).astype(float)
    assert np.array_equal(ranks(x), stats.rankdata(x))
    assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y)[0], abs=1e-7)
    assert pearson(ranks(x), ranks(y)) == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-7)
    assert pearson(np.ones(3), np.arange(3.0)) is None
