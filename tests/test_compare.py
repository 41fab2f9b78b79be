"""Two spaces compared: hand-made answers, the published formulas in plain NumPy, and SciPy's Procrustes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from numpy.typing import NDArray

from conftest import Run, write_model
from embgeo import EmbeddingSpace, FormatError, TermError, UsageError, load
from embgeo.formats import map_file
from embgeo.formats.safetensors import file_head
from embgeo.numerics.moments import RunningMoments
from embgeo.numerics.paired_moments import PairedMoments, cosine_moments, linear_cka, paired
from embgeo.numerics.procrustes import rotation, target_ranks
from golden import DATA
from test_context import lettered

Floats = NDArray[np.float64]
WORDS = 400
NAMES = [f"word{chr(97 + row // 26)}{chr(97 + row % 26)}" for row in range(WORDS)]


def pair(folder: Path, first: Floats, second: Floats, names: Sequence[str] = NAMES) -> tuple[EmbeddingSpace, ...]:
    """Two models with these rows for the same words."""
    return tuple(
        load(write_model(folder / name, rows, names[: len(rows)])) for name, rows in (("a", first), ("b", second))
    )  # fmt: skip


def random_rows(dims: int = 16, seed: int = 0, words: int = WORDS) -> Floats:
    """Random rows with a common offset, and axes of different variance."""
    random = np.random.default_rng(seed)
    return np.asarray(random.standard_normal((words, dims)) * np.linspace(1, 2, dims) + 0.3)


def orthogonal(rows: int, columns: int, seed: int = 1) -> Floats:
    """A random matrix with orthonormal rows."""
    return np.asarray(np.linalg.qr(np.random.default_rng(seed).standard_normal((columns, rows)))[0].T)


def joint(x: Floats, y: Floats, *, centered: bool) -> PairedMoments:
    """The moments of two arrays [rows, p] and [rows, q]."""
    running = RunningMoments(x.shape[1] + y.shape[1])
    running.add(np.concatenate([x, y], axis=1))
    return paired(running.moments(), x.shape[1], centered=centered)


@pytest.mark.parametrize("width", [16, 24])
def test_a_rotated_copy_is_equal_in_every_figure(tmp_path: Path, width: int) -> None:
    """Overlap, CKA, the correlation and all precisions are 1, even for a copy rotated into a wider space."""
    rows = random_rows()
    first, second = pair(tmp_path, rows, 3 * rows @ orthogonal(16, width))
    result = first.compare(second, held_out=60)
    assert (result.overlap, result.cka, result.cosines) == (1, pytest.approx(1), pytest.approx(1))
    assert result.shares == (0,) * 10 + (WORDS,)
    alignment = result.alignment
    assert alignment is not None
    precisions = [alignment.cosine.at_1, alignment.cosine.at_10, alignment.csls.at_1, alignment.csls.at_10]
    assert precisions == [1, 1, 1, 1]
    assert alignment.mean_cosine == alignment.fitted_cosine == pytest.approx(1)
    assert (alignment.fitted, alignment.held_out, alignment.determined) == (WORDS - 60, 60, True)


def test_a_shuffled_copy_is_like_chance(tmp_path: Path) -> None:
    """With rows under other words, every figure is close to its value by chance."""
    rows = random_rows()
    first, second = pair(tmp_path, rows, rows[np.random.default_rng(5).permutation(WORDS)])
    result = first.compare(second)
    assert result.overlap_chance == pytest.approx(10 / (WORDS - 1))
    assert result.overlap == pytest.approx(result.overlap_chance, abs=0.006)
    assert result.cka == pytest.approx(result.cka_chance, abs=0.015)
    assert result.cosines == pytest.approx(0, abs=0.02)
    assert result.alignment is not None
    assert result.alignment.cosine.at_10 <= 0.1
    assert result.alignment.chance.at_10 == pytest.approx(10 / WORDS)


@pytest.mark.parametrize("kind", ["random", "shuffled"])
def test_a_control_is_like_chance(kind: str, run: Run, tmp_path: Path) -> None:
    """`--control` adds an answer whose figures are those of chance."""
    rows = random_rows()
    pair(tmp_path, rows, rows @ orthogonal(16, 16))
    done = run("compare", str(tmp_path / "a"), str(tmp_path / "b"), "--control", kind, "--seed", "3", "--json")
    real, control = json.loads(done.stdout)["answers"]
    assert real["overlap"] == 1
    assert control["spaces"][1]["transform"] == f"control={kind} seed=3"
    assert control["overlap"] == pytest.approx(control["overlap_chance"], abs=0.006)
    assert control["cka"] == pytest.approx(control["cka_chance"], abs=0.015)
    assert control["alignment"]["cosine"]["at_10"] <= 0.1


def test_overlap_in_plain_numpy(tmp_path: Path) -> None:
    """Overlap, bands and the words with the most and least overlap, from all cosines in float64."""
    rows = random_rows()
    first, second = pair(tmp_path, rows, rows + 1.2 * random_rows(seed=2))
    result = first.compare(second, NAMES[7], k=6, top=3, bands=4)
    lists = []
    for space in (first, second):
        units = space.weights.take(np.arange(WORDS))
        units /= np.linalg.norm(units, axis=1, keepdims=True)
        cosines = units @ units.T
        np.fill_diagonal(cosines, -2)
        lists.append(np.argsort(-cosines, axis=1)[:, :6])
    common = np.array([len(set(a) & set(b)) for a, b in zip(*lists, strict=True)])
    assert result.overlap == pytest.approx(common.mean() / 6)
    assert result.shares == tuple(np.bincount(common, minlength=7))
    assert [band.overlap for band in result.bands] == pytest.approx([part.mean() / 6 for part in np.split(common, 4)])
    assert [(band.first, band.last) for band in result.bands] == [(0, 99), (100, 199), (200, 299), (300, 399)]
    assert [word.ids[0] for word in result.least] == np.argsort(common, kind="stable")[:3].tolist()
    assert [word.ids[0] for word in result.most] == np.argsort(-common, kind="stable")[:3].tolist()
    (word,) = result.asked
    assert word.overlap == pytest.approx(common[7] / 6)
    assert [near.text.strip() for near in word.first] == [NAMES[row] for row in lists[0][7]]
    assert [near.text.strip() for near in word.second] == [NAMES[row] for row in lists[1][7]]
    assert [near.in_both for near in word.first] == [row in lists[1][7] for row in lists[0][7]]


def test_cka_is_the_published_formula() -> None:
    """Kornblith et al. 2019, equations 1 and 3 with linear kernels: on Gram matrices with HSIC, and on features."""
    x, y = random_rows(7, words=50), random_rows(5, seed=3, words=50)
    y[:, :3] += x[:, :3]
    result = linear_cka(joint(x, y, centered=True))
    center = np.eye(50) - 1 / 50

    def hsic(k: Floats, other: Floats) -> float:
        return float(np.trace(k @ center @ other @ center)) / 49**2

    gram_x, gram_y = x @ x.T, y @ y.T
    by_gram = hsic(gram_x, gram_y) / np.sqrt(hsic(gram_x, gram_x) * hsic(gram_y, gram_y))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    by_features = np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    assert result is not None
    assert result[0] == pytest.approx(by_gram, rel=1e-12)
    assert result[0] == pytest.approx(by_features, rel=1e-12)


def test_cka_of_small_cases_by_hand() -> None:
    """In one dimension CKA is the squared correlation; uncorrelated columns have 0; constant rows have none."""
    one = np.array([[1.0], [2.0], [3.0]])
    assert linear_cka(joint(one, np.array([[1.0], [2.0], [4.0]]), centered=True)) == pytest.approx((27 / 28, 1 / 2))
    assert linear_cka(joint(one, np.array([[1.0], [-2.0], [1.0]]), centered=True)) == pytest.approx((0, 1 / 2))
    assert linear_cka(joint(one, np.ones((3, 1)), centered=True)) is None


def test_cka_by_chance_is_the_mean_over_all_orders() -> None:
    """The mean over all 720 ways to pair six rows with six others."""
    x, y = random_rows(3, words=6), random_rows(2, seed=4, words=6)
    result = linear_cka(joint(x, y, centered=True))
    every = [linear_cka(joint(x, y[list(order)], centered=True)) for order in itertools.permutations(range(6))]
    assert result is not None
    assert result[1] == pytest.approx(np.mean([one[0] for one in every if one]))


def test_the_correlation_is_over_all_pairs() -> None:
    """NumPy's correlation of the upper triangles of both cosine matrices."""
    x, y = random_rows(7, words=60), random_rows(7, words=60) + random_rows(7, seed=3, words=60)
    units = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (x, y)]
    result = cosine_moments(joint(*units, centered=False))
    upper = np.triu_indices(60, 1)
    cosines = [(rows @ rows.T)[upper] for rows in units]
    assert result.pairs == len(cosines[0])
    assert result.means == pytest.approx([values.mean() for values in cosines])
    assert result.correlation == pytest.approx(np.corrcoef(*cosines)[0, 1], rel=1e-10)
    same = np.repeat([[0.6, 0.8]], 5, axis=0)
    assert cosine_moments(joint(same, same, centered=False)).correlation is None


def test_the_rotation_is_scipys() -> None:
    """SciPy's orthogonal_procrustes; for different widths, with the narrower rows padded with zeros."""
    x, y = random_rows(6), random_rows(6, seed=2)
    assert rotation(x.T @ y) == pytest.approx(scipy.linalg.orthogonal_procrustes(x, y)[0])
    wide = np.concatenate([y, random_rows(3, seed=3)], axis=1)
    padded = np.pad(x, ((0, 0), (0, 3)))
    expected = scipy.linalg.orthogonal_procrustes(padded, wide)[0][:6]
    result = rotation(x.T @ wide)
    assert result == pytest.approx(expected)
    assert result @ result.T == pytest.approx(np.eye(6))
    assert rotation(wide.T @ x) == pytest.approx(result.T)


def test_a_rotation_fitted_on_few_words() -> None:
    """Three words in six dimensions are mapped exactly; vectors orthogonal to all three are mapped to zero."""
    x, turn = random_rows(6)[:3], orthogonal(6, 6)
    result = rotation(x.T @ (x @ turn))
    assert x @ result == pytest.approx(x @ turn)
    assert np.linalg.matrix_rank(result) == 3
    assert scipy.linalg.null_space(x).T @ result == pytest.approx(np.zeros((3, 6)), abs=1e-12)


def test_ranks_are_those_of_the_formula() -> None:
    """By cosine and by CSLS (Conneau et al. 2018), over all rows at once."""
    targets = random_rows(8)
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    right = np.arange(3, 200, 4)
    mapped = targets[right] + 0.6 * random_rows(8, seed=6)[right]
    result = target_ranks(mapped, lambda ids: targets[ids], WORDS, right)
    cosines = (mapped / np.linalg.norm(mapped, axis=1, keepdims=True)) @ targets.T
    near_x = np.sort(cosines, axis=1)[:, -10:].mean(axis=1)
    near_y = np.sort(cosines, axis=0)[-10:].mean(axis=0)
    for ranks, scores in ((result.cosine, cosines), (result.csls, 2 * cosines - near_x[:, None] - near_y)):
        own = scores[np.arange(len(right)), right]
        assert ranks.tolist() == (1 + (scores > own[:, None]).sum(axis=1)).tolist()
        assert 1 < ranks.mean() < 100


def test_equal_rows_do_not_share_a_rank() -> None:
    """Of two equal rows, only the lower one has rank 1, in every block."""
    targets = np.eye(4)[[0, 1, 1, 2]]
    result = target_ranks(targets[[1, 2, 3]], lambda ids: targets[ids], 4, np.array([1, 2, 3]))
    assert result.cosine.tolist() == [1, 2, 1]


def test_words_are_matched_by_text(tmp_path: Path) -> None:
    """A word list with capitals against an uncased vocabulary: each word matches one token, and the rest is counted."""
    listed = tmp_path / "words.vec"
    names = ["Cat", "dog", "DOG", "Paris", "house", "tree", "Xyzzyq", "zero", "café"]
    rows = np.random.default_rng(0).standard_normal((len(names), 4))
    rows[names.index("zero")] = 0
    lines = [f"{name} {' '.join(map(str, row))}" for name, row in zip(names, rows, strict=True)]
    listed.write_text(f"{len(names)} 4\n" + "\n".join(lines) + "\n", encoding="utf-8")
    result = load(listed).compare(load("minilm"), k=2, queries=2)
    assert (result.shared.words, result.shared.other_capitals, result.shared.without_direction) == (6, 3, 1)
    assert result.spaces[0].left_out == 2
    assert result.spaces[1].left_out == 30_522 - 7
    exact = load(listed).compare(load("minilm"), "Dog", k=1, case="exact")
    assert (exact.shared.words, exact.shared.other_capitals) == (3, 0)
    assert exact.asked[0].text.strip() == "dog"
    notes = "\n".join(result.notes)
    assert "words.vec): 2 tokens that B doesn't have" in notes
    assert "3 of the words are matched in other capitals" in notes
    assert "left out: 1 shared words whose row is zero" in notes


def test_a_word_that_one_space_lacks(tmp_path: Path) -> None:
    """A queried word must be a token of both spaces."""
    first, second = pair(tmp_path, random_rows(words=30), random_rows(words=20))
    with pytest.raises(TermError, match=f"'{NAMES[25]}' is not a shared word: it is not one token of .*b"):
        first.compare(second, NAMES[25])
    with pytest.raises(UsageError, match="can't list 20 of 20 shared words"):
        first.compare(second, k=20)
    assert first.compare(second, k=19).overlap == 1


def test_bands_by_counts(tmp_path: Path) -> None:
    """Bands start with the most frequent words; words without a count are in no band."""
    rows = random_rows(words=40)
    noise = np.where(np.arange(40)[:, None] % 2 == 0, 0, 5) * random_rows(seed=2, words=40)
    first, second = pair(tmp_path, rows, rows + noise)
    counts = tmp_path / "counts.tsv"
    lines = [f"{NAMES[at]}\t{1000 - at if at % 2 == 0 else at}" for at in range(30)]
    counts.write_text("# counts\n" + "\n".join(lines) + "\nother 7\n")
    result = first.compare(second, k=3, bands=2, counts=str(counts))
    high, low = (band for band in result.bands if band.by == "count")
    assert (high.first, high.last, high.words) == (1000, 972, 15)
    assert (low.first, low.last, low.words) == (29, 1, 15)
    assert high.overlap > low.overlap
    counts.write_text(f"{NAMES[3]} 5\n")
    one = first.compare(second, k=3, queries=1, counts=str(counts))
    assert {band.by for band in one.bands} == {"id"}
    assert f"'{counts}' counts none of the words compared: raise --queries for bands by count" in one.notes


def test_the_saved_rotation(tmp_path: Path) -> None:
    """SciPy's rotation fitted on the words that are not held out; an existing file is only replaced with force."""
    rows = random_rows()
    first, second = pair(tmp_path, rows, rows @ orthogonal(16, 16) + random_rows(seed=2))
    place = tmp_path / "map.safetensors"
    result = first.compare(second, held_out=50, map_file=place)
    saved = map_file.read(place)
    assert (saved.start.model, saved.end.model) == tuple(space.model for space in result.spaces)
    assert saved.fitted == WORDS - 50
    held_out = np.random.default_rng((0, 2)).permutation(WORDS)[:50]
    fitted = np.delete(np.arange(WORDS), held_out)
    units = [space.weights.take(fitted) / space.weights.norms[fitted, None] for space in (first, second)]
    assert saved.rotation == pytest.approx(scipy.linalg.orthogonal_procrustes(*units)[0], abs=1e-9)
    with pytest.raises(UsageError, match="already exists"):
        first.compare(second, map_file=place)
    first.compare(second, map_file=place, force=True)


def test_transforms_of_one_model(run: Run) -> None:
    """A repeated option applies to A and then B; CKA centers anyway, so that centering doesn't change it."""
    name = str(DATA / "compare" / "first.vec")
    done = run("compare", name, name, "--transform", "none", "--transform", "center", "--json")
    result = json.loads(done.stdout)
    assert done.returncode == 0
    assert "transform" not in result["spaces"][0]
    assert result["spaces"][1]["transform"] == "center"
    assert result["cka"] == pytest.approx(1, abs=1e-6)
    assert result["cosines"] < 0.99
    assert result["shared"]["words"] == 127


def test_a_question_across_models_finds_the_right_word(tmp_path: Path) -> None:
    """In a rotated copy, a word's nearest token is the word itself, although the rotation is fitted without it."""
    rows = random_rows()
    turn = orthogonal(16, 16)
    first, second = pair(tmp_path, rows, rows @ turn)
    result = first.neighbors(NAMES[3], 2, to=second)
    assert [token.text.strip() for token in result] == [NAMES[3], second.neighbors(NAMES[3], 1)[0].text.strip()]
    assert result[0].score == pytest.approx(1)
    assert result.to.model == str(tmp_path / "b")
    assert result.fitted == WORDS - 1
    assert f"without '{NAMES[3]}'" in result.notes[-1]


def test_the_rotation_leaves_out_the_words_of_the_query(tmp_path: Path) -> None:
    """The scores are those of SciPy's rotation, fitted on all other words."""
    rows = random_rows()
    other = rows @ orthogonal(16, 16) + random_rows(seed=2)
    first, second = pair(tmp_path, rows, other)
    x, y = (
        np.delete(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), [5, 8], axis=0) for matrix in (rows, other)
    )
    vector = (rows[5] - rows[8]) @ scipy.linalg.orthogonal_procrustes(x, y)[0]
    cosines = other @ vector / np.linalg.norm(other, axis=1) / np.linalg.norm(vector)
    result = first.neighbors(f"{NAMES[5]} - {NAMES[8]}", 4, to=second)
    assert [token.text.strip() for token in result] == [NAMES[row] for row in np.argsort(-cosines)[:4]]
    assert [token.score for token in result] == pytest.approx(np.sort(cosines)[:-5:-1], abs=1e-6)


def test_a_saved_map_opens_the_model_that_it_leads_to(tmp_path: Path, run: Run) -> None:
    """`neighbors --through FILE` needs no --to; the file may start with @, as for directions."""
    rows = random_rows()
    first, second = pair(tmp_path, rows, rows @ orthogonal(16, 24))
    place = tmp_path / "map.safetensors"
    first.compare(second, map_file=place)
    result = first.neighbors(NAMES[3], 1, through=place)
    assert (result[0].text.strip(), result.to.model, result.through) == (NAMES[3], str(tmp_path / "b"), str(place))
    assert result.notes == ()
    done = run(
        "neighbors", NAMES[3], NAMES[4], "-k", "1", "-m", str(tmp_path / "a"), "--through", f"@{place}", "--json"
    )
    assert [one["results"][0]["text"].strip() for one in json.loads(done.stdout)["answers"]] == NAMES[3:5]
    with pytest.raises(TermError, match="leads from 16 to 24 dimensions, and these have 24 and 24"):
        second.neighbors(NAMES[3], through=place)
    other = load(write_model(tmp_path / "c", rows, NAMES))
    assert (
        f"leads from {tmp_path / 'a'}, and is used from {tmp_path / 'c'}"
        in other.neighbors("id:1", through=place).notes[0]
    )


def test_a_saved_map_opens_a_layer_or_a_control_again(tmp_path: Path) -> None:
    """The file alone is enough to open the words of a layer or a control that the map leads to."""
    words = lettered(tmp_path, "bert")
    place = tmp_path / "map.safetensors"
    for end in (words.words_at_layer(1), words.control("shuffled", seed=3), words.control()):
        words.compare(end, k=3, map_file=place, force=True)
        result = words.neighbors("id:5", 4, through=place)
        assert result.to.transform == end.manifest.transform
        assert result.results == words.neighbors("id:5", 4, through=place, to=end).results
        assert not [note for note in result.notes if "is used to" in note]


def test_a_saved_map_opens_a_tensor_again(tmp_path: Path) -> None:
    """A map to a matrix that was chosen by name leads to that matrix; a note warns if another one is used."""
    rows, place = random_rows(), tmp_path / "map.safetensors"
    folder = write_model(tmp_path / "model", rows, NAMES)
    head = file_head({"wte.weight": ("F32", rows.shape), "other.weight": ("F32", rows.shape)}, {})
    turned = (rows @ orthogonal(16, 16)).astype("<f4")
    (folder / "model.safetensors").write_bytes(head + rows.astype("<f4").tobytes() + turned.tobytes())
    first, other = load(folder), load(folder, tensor="other.weight")
    first.compare(other, map_file=place)
    result = first.neighbors(NAMES[3], 4, through=place)
    assert result.results == first.neighbors(NAMES[3], 4, through=place, to=other).results
    assert result[0].score == pytest.approx(1, abs=1e-5)
    assert result.notes[-1] == "the tensor other.weight answers"
    (note,) = (one for one in first.neighbors(NAMES[3], 4, through=place, to=first).notes if "is used to" in one)
    assert "(tensor other.weight), and is used to" in note
    assert note.endswith("(tensor wte.weight)")


def test_refused_maps(tmp_path: Path) -> None:
    """A missing file, another safetensors file, and options that don't apply across spaces."""
    first, _ = pair(tmp_path, random_rows(), random_rows())
    with pytest.raises(UsageError, match="can't read map"):
        first.neighbors(NAMES[0], through="nowhere")
    with pytest.raises(FormatError, match="is not a saved map"):
        first.neighbors(NAMES[0], through=tmp_path / "a" / "model.safetensors")
    with pytest.raises(UsageError, match="another space is searched by cosine"):
        first.neighbors(NAMES[0], to=first, metric="dot")


def test_changed_rows(tmp_path: Path) -> None:
    """Three changed rows, two of them along one direction: distances and the spectrum of the changes."""
    rows = random_rows()
    after = rows.copy()
    step = np.eye(16)[2]
    after[5] += 3 * step
    after[9] += 1.5 * step
    after[17] -= 0.5 * np.eye(16)[4]
    first, second = pair(tmp_path, rows, after)
    result = first.compare_rows(second, 2)
    assert (result.words, result.changed, result.dimensions) == (WORDS, 3, 16)
    assert (result.median, result.farthest) == (pytest.approx(1.5), pytest.approx(3))
    assert [row.ids for row in result.rows] == [(5, 5), (9, 9)]
    assert result.rows[0].relative == pytest.approx(3 / np.linalg.norm(rows[5]))
    assert result.rows[0].cosine == pytest.approx(
        rows[5] @ after[5] / np.linalg.norm(rows[5]) / np.linalg.norm(after[5])
    )
    energies = np.array([9 + 2.25, 0.25])
    assert [move.share for move in result.moves] == pytest.approx(energies / energies.sum())
    assert [(word.text.strip(), word.along) for word in result.moves[0].ahead] == [
        (NAMES[5], pytest.approx(3)), (NAMES[9], pytest.approx(1.5))
    ]  # fmt: skip
    assert result.moves[0].against == ()
    assert result.shift == pytest.approx((4.5**2 + 0.5**2) / 3 / energies.sum())
    assert result.effective == pytest.approx(energies.sum() ** 2 / (energies**2).sum())
    assert result.components_90 == 1


def test_a_common_shift_is_one_direction(tmp_path: Path) -> None:
    """The same change of every row is one shift along one direction."""
    rows = random_rows()
    first, second = pair(tmp_path, rows, rows + 0.25)
    result = first.compare_rows(second)
    assert (result.changed, result.shift, result.effective) == (WORDS, pytest.approx(1), pytest.approx(1))
    assert result.median == result.farthest == pytest.approx(1)


def test_equal_rows_have_not_changed(tmp_path: Path) -> None:
    """Equal rows have no distances and no directions; rows of another width are an error."""
    first, second = pair(tmp_path, random_rows(), random_rows())
    result = first.compare_rows(second)
    assert (result.changed, result.moves, result.rows) == (0, (), ())
    assert {result.median, result.farthest, result.relative, result.shift, result.effective, result.components_90} == {
        None
    }
    wide = load(write_model(tmp_path / "c", random_rows(17), NAMES))
    with pytest.raises(UsageError, match="rows of 16 and of 17 numbers have no difference"):
        first.compare_rows(wide)


@pytest.mark.slow
def test_rounding_has_no_direction(minilm: EmbeddingSpace, minilm_float32: EmbeddingSpace) -> None:
    """The bundled float16 rows differ from the published float32 ones by little, in all directions alike."""
    result = minilm_float32.compare_rows(minilm)
    assert result.relative is not None
    assert result.effective is not None
    assert result.relative < 2**-11
    assert result.effective > 370
    assert "the rows are F32 and F16: rounding alone may change them" in result.notes


def test_layers_of_one_model(tmp_path: Path, run: Run) -> None:
    """A word's row at a layer is the normalized mean of its tokens' states when it is run alone."""
    space = lettered(tmp_path, "bert")
    at = [space.words_at_layer(layer) for layer in (0, 2)]
    words = [token.strip() for token in (at[0].vocabulary.token(row).text for row in range(at[0].shape[0]))]
    for layer, one in zip((0, 2), at, strict=True):
        for word in words[:5]:
            states = space.hidden_states(word, special=True)[layer]
            own = states[1:-1].mean(axis=0) if len(states) > 2 else states.mean(axis=0)  # without [CLS] and [SEP]
            assert one.vector(word).values == pytest.approx(own / np.linalg.norm(own), abs=1e-3)
    result = at[0].compare(at[1], k=2)
    assert [one.transform for one in result.spaces] == ["layer=0", "layer=2"]
    assert result.shared.words == len(words)
    done = run("compare", str(tmp_path), str(tmp_path), "--layer", "0", "--layer", "2", "-k", "2", "--json")
    assert json.loads(done.stdout)["overlap"] == result.overlap
    with pytest.raises(UsageError, match="no such layers: '9'; they go from 0 to"):
        space.words_at_layer(9)
