"""Lists of tokens: parts of longer words are omitted by default, and the query's own tokens are reported."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

import vocabularies
from conftest import Run, SpaceOf
from counting import with_read_count
from embgeo import EmbeddingSpace
from embgeo.numerics.dtypes import F64
from embgeo.questions.ranking import ListOptions

LISTS = [
    "neighbors king", "neighbors 'king - man + woman'", "neighbors nurse --without 'woman - man'",
    "analogy king man woman", "direction cats cat", "positions cat --at 5", "between king queen --steps 2",
]  # fmt: skip


def pieces_of(space: EmbeddingSpace) -> list[str]:
    """The pieces of all rows."""
    return [space.vocabulary.token(row).piece for row in range(len(space))]


def parts_of(kind: str, folder: Path) -> set[str]:
    """The pieces that a kind of tokenizer marks as parts of longer words."""
    table = vocabularies.read(vocabularies.KINDS[kind](), folder)
    return {table.pieces[row].decode() for row in np.flatnonzero(table.continuations()).tolist()}


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("wordpiece", {"##dog", "##s", "##cat", "##ing", "##a"}),
        ("unigram", set()),
        ("byte-level", set()),
        ("byte-fallback", set()),
        ("word-level", set()),
    ],
)
def test_tokens_that_are_parts_of_words(kind: str, parts: set[str], tmp_path: Path) -> None:
    """Only ## marks a part of a word; other tokenizers have no such mark."""
    assert parts_of(kind, tmp_path) == parts


@pytest.mark.parametrize("kind", ["clip", "end-of-word"])
def test_parts_of_words_with_an_end_mark(kind: str, tmp_path: Path) -> None:
    """A piece without </w> is a part, except for control tokens and the space."""
    tokenizer = vocabularies.KINDS[kind]()
    control = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    marked = {piece for piece in tokenizer.get_vocab() if not piece.endswith("</w>")}
    assert parts_of(kind, tmp_path) == marked - control - {"Ġ"}  # a space isn't part of a word
    assert "ca" in marked


def test_parts_of_minilm(minilm: EmbeddingSpace) -> None:
    """All of the 30,522 tokens, by their pieces; `##` alone isn't a part."""
    marked = [piece.startswith("##") and len(piece) > 2 for piece in pieces_of(minilm)]
    assert minilm.vocabulary.continuations.tolist() == marked
    assert sum(marked) == 5828


def cosines(space: EmbeddingSpace, vector: F64) -> F64:
    """The cosine [rows] of every row with a vector [dims]."""
    rows = np.asarray(space.matrix, np.float64)  # [rows, dims]
    return rows @ vector / (np.linalg.norm(rows, axis=1) * np.linalg.norm(vector))


def test_lists_by_hand(minilm: EmbeddingSpace) -> None:
    """Eight neighbors of sushi without parts, with parts, and raw, as in float64 NumPy."""
    own = minilm.vector("sushi").term.tokens
    found = cosines(minilm, np.asarray(minilm.vector("sushi"), np.float64))
    order = [row for row in np.argsort(-found, kind="stable").tolist() if row not in {token.id for token in own}]
    pieces = pieces_of(minilm)
    bare = [piece.removeprefix("##").casefold() for piece in pieces]
    gone = {bare[token.id] for token in own}
    with_parts = list({bare[row]: row for row in order[200::-1] if bare[row] not in gone}.values())[::-1]
    whole = [row for row in order if not pieces[row].startswith("##") and bare[row] not in gone]
    assert [token.id for token in minilm.neighbors("sushi", 8)] == whole[:8]
    assert [token.id for token in minilm.neighbors("sushi", 8, pieces=True)] == sorted(
        with_parts, key=lambda row: -found[row]
    )[:8]
    assert [token.id for token in minilm.neighbors("sushi", 8, raw=True)] == order[:8]
    assert any(pieces[row].startswith("##") for row in order[:8])


@pytest.mark.parametrize("command", LISTS)
@pytest.mark.slow
def test_pieces_and_raw(command: str, run: Run) -> None:
    """Lists have parts of words only with --pieces or --raw, and the table and JSON say so."""
    line = [*shlex.split(command), "-k", "60", "-m", "minilm"]
    texts = {}
    for option in ((), ("--pieces",), ("--raw",), ("--words", "--pieces")):
        answer = json.loads(run(*line, *option, "--json").stdout)
        lists = [answer.get("results", ()), answer.get("top", ()), answer.get("bottom", ())]
        lists += [point["results"] for point in answer.get("points", ())]
        texts[option] = [one["piece"] for tokens in lists for one in tokens]
        assert answer["pieces"] is (option in {("--pieces",), ("--raw",)})
    has = {option: any(piece.startswith("##") for piece in pieces) for option, pieces in texts.items()}
    assert has == {(): False, ("--pieces",): True, ("--raw",): True, ("--words", "--pieces"): False}
    assert "no pieces" in run(*line).stdout.replace("\n", " ")
    assert "no pieces" not in run(*line, "--pieces").stdout.replace("\n", " ")


@pytest.mark.slow
def test_a_graph_of_neighbors_omits_parts(minilm: EmbeddingSpace) -> None:
    """Neighbors and their neighbors are whole words by default, and the picture says so."""
    whole, every = (minilm.plot_neighbors("sushi", 60, pieces=pieces) for pieces in (False, True))
    assert [any(node.piece.startswith("##") for node in plot.nodes) for plot in (whole, every)] == [False, True]
    assert (whole.pieces, every.pieces) == (False, True)
    assert ["no pieces" in plot.svg() for plot in (whole, every)] == [True, False]


def test_vocabularies_without_marks_list_everything(space_of: SpaceOf) -> None:
    """Without marks nothing is omitted, and `pieces` is None."""
    answer = space_of({"a": (1.0, 0.0), "b": (3.0, 0.1), "##b": (1.0, 0.2)}).neighbors("a")
    assert answer.pieces is None
    assert [one.text.strip() for one in answer] == ["b", "##b"]


def test_scores_count_all_rows(run: Run) -> None:
    """An answer without a list omits nothing."""
    answer = json.loads(run("direction", "cats", "cat", "--score", "one", "-m", "minilm", "--json").stdout)
    assert answer["pieces"] is None


def test_an_expression_reports_its_excluded_inputs(minilm: EmbeddingSpace, run: Run) -> None:
    """King - man + woman: each input with its cosine and its rank among whole words, as in NumPy."""
    vector = sum(sign * np.asarray(minilm[word], np.float64) for sign, word in ((1, "king"), (-1, "man"), (1, "woman")))
    found = cosines(minilm, vector)
    pieces = pieces_of(minilm)
    answer = minilm.neighbors("king - man + woman")
    assert [left.text for left in answer.excluded] == ["king", "woman", "man"]
    for left in answer.excluded:
        better = {pieces[row].casefold() for row in np.flatnonzero(found > found[left.id]).tolist()}
        assert left.rank == 1 + len({piece for piece in better if not piece.startswith("##")} - {left.text})
        assert left.score == pytest.approx(found[left.id], abs=1e-6)
    shown = run("neighbors", "king - man + woman", "-m", "minilm").stdout
    assert "left out: king 0.6661 would be first, woman 0.4515 would be 4th" in shown
    alone = run("neighbors", "cat", "-m", "minilm").stdout
    assert "left out" not in alone  # a word is always nearest to itself


def test_scores_of_excluded_inputs(space_of: SpaceOf) -> None:
    """An input's Euclidean distance is 0, and by dot product a longer row may rank before it."""
    space = space_of({"a": (1.0, 0.0), "b": (3.0, 0.0), "c": (0.0, 1.0)})
    assert [(one.score, one.rank) for one in space.neighbors("a", metric="euclidean").excluded] == [(0.0, 1)]
    assert [(one.score, one.rank) for one in space.neighbors("a", metric="dot").excluded] == [(1.0, 2)]


def test_keep_inputs(minilm: EmbeddingSpace, run: Run) -> None:
    """The inputs are listed at the ranks that `excluded` reports without the option."""
    expected = {left.text: left.rank for left in minilm.neighbors("king - man + woman").excluded}
    answer = json.loads(run("neighbors", "king - man + woman", "--keep-inputs", "-m", "minilm", "--json").stdout)
    assert answer["excluded"] == []
    ranks = {one["text"]: one["rank"] for one in answer["results"]}
    assert (ranks["king"], ranks["woman"]) == (expected["king"], expected["woman"]) == (1, 4)
    with_nurse = minilm.neighbors("nurse", without="woman - man", keep_inputs=True)
    assert with_nurse[0].text == "nurse"
    assert minilm.neighbors("nurse", without="woman - man").excluded[0].text == "nurse"


@pytest.mark.parametrize("options", [ListOptions(20), ListOptions(20, pieces=True), ListOptions(60, raw=True)])
@pytest.mark.parametrize("keep_inputs", [False, True])
@pytest.mark.slow
def test_a_batch_gives_the_same_lists(minilm: EmbeddingSpace, options: ListOptions, *, keep_inputs: bool) -> None:
    """As single queries do, except that a rank beyond the end of the list is None."""
    terms = ["cat", "sushi", "embeddings", "king - man + woman", "paris - france + italy", "id:7000"]
    many = minilm.neighbors_batch(terms, 20 if options.k == 20 else 60, keep_inputs=keep_inputs, raw=options.raw,
                                  pieces=options.pieces)  # fmt: skip
    for term, found in zip(terms, many, strict=True):
        alone = minilm.neighbors(term, keep_inputs=keep_inputs, **options._asdict())
        assert found.results == alone.results  # type: ignore[union-attr]  # no error
        assert found.pieces == alone.pieces  # type: ignore[union-attr]
        places = {left.id: left for left in alone.excluded}
        for left in found.excluded:  # type: ignore[union-attr]
            assert left.score == places[left.id].score
            assert left.rank == places[left.id].rank or (left.rank is None and places[left.id].rank > len(alone))  # type: ignore[operator]
        assert len(found.excluded) == len(places)  # type: ignore[union-attr]


def test_neighbors_take_one_pass(minilm: EmbeddingSpace) -> None:
    """The list and the ranks of excluded inputs need one pass over the matrix, and some rows again."""
    space, rows = with_read_count(minilm)
    space.neighbors("king - man + woman")
    assert len(minilm) <= rows.read < 1.1 * len(minilm)
